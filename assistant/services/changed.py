"""A customer has changed or taken back what the assistant was asked."""

from __future__ import annotations

from assistant.models import Turn
from assistant.services import budget
from common.work.rows import CLAIMABLE, State
from messaging import services as messaging
from messaging.models import Direction, Message
from messaging.providers.base import Kind

REASON = "the customer changed the question"


def forget_the_question(*, message: Message) -> Message | None:
    """End the answer in the making, and take back what waits in the outbox; the conversation's row must be locked.

    Returns the newest message of the customer, for which the answer is to be made anew; None when nothing is left to
    answer.
    """
    conversation = messaging.fence(conversation=message.conversation, reason=REASON)
    active = Turn.objects.filter(
        conversation=conversation, state__in=[*CLAIMABLE, State.WORKING], is_suggestion=False
    ).select_for_update(no_key=True)
    for turn in active:
        budget.take_back(turn=turn)
        Turn.objects.filter(pk=turn.pk).update(state=State.IGNORED, token=None, lease_until=None, last_error=REASON)
    if message.deleted_at is not None and conversation.waiting_since is None:
        return None
    rows = Message.objects.filter(conversation=conversation, direction=Direction.IN, deleted_at=None)
    newest: Message | None = rows.exclude(kind__in=(Kind.REACTION, Kind.SYSTEM)).order_by("-pk").first()
    if newest is not None:
        newest.conversation = conversation
    return newest
