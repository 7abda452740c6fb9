"""Put the result of a turn into the outbox; the conversation's row must be locked."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

from assistant.models import Turn
from assistant.queries import profile_of
from assistant.services import budget
from assistant.services.answers import Draft, choice_buttons, fallback_answer
from common.text.plain import fold
from common.work.rows import CLAIMABLE, State
from messaging import services as messaging
from messaging.models import Conversation, Direction, Message, Purpose
from messaging.models.conversations import PausedBy
from messaging.providers.base import Kind
from messaging.services.takeover import lock_conversation


def send_draft(turn: Turn, conversation: Conversation, draft: Draft) -> str:
    """Send the bubbles, or hand over; returns the turn's outcome."""
    if conversation.is_paused:
        return "paused"
    if conversation.contact.opted_out_at is not None:
        return "opted out"
    if draft.hand_over:
        return hand_over(turn, conversation, draft)
    if draft.is_silent:
        messaging.clear_waiting(conversation=conversation)
        return "silent"
    asking = _asking(draft)
    for number, bubble in enumerate(draft.bubbles):
        is_last = number == len(draft.bubbles) - 1
        offered = choice_buttons(turn, draft.choices) if is_last else {}
        if draft.buttons and number == asking:
            offered = {"buttons": draft.buttons}
        messaging.add_to_outbox(
            conversation=conversation,
            text=bubble,
            purpose=Purpose.ASSISTANT,
            dedupe_key=f"turn:{turn.pk}:{number}",
            author="assistant",
            data=_answers(turn) | offered,
        )
    return draft.outcome


def _asking(draft: Draft) -> int:
    """Return the bubble under which the buttons stand.

    The one with their question, or else the first with a question.
    """
    first_line = fold(draft.question.partition("\n")[0])
    said = [fold(bubble) for bubble in draft.bubbles]
    own = [number for number, bubble in enumerate(said) if first_line and first_line in bubble]
    return next(iter(own or [number for number, bubble in enumerate(draft.bubbles) if "?" in bubble]), 0)


def hand_over(turn: Turn, conversation: Conversation, draft: Draft) -> str:
    """Pause the assistant and send the draft, which says so; returns the turn's outcome.

    The pause comes first and the messages are notices: they pass the fence that they announce, and a person who takes
    over before they are sent withdraws them with everything else that the assistant had queued.
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
    """Return the turn, and the newest message that its answer has read: in a prompt it comes before later messages."""
    return {"turn": turn.pk} | ({} if turn.draft_for is None else {"has_seen": turn.draft_for})


logger = logging.getLogger("frontdesk.assistant")


@transaction.atomic
def give_up(turn: Turn, error: str) -> None:
    """Send the fallback sentence once, hand the conversation to a person, and set the turn dead with its reason."""
    conversation = lock_conversation(turn.conversation)
    budget.release(turn=turn)
    if conversation.is_paused or turn.fence != conversation.fence or conversation.contact.opted_out_at is not None:
        turn.settle(State.IGNORED, reason=error)
        return
    made = fallback_answer(turn, profile_of(turn.tenant), hand_over="the assistant failed")
    hand_over(turn, conversation, Draft(bubbles=made.bubbles, hand_over=made.hand_over))
    turn.settle(State.DEAD, reason=error, outcome="fallback")
    logger.error("turn_dead", extra={"tenant_id": turn.tenant_id, "turn_id": turn.pk})


REASON = "the customer changed the question"


def discard_answer(*, message: Message) -> Message | None:
    """End the running turn, and discard its messages in the outbox; the conversation's row must be locked.

    Returns the customer's newest message, for which a new turn is needed; None when nothing is left to answer.
    """
    conversation = messaging.raise_fence(conversation=message.conversation, reason=REASON)
    active = Turn.objects.filter(
        conversation=conversation, state__in=[*CLAIMABLE, State.WORKING], is_suggestion=False
    ).select_for_update(no_key=True)
    for turn in active:
        budget.release_locked(turn=turn)
        Turn.objects.filter(pk=turn.pk).update(state=State.IGNORED, token=None, lease_until=None, last_error=REASON)
    if message.deleted_at is not None and conversation.waiting_since is None:
        return None
    rows = Message.objects.filter(conversation=conversation, direction=Direction.IN, deleted_at=None)
    newest: Message | None = rows.exclude(kind__in=(Kind.REACTION, Kind.SYSTEM)).order_by("-pk").first()
    if newest is not None:
        newest.conversation = conversation
    return newest
