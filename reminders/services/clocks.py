"""A person's time zone, and the secret address of their calendar."""

from __future__ import annotations

from datetime import UTC

from django.db import transaction
from django.db.models.functions import Now

from common.text.zone_names import zone_names
from messaging.models import Contact
from reminders.models import OPEN, PersonalClock, Reminder, ReminderState, ZoneSource, new_feed_token
from reminders.queries import guessed_zone
from reminders.services.planning import lock_reminder, make_occurrence, plan_next, withdraw
from reminders.services.reminders import ReminderRefused
from tenants.services import record
from timewords.rules import local_time, to_utc


def clock_of(*, contact: Contact) -> PersonalClock:
    """Return the person's clock; created with the guessed zone when there is none."""
    row, _ = PersonalClock.objects.get_or_create(
        contact=contact, defaults={"tenant": contact.tenant, "zone": guessed_zone(contact)}
    )
    return row


@transaction.atomic
def set_zone(*, contact: Contact, zone: str, source: ZoneSource, by: str) -> PersonalClock:
    """Set a person's zone; their reminders keep the local time, those counted from now keep the moment."""
    if zone not in zone_names():
        raise ReminderRefused(f"{zone} is not a time zone; write it like America/Sao_Paulo.", "zone")
    clock = clock_of(contact=contact)
    before = clock.zone
    PersonalClock.objects.filter(pk=clock.pk).update(zone=zone, source=source)
    clock.zone, clock.source = zone, source
    if before != zone:
        # One order of locks for everybody who changes these reminders.
        for pk in (
            Reminder.objects.filter(contact=contact, zone=before, state__in=OPEN).order_by("pk").values_list("pk")
        ):
            _move(pk[0], zone)
        record(tenant=contact.tenant, actor=by, action="zone_changed", subject=clock, zone=zone, source=str(source))
    return clock


@transaction.atomic
def renew_feed(*, contact: Contact, by: str) -> PersonalClock:
    """Create a new secret address of the calendar; the old one stops working."""
    clock = clock_of(contact=contact)
    clock.feed_token = new_feed_token()
    clock.save(update_fields=["feed_token"])
    record(tenant=contact.tenant, actor=by, action="calendar_address_renewed", subject=clock)
    return clock


def _move(pk: int, zone: str) -> None:
    row = lock_reminder(pk)
    fields = {"zone": zone}
    if row.is_moment:
        schedule = row.schedule
        wall = local_time(to_utc(schedule.first, schedule.zone, schedule.fold).astimezone(UTC), zone)
        fields |= {"first_on": wall.date(), "at_time": wall.time()}  # type: ignore[dict-item]  # columns
    Reminder.objects.filter(pk=pk).update(**fields, updated_at=Now())
    if row.state != ReminderState.ACTIVE or row.is_moment or row.next_at is None:
        return
    row.zone = zone
    withdraw(row, "the person's time zone changed")
    if row.schedule.next_after(row.now) is None and not row.rule:
        # That time is in the past where the person is: it is sent at once rather than not at all.
        Reminder.objects.filter(pk=pk).update(next_at=row.now)
        make_occurrence(row, row.now)
        return
    plan_next(row, after=row.now)
