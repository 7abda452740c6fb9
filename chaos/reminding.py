"""Runs inside the product: people of one channel, each with a reminder that falls due in some seconds."""

from __future__ import annotations

from datetime import timedelta

from messaging.models import Channel, Contact, ContactAddress, Conversation
from reminders import services as reminders
from reminders.models import Occurrence, Reminder
from reminders.queries import database_now
from timewords.rules import local_time

BATCH = 500  # a statement of PostgreSQL takes 65,535 values at most


def remind(external_id: str, first_phone: int, count: int, seconds: float, within: float, *, is_planned: bool) -> None:
    """`count` reminders, due one after the other from `seconds` on, within so many seconds."""
    channel = Channel.objects.select_related("tenant").get(external_id=external_id)
    now = database_now()
    people = Contact.objects.bulk_create(
        [Contact(tenant=channel.tenant, name="Ana") for _ in range(count)], batch_size=BATCH
    )
    phones = [f"+{first_phone + number}" for number in range(count)]
    ContactAddress.objects.bulk_create(
        [
            ContactAddress(tenant=channel.tenant, contact=person, kind="phone", value=phone, external_id=phone)
            for person, phone in zip(people, phones, strict=True)
        ],
        batch_size=BATCH,
    )
    chats = Conversation.objects.bulk_create(
        [
            Conversation(
                tenant=channel.tenant, channel=channel, contact=person, recipient_kind="phone", recipient=phone,
                last_inbound_at=now, last_message_at=now,
            )
            for person, phone in zip(people, phones, strict=True)
        ],
        batch_size=BATCH,
    )  # fmt: skip
    rows, times = [], []
    for number, chat in enumerate(chats):
        moment = (now + timedelta(seconds=seconds + within * number / count)).replace(microsecond=0)
        wall = local_time(moment, "UTC")
        rows.append(
            Reminder(
                tenant=channel.tenant, contact=chat.contact, conversation=chat, text=f"old {number}", zone="UTC",
                first_on=wall.date(), at_time=wall.time(),
                next_at=moment if is_planned else None,
            )
        )  # fmt: skip
        times.append(moment)
    made = Reminder.objects.bulk_create(rows, batch_size=BATCH)
    if not is_planned:
        return
    Occurrence.objects.bulk_create(
        [
            Occurrence(tenant=channel.tenant, reminder=row, occurs_at=moment, wanted_at=moment, due_at=moment)
            for row, moment in zip(made, times, strict=True)
        ],
        batch_size=BATCH,
    )


def edit(external_id: str) -> None:
    """Change the text and the time of each of them, while they fall due."""
    for row in Reminder.objects.filter(conversation__channel__external_id=external_id, text__startswith="old "):
        moment = database_now() + timedelta(seconds=3)
        wall = local_time(moment, "UTC").replace(microsecond=0)
        try:
            reminders.change_reminder(
                reminder=row, by="chaos", text=row.text.replace("old", "new"), first_on=wall.date(), at_time=wall.time()
            )
        except reminders.ReminderRefused:  # it has been said meanwhile: it is over
            continue
