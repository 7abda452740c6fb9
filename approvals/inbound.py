"""The inbound handler of approvals."""

from __future__ import annotations

from approvals import services as approvals
from approvals.queries import is_approvers_conversation
from messaging import services as messaging
from messaging.handlers import only_where
from messaging.models import Message


@only_where(is_approvers_conversation)
def answers(message: Message) -> bool:
    """Handle an approver's message about candidates; returns False for everything else, which other handlers get."""
    taken = approvals.handle_answer(message=message)
    messaging.set_internal(conversation=message.conversation, is_internal=taken)
    return taken
