"""Send one message through the outbox and print the result."""

from __future__ import annotations

import time
import uuid
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from common.text.numbers import parse_whole_number
from common.text.phone_numbers import parse_contact_address, parse_number
from common.work import queue
from common.work.heartbeat import last_seen
from common.work.rows import State
from messaging import services as messaging
from messaging.models import Channel, Message, Purpose
from messaging.providers.base import Address, InboundMessage, Person
from messaging.queries import address_at, provider_of
from messaging.services.receiving import open_conversation

ENDS = {State.DONE, State.DEAD, State.HELD, State.IGNORED}


class Command(BaseCommand):
    help = "Send one message through the outbox, and say what became of it. Exit code 1 when it was not sent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--channel", required=True, help="the channel's id or name")
        parser.add_argument("--to", required=True, help="a number such as +15550100200, or an address on iMessage")
        parser.add_argument("--text", required=True)
        parser.add_argument("--wait", type=float, default=15, metavar="SECONDS", help="how long to wait; default 15")

    def handle(self, *args: Any, **options: Any) -> None:
        channel = _channel(options["channel"])
        if not options["text"].strip():
            raise CommandError("--text is empty")
        message = _queue(channel, _address(channel, options["to"]), options["text"])
        message = _follow(message, options["wait"])
        if message.state == State.DONE:
            self.stdout.write(f"message {message.pk}: {message.delivery or 'sent'}")
            return
        reason = f": {message.last_error}" if message.last_error else ""
        raise CommandError(f"message {message.pk} is {message.state}{reason}")


def _channel(name: str) -> Channel:
    pk = parse_whole_number(name)
    found: list[Channel] = list(Channel.objects.filter(name=name) if pk is None else Channel.objects.filter(pk=pk))
    if len(found) != 1:
        known = ", ".join(f"{channel.pk} ({channel.name})" for channel in Channel.objects.order_by("pk")[:20]) or "none"
        raise CommandError(f"{'several channels are' if found else 'no channel is'} called {name}; channels: {known}")
    return found[0]


def _address(channel: Channel, given: str) -> Address:
    provider = provider_of(channel)
    address = parse_contact_address(given) if "@" in given and provider.accepts_email else parse_number(given)
    if not address:
        raise CommandError("--to must be a whole number with its country code, such as +15550100200")
    return address_at(provider, address)


@transaction.atomic
def _queue(channel: Channel, address: Address, text: str) -> Message:
    seed = InboundMessage(external_id="", channel=channel.external_id, sender=Person(addresses=(address,)))
    conversation = open_conversation(channel=channel, inbound=seed)
    if not conversation.recipient:
        conversation.recipient_kind, conversation.recipient = str(address.kind), address.external_id
        conversation.save(update_fields=["recipient_kind", "recipient"])
    return messaging.send(
        conversation=conversation,
        text=text,
        purpose=Purpose.NOTICE,
        dedupe_key=f"test:{uuid.uuid4()}",
        author="send_test_message",
    )


def _follow(message: Message, seconds: float) -> Message:
    seen = last_seen("worker")
    if seen is None or timezone.now() - seen > timedelta(seconds=60):
        # No worker is running: the command delivers this one row itself.
        queue.run_task("messaging.deliver", message.pk)
    deadline = time.monotonic() + seconds
    message.refresh_from_db()
    while message.state not in ENDS and time.monotonic() < deadline:
        time.sleep(0.2)
        message.refresh_from_db()
    return message
