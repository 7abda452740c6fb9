"""Queries used by several modules."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from common.text.plain import fold
from common.work.rows import CLAIMABLE, State
from messaging.models import Contact, Conversation
from messaging.models.contacts import ContactKind
from reminders.models import OPEN, Occurrence, PersonalClock, Reminder, Task, TaskState
from timewords.rules import to_utc
from timewords.zones import guess_zone


def database_now() -> datetime:
    """Return the database's time: a worker with a wrong clock creates no wrong reminder."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        found: Any = cursor.fetchone()[0]
    if isinstance(found, str):
        return datetime.fromisoformat(found).replace(tzinfo=UTC)
    assert isinstance(found, datetime)
    return found.astimezone(UTC)


def zone_of(contact: Contact) -> str:
    """Return a person's time zone: the stored one, else guessed from the number, else the tenant's."""
    kept = PersonalClock.objects.filter(contact=contact).values_list("zone", flat=True).first()
    if kept:
        return str(kept)
    return guessed_zone(contact)


def guessed_zone(contact: Contact) -> str:
    """Return the zone that the person's number suggests."""
    phone = contact.addresses.filter(kind=ContactKind.PHONE).order_by("pk").values_list("value", flat=True).first()
    default = contact.tenant.timezone
    return guess_zone(str(phone), default=default) if phone else default


def open_reminders(contact: Contact) -> QuerySet[Reminder]:
    """Return the active reminders of a person, in the order of their numbers."""
    rows: QuerySet[Reminder] = Reminder.objects.of(contact.tenant).filter(contact=contact, state__in=OPEN)
    return rows.order_by("created_at", "pk")


def next_time_of(reminder: Reminder) -> datetime:
    """Return when a reminder is sent next: snoozed, by its rule, or, while paused, when it would be."""
    waiting = Occurrence.objects.filter(reminder=reminder, state__in=(*CLAIMABLE, State.WORKING, State.HELD))
    found = waiting.order_by("wanted_at").values_list("wanted_at", flat=True).first()
    if found is not None:
        return found
    schedule = reminder.schedule
    return schedule.next_after(database_now()) or to_utc(schedule.first, reminder.zone, reminder.fold)


def open_tasks(contact: Contact) -> QuerySet[Task]:
    """Return the open tasks of a person."""
    rows: QuerySet[Task] = Task.objects.of(contact.tenant).filter(contact=contact, state=TaskState.OPEN)
    return rows.order_by("created_at", "pk")


def parse_row_number(which: str) -> int | None:
    """Return the number by which a person names one of a list; None for words."""
    counted = re.match(r"^(?:no |n |nr |number |numero |numarul )?(\d{1,6})$", fold(which))
    return int(counted[1]) if counted else None


# Function words in four languages (folded): they name nothing.
SMALL_WORDS = frozenset(
    """
    the this that with about for from and one please reminder task
    que com para por favor lembrete tarefa uma dos das
    con del los las una recordatorio tarea
    cea cel despre pentru rog memento mementoul sarcina
    """.split()  # noqa: SIM905 - reads as text
)


def choose_rows(rows: list[Any], which: str, text_of: Any) -> list[Any]:
    """Return the rows that a person means by a number of the list or by words; all of them without words."""
    number = parse_row_number(which)
    if number is not None:
        return rows[number - 1 : number] if number else []
    words = {word for word in fold(which).split() if len(word) > 2}
    if not words:
        return list(rows)
    scored = [(len(words & set(fold(text_of(row)).split())), row) for row in rows]
    best = max((score for score, _ in scored), default=0)
    return [row for score, row in scored if score == best] if best else []


def is_sure(which: str, text: str) -> bool:
    """Return whether words surely name this text: more of them stand in it than not, without function words.

    A number always does.
    """
    if parse_row_number(which) is not None:
        return True
    words = {word for word in fold(which).split() if len(word) > 2 and word not in SMALL_WORDS}
    found = words & set(fold(text).split())
    return not words or 2 * len(found) > len(words)


def reminder_conversation(contact: Contact) -> Conversation | None:
    """Return where a reminder of this person is sent: the conversation with the latest message."""
    rows = Conversation.objects.of(contact.tenant).filter(contact=contact, channel__is_enabled=True)
    found: Conversation | None = rows.order_by("-last_inbound_at", "-pk").first()
    return found


def clock_by_token(token: str) -> PersonalClock | None:
    """Return the clock with this address of a calendar feed."""
    rows = PersonalClock.objects.select_related("contact", "tenant").filter(tenant__is_active=True)
    found: PersonalClock | None = rows.filter(feed_token=token).first()
    return found
