"""Conversations to send in."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from messaging import services as messaging
from messaging.models import Channel, Conversation, Message, Purpose
from messaging.providers.base import Address, AddressKind, InboundMessage, Person


@pytest.fixture
def inbound() -> Callable[..., InboundMessage]:
    """A customer's text, as a provider would have parsed it."""

    def make(channel: Channel, text: str = "Hello", *, external_id: str = "", phone: str = "+15550100111", **more: Any):
        digits = phone.removeprefix("+")
        recipient = f"whatsapp:{phone}" if channel.provider == "twilio" else digits
        if channel.provider == "imessage":
            recipient = phone
        return InboundMessage(
            external_id=external_id or f"id-{text}-{timezone.now().timestamp()}",
            channel=channel.external_id,
            sender=Person(addresses=(Address(AddressKind.PHONE, phone, recipient),), name="Ana Tavares"),
            text=text,
            **{"sent_at": timezone.now(), **more},
        )

    return make


@pytest.fixture
def talk(inbound: Callable[..., InboundMessage]) -> Callable[..., Conversation]:
    """A conversation with one handled message of the customer."""

    def start(channel: Channel, **more: Any) -> Conversation:
        message = messaging.receive(channel=channel, inbound=inbound(channel, **more))
        assert message is not None
        Message.objects.filter(pk=message.pk).update(state="done")
        return Conversation.objects.get(pk=message.conversation_id)

    return start


@pytest.fixture
def say() -> Callable[..., Message]:
    """Put a message into the outbox."""

    def send(conversation: Conversation, text: str, purpose: Purpose = Purpose.ASSISTANT) -> Message:
        key = f"test:{text[:50]}:{purpose}"
        return messaging.send(conversation=conversation, text=text, purpose=purpose, dedupe_key=key)

    return send
