"""Put a message into the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from common import context
from common.text.plain import clean
from common.work.queue import enqueue
from messaging.models import Conversation, Direction, Message, Purpose
from messaging.models.conversations import PausedBy
from messaging.providers.base import Kind
from messaging.services.previews import show_outbound
from messaging.services.takeover import lock_conversation, pause

# What a person did not request one by one: stopped by an opt-out.


class SendRefused(Exception):
    """The message may not be sent: the conversation is paused or the person opted out. `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@transaction.atomic
def send(
    *,
    conversation: Conversation,
    text: str,
    purpose: Purpose,
    dedupe_key: str,
    kind: Kind = Kind.TEXT,
    data: Mapping[str, Any] | None = None,
    reply_to: str = "",
    author: str = "",
    scheduled_at: datetime | None = None,
) -> Message:
    """Queue a message; the same `dedupe_key` again returns the first one.

    An operator's message pauses the assistant, unless it is scheduled: then nobody has taken over yet. Raises
    SendRefused for the assistant's messages while a person has the conversation, and for automatic messages to somebody
    who opted out.
    """
    row = lock_conversation(conversation)
    rules = Purpose(purpose).rules
    if not rules.passes_fence and row.is_paused:
        raise SendRefused("paused")
    if rules.stops_on_opt_out and row.contact.opted_out_at is not None:
        raise SendRefused("opted out")
    message = add_to_outbox(
        conversation=row,
        text=text,
        purpose=purpose,
        dedupe_key=dedupe_key,
        kind=kind,
        data=dict(data or {}),
        reply_to=reply_to,
        author=author[:100],
        scheduled_at=scheduled_at,
    )
    if purpose == Purpose.OPERATOR and message.is_new and scheduled_at is None:
        pause(conversation=row, by=PausedBy.OPERATOR, actor=author)
    return message


def add_to_outbox(
    *, conversation: Conversation, text: str, dedupe_key: str, scheduled_at: datetime | None = None, **fields: Any
) -> Message:
    """Add a message to the outbox of a conversation that the caller has locked and checked."""
    message = Message.objects.insert_once(
        conversation=conversation,
        channel=conversation.channel,
        tenant=conversation.tenant,
        direction=Direction.OUT,
        text=clean(text),
        fence=conversation.fence,
        dedupe_key=dedupe_key,
        **({"scheduled_at": scheduled_at, "due_at": scheduled_at} if scheduled_at is not None else {}),
        request_id=context.current().request_id,
        traceparent=context.current().traceparent,
        **fields,
    )
    if message is None:
        first: Message = Message.objects.get(channel_id=conversation.channel_id, dedupe_key=dedupe_key)
        return first
    message.is_new = True
    if scheduled_at is None:
        show_outbound(message=message)
        # The relay finds a scheduled message when it is due.
        enqueue("messaging.deliver_bulk" if message.rules.is_bulk else "messaging.deliver", message.pk)
    return message
