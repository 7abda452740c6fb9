"""Put what a turn came to into the outbox; the conversation's row must be locked."""

from __future__ import annotations

from typing import Any

from assistant.models import Turn
from assistant.services.choices import buttons
from assistant.services.drafts import Draft
from common.text.plain import fold
from messaging import services as messaging
from messaging.models import Conversation, Purpose
from messaging.models.conversations import PausedBy


def put_out(turn: Turn, conversation: Conversation, draft: Draft) -> str:
    """Send the bubbles, or hand over; returns the turn's outcome."""
    if conversation.is_paused:
        return "paused"
    if conversation.contact.opted_out_at is not None:
        return "opted out"
    if draft.hand_over:
        return hand_over(turn, conversation, draft)
    if draft.is_silent:
        messaging.note_answered(conversation=conversation)
        return "silent"
    asking = _asking(draft)
    for number, bubble in enumerate(draft.bubbles):
        is_last = number == len(draft.bubbles) - 1
        offered = buttons(turn, draft.choices) if is_last else {}
        if draft.buttons and number == asking:
            offered = {"buttons": draft.buttons}
        messaging.put(
            conversation=conversation,
            text=bubble,
            purpose=Purpose.ASSISTANT,
            dedupe_key=f"turn:{turn.pk}:{number}",
            author="assistant",
            data=_answers(turn) | offered,
        )
    return draft.outcome


def _asking(draft: Draft) -> int:
    """The bubble under which the buttons stand: the one with their question, or else the first that asks anything."""
    first_line = fold(draft.question.partition("\n")[0])
    said = [fold(bubble) for bubble in draft.bubbles]
    own = [number for number, bubble in enumerate(said) if first_line and first_line in bubble]
    return next(iter(own or [number for number, bubble in enumerate(draft.bubbles) if "?" in bubble]), 0)


def hand_over(turn: Turn, conversation: Conversation, draft: Draft) -> str:
    """Pause the assistant and send the draft, which says so; returns the turn's outcome.

    The pause comes first and the messages are notices: they pass the fence that they announce, and a person who takes
    over before they are sent takes them back with everything else that the assistant had queued.
    """
    by = PausedBy.CUSTOMER if draft.is_asked_for else PausedBy.ASSISTANT
    messaging.pause(conversation=conversation, by=by, actor="assistant", reason=draft.hand_over)
    for number, bubble in enumerate(draft.bubbles):
        messaging.send(
            conversation=conversation,
            text=bubble,
            purpose=Purpose.NOTICE,
            dedupe_key=f"turn:{turn.pk}:{number}",
            author="assistant",
            data=_answers(turn),
        )
    return "handed_over" if draft.outcome == "replied" else draft.outcome


def _answers(turn: Turn) -> dict[str, Any]:
    """The newest message that these words have seen: in a prompt they stand before those that came later."""
    return {} if turn.draft_for is None else {"has_seen": turn.draft_for}
