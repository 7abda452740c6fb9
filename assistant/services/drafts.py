"""An answer as it is kept on the turn, between the model and the outbox."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.services.answers import Answer


@dataclass(frozen=True)
class Draft:
    """What is to be said, and what the turn does at its end."""

    bubbles: list[str]
    is_silent: bool = False
    hand_over: str = ""
    is_asked_for: bool = False
    outcome: str = "replied"
    sources: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)  # under the bubble that asks
    question: str = ""


def as_draft(made: Answer) -> dict[str, Any]:
    """The part of an answer that is kept as the draft."""
    draft = Draft(
        bubbles=made.bubbles,
        is_silent=made.is_silent,
        hand_over=made.hand_over,
        is_asked_for=made.is_asked_for,
        outcome=made.outcome,
        sources=made.sources,
        choices=made.choices,
        buttons=made.buttons,
        question=made.question,
    )
    return asdict(draft)
