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
from messaging.services.previews import note_outbound
from messaging.services.takeover import lock, pause

# What a person did not ask for one by one: stopped by an opt-out.
AUTOMATIC = (Purpose.ASSISTANT, Purpose.REMINDER)


class Refused(Exception):
    """The message may not be written: the conversation is paused or the person opted out. `reason` says which."""

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
    """Queue a message; the same `dedupe_key` a second time returns the first one.

    What an operator sends pauses the assistant, unless it is to go at a later time: nobody has taken over then.
    Raises Refused for the assistant's words while a person has the conversation, and for automatic messages to somebody
    who opted out.
    """
    row = lock(conversation)
    if purpose == Purpose.ASSISTANT and row.is_paused:
        raise Refused("paused")
    if purpose in AUTOMATIC and row.contact.opted_out_at is not None:
        raise Refused("opted out")
    message = put(
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


def put(
    *, conversation: Conversation, text: str, dedupe_key: str, scheduled_at: datetime | None = None, **fields: Any
) -> Message:
    """Write a message into the outbox of a conversation that the caller has locked, and asked whether it may."""
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
        note_outbound(message=message)
        # One for later is found by the relay when it is due.
        enqueue("messaging.deliver_bulk" if message.purpose == Purpose.REMINDER else "messaging.deliver", message.pk)
    return message
