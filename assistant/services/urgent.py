"""Emergencies: whoever thinks, a line that reads like one goes to a person at once."""

from __future__ import annotations

from assistant.matching.emergencies import is_emergency
from assistant.models import AssistantProfile, Turn
from assistant.providers.sentences import wording
from assistant.services.answers import Answer, bubbles_of, in_one
from assistant.services.prompt import Reading

URGENT = "urgent: it reads like an emergency"


def is_urgent(profile: AssistantProfile, text: str) -> bool:
    """Whether the business watches for emergencies and a text reads like one."""
    return profile.watches_emergencies and is_emergency(text)


def urgent_answer(turn: Turn, profile: AssistantProfile, reading: Reading) -> Answer | None:
    """A hand-over with what is written down for an emergency; None when there is none, or nobody watches for them.

    A suggestion hands nothing over.
    """
    if turn.is_suggestion or not profile.watches_emergencies:
        return None
    if not any(is_emergency(text) for text in (reading.newest, *reading.waiting)):
        return None
    language = reading.prompt.language[:2].lower()
    entry = reading.written.for_emergency(language)
    sentence = wording("urgent", language)
    said = bubbles_of(turn, profile, entry.content) if entry is not None else None
    sources = [{"id": entry.pk, "title": entry.title}] if entry is not None else []
    bubbles = in_one([*(said or []), sentence], turn.conversation)
    return Answer(bubbles=bubbles, hand_over=URGENT, provider="offline", model="rules", sources=sources)
