"""Write buttons as text for providers that have none, and shorten labels that are too long for a button."""

from __future__ import annotations

from collections.abc import Sequence

from messaging.providers.base import Button


def short(label: str, length: int) -> str:
    """Return the label, shortened with an ellipsis when it is too long."""
    return label if len(label) <= length else f"{label[: length - 1].rstrip()}…"


def numbered(text: str, buttons: Sequence[Button]) -> str:
    """Return the text with the choices as numbered lines under it."""
    lines = [f"{position}. {button.title}" for position, button in enumerate(buttons, start=1)]
    return "\n\n".join(part for part in (text, "\n".join(lines)) if part)
