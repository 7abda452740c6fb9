"""A clinic in São Paulo, a customer there who writes, and times that can be made due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assistant.models import Turn
from messaging import services as messaging
from messaging.models import Channel, Contact, Message
from messaging.providers.base import Address, AddressKind, InboundMessage, Kind, Person
from reminders import services as reminders
from reminders.models import Occurrence, Reminder
from timewords.rules import local_time

CUSTOMER = "+5511987650001"
ZONE = "America/Sao_Paulo"


@pytest.fixture
def say(channel) -> Callable[..., Message]:
    """The customer writes; nothing is worked yet."""
    numbers = iter(range(1, 10_000))

    def write(text: str = "", *, to: Channel | None = None, person: str = CUSTOMER, **fields: Any) -> Message:
        address = Address(kind=AddressKind.PHONE, value=person, external_id=person)
        inbound = InboundMessage(
            external_id=f"in-{next(numbers)}", channel=(to or channel).external_id,
            sender=Person(addresses=(address,), name="Ana"), text=text, sent_at=None, **{"kind": Kind.TEXT, **fields},
        )  # fmt: skip
        message = messaging.receive(channel=to or channel, inbound=inbound)
        assert message is not None
        return message

    return write


@pytest.fixture
def ana(say, drain) -> Contact:
    """Somebody of São Paulo who has written."""
    contact: Contact = say("Hello").conversation.contact
    drain()
    return contact


@pytest.fixture
def tell(ana, say, drain) -> Callable[..., Message]:
    """The customer writes, and it is worked; several texts are one burst."""

    def write(*texts: str, **more: Any) -> Message:
        messages = [say(text, **more) for text in texts]
        Turn.objects.filter(state="queued").update(due_at=timezone.now())
        drain()
        return messages[-1]

    return write


@pytest.fixture
def remind(ana) -> Callable[..., Reminder]:
    """Make a reminder that is due in an hour, or as said."""

    def make(text: str = "take the pill", *, rule: str = "", first: Any = None, **more: Any) -> Reminder:
        moment = first or local_time(timezone.now() + timedelta(hours=1), ZONE).replace(microsecond=0)
        contact = more.pop("contact", ana)
        when = reminders.WantedTimes(
            first=moment, zone=more.pop("zone", ZONE), rule=rule, last_on=more.pop("last_on", None)
        )
        return reminders.create_reminder(contact=contact, text=text, when=when, by="tests", **more)

    return make


@pytest.fixture
def come() -> Callable[..., None]:
    """Let the time of a reminder come: the rows move, since the database's clock cannot."""

    def move(reminder: Reminder, *, late: timedelta = timedelta(seconds=2)) -> None:
        moment = timezone.now() - late
        if not reminder.rule:  # a recurring one has this time besides those of its rule
            wall = local_time(moment, reminder.zone)
            Reminder.objects.filter(pk=reminder.pk).update(first_on=wall.date(), at_time=wall.time())
        Occurrence.objects.filter(reminder=reminder, state="queued").update(
            occurs_at=moment, wanted_at=moment, due_at=moment
        )

    return move


@pytest.fixture
def outbox() -> Callable[[], list[str]]:
    return lambda: [message.text for message in Message.objects.filter(direction="out").order_by("pk")]
