"""Approvals' own handler: an approver's answer to what waits for a decision."""

from __future__ import annotations

from approvals import services as approvals
from approvals.queries import is_an_approvers
from messaging import services as messaging
from messaging.handlers import only_where
from messaging.models import Message


@only_where(is_an_approvers)
def answers(message: Message) -> bool:
    """Take what an approver writes about candidates; everything else is left to the others, as a customer's."""
    taken = approvals.answer(message=message)
    messaging.note_kind(conversation=message.conversation, is_internal=taken)
    return taken
