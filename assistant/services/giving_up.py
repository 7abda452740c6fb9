"""The end of a turn that cannot be finished: the customer is told, and a person is asked."""

from __future__ import annotations

import logging

from django.db import transaction

from assistant.models import Turn
from assistant.queries import profile_of
from assistant.services import budget
from assistant.services.answers import fallback
from assistant.services.drafts import Draft
from assistant.services.saying import hand_over
from common.work.rows import State
from messaging.services.takeover import lock

logger = logging.getLogger("frontdesk.assistant")


@transaction.atomic
def give_up(turn: Turn, error: str) -> None:
    """Say the fixed sentence once, hand the conversation to a person, and leave the turn dead with its reason."""
    conversation = lock(turn.conversation)
    budget.release(turn=turn)
    if conversation.is_paused or turn.fence != conversation.fence or conversation.contact.opted_out_at is not None:
        turn.settle(State.IGNORED, reason=error)
        return
    made = fallback(turn, profile_of(turn.tenant), hand_over="the assistant failed")
    hand_over(turn, conversation, Draft(bubbles=made.bubbles, hand_over=made.hand_over))
    turn.settle(State.DEAD, reason=error, outcome="fallback")
    logger.error("turn_dead", extra={"tenant_id": turn.tenant_id, "turn_id": turn.pk})
