"""Approvals' own handler: an approver's answer to what waits for a decision."""

from __future__ import annotations

from approvals import verbs as approvals
from messaging.models import Message


def answers(message: Message) -> bool:
    """Take what an approver writes about candidates; everything else is left to the others."""
    return approvals.answer(message=message)
