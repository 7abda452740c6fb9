"""Create, change, pause and end reminders.

Waiting occurrences are withdrawn and created again under the reminder's lock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from common.errors import NotPossible
from common.text.plain import clean
from common.text.zone_names import zone_names
from messaging.models import Contact, Conversation
from reminders.models import ENDED, MAX_TEXT, DeliveryWay, MissPolicy, Reminder, ReminderState
from reminders.queries import database_now, open_reminders, reminder_conversation
from reminders.services.planning import lock_reminder, plan_next, withdraw
from tenants.services import record
from timewords.rules import BadRule, Schedule, clean_rule

MAX_AHEAD = timedelta(days=366 * 10)
SAME_MOMENT = timedelta(minutes=2)  # "in 20 minutes", read twice
MAX_GRACE_MINUTES = 7 * 24 * 60
WHEN = ("first_on", "at_time", "zone", "rule", "last_on", "fold", "is_moment", "quiet_from", "quiet_to")


class ReminderRefused(NotPossible):
    """A reminder or task cannot be created or changed like this.

    `phrase` is the key of the sentence for the person, in their language (`timewords.phrases`).
    """

    def __init__(self, text: str, field: str = "", *, phrase: str = "") -> None:
        super().__init__(text, field)
        self.phrase = phrase


@dataclass(frozen=True, kw_only=True)
class WantedTimes:
    """The times of a reminder, as they are wanted."""

    first: datetime  # in the local time of the zone
    zone: str
    rule: str = ""
    last_on: date | None = None
    fold: int = 0
    is_moment: bool = False

    def fields(self) -> dict[str, Any]:
        """Return the same as columns of a reminder; raises ReminderRefused."""
        if self.zone not in zone_names():
            raise ReminderRefused(f"{self.zone} is not a time zone; write it like America/Sao_Paulo.", "zone")
        rule, last_on = self.rule, self.last_on
        try:
            if rule:
                rule, end = clean_rule(rule, first=self.first, zone=self.zone)
                last_on = min(filter(None, (end, last_on)), default=None)
        except BadRule as error:
            raise ReminderRefused(str(error), "rule") from None
        return {
            "first_on": self.first.date(), "at_time": self.first.time().replace(microsecond=0), "zone": self.zone,
            "rule": rule, "last_on": last_on, "fold": self.fold, "is_moment": self.is_moment and not rule,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class DeliveryManner:
    """How a reminder is delivered."""

    quiet: tuple[time, time] | None = None
    way: str = DeliveryWay.MESSAGE
    miss_policy: str = MissPolicy.DROP
    grace_minutes: int = field(default_factory=lambda: settings.REMINDER_GRACE_MINUTES)

    def fields(self) -> dict[str, Any]:
        """Return the same as columns of a reminder; raises ReminderRefused."""
        begin, end = self.quiet or (None, None)
        return {
            "quiet_from": begin, "quiet_to": end, "way": self.way, "miss_policy": self.miss_policy,
            "grace_minutes": self.grace_minutes,
        }  # fmt: skip


@transaction.atomic
def create_reminder(
    *,
    contact: Contact,
    text: str,
    when: WantedTimes,
    by: str,
    manner: DeliveryManner | None = None,
    conversation: Conversation | None = None,
    language: str = "",
    or_same: bool = False,
) -> Reminder:
    """Create a reminder with its first occurrence; raises ReminderRefused.

    With `or_same` an active one of the same text and times is returned instead, so that an order that is read again
    creates no second one.
    """
    conversation = conversation or reminder_conversation(contact)
    if conversation is None:
        raise ReminderRefused("This contact has no session yet: reminders go where the person has written.", "contact")
    if contact.is_group:
        raise ReminderRefused("Groups get no reminders.", "contact")
    if or_same and (same := _same(contact, text, when)) is not None:
        return same
    if open_reminders(contact).count() >= settings.REMINDERS_PER_CONTACT:
        text = f"This contact has {settings.REMINDERS_PER_CONTACT} reminders: cancel one first."
        raise ReminderRefused(text, "contact", phrase="too_many")
    now = database_now()
    fields = when.fields() | (manner or DeliveryManner()).fields()
    reminder = Reminder(
        tenant=contact.tenant, contact=contact, conversation=conversation, text=clean(text).strip()[:MAX_TEXT],
        created_by=by[:100], language=language[:10], **fields,
    )  # fmt: skip
    check_reminder(reminder, now)
    reminder.save()
    plan_next(reminder, after=now)
    record(tenant=contact.tenant, actor=by, action="reminder_created", subject=reminder)
    return reminder


def _same(contact: Contact, text: str, when: WantedTimes) -> Reminder | None:
    """Return an active reminder of this text and these times; a moment counted from now may be a little later."""
    wanted = when.fields()
    first_on, at_time = wanted.pop("first_on"), wanted.pop("at_time")
    slack = SAME_MOMENT if wanted["is_moment"] else timedelta(0)
    first = datetime.combine(first_on, at_time)
    rows = open_reminders(contact).filter(state=ReminderState.ACTIVE, text=clean(text).strip()[:MAX_TEXT], **wanted)
    return next((row for row in rows if abs(row.schedule.first - first) <= slack), None)


@transaction.atomic
def change_reminder(*, reminder: Reminder, by: str, **changes: Any) -> Reminder:
    """Change texts, times or manner; waiting occurrences follow the new times.

    Raises ReminderRefused for one that has ended.
    """
    row = lock_reminder(reminder.pk)
    if row.state in ENDED:
        raise ReminderRefused("This reminder has ended: make a new one.", phrase="not_found")
    before = {name: getattr(row, name) for name in WHEN}
    for name, value in changes.items():
        setattr(row, name, value)
    row.text = clean(row.text).strip()[:MAX_TEXT]
    has_moved = before != {name: getattr(row, name) for name in WHEN}
    if has_moved:
        check_reminder(row, row.now)
    else:
        _check_manner(row)
    Reminder.objects.filter(pk=row.pk).update(**{name: getattr(row, name) for name in changes}, updated_at=Now())
    if has_moved and row.state == ReminderState.ACTIVE:
        withdraw(row, "the reminder was changed")
        plan_next(row, after=row.now)
    record(tenant=row.tenant, actor=by, action="reminder_changed", subject=row, changed=sorted(changes))
    return _unchanged(row)


def change_times(*, reminder: Reminder, when: WantedTimes, by: str, **more: Any) -> Reminder:
    """Change when a reminder is due; raises ReminderRefused."""
    return change_reminder(reminder=reminder, by=by, **when.fields(), **more)


@transaction.atomic
def pause_reminder(*, reminder: Reminder, by: str) -> bool:
    """Pause a reminder: its times pass without a message; returns False when it is not active."""
    row = lock_reminder(reminder.pk)
    if row.state != ReminderState.ACTIVE:
        return False
    withdraw(row, "the reminder is paused")
    _set_state(row, ReminderState.PAUSED, by, "reminder_paused")
    return True


@transaction.atomic
def resume_reminder(*, reminder: Reminder, by: str) -> bool:
    """Resume with the next time from now; returns False when it was not paused."""
    row = lock_reminder(reminder.pk)
    if row.state != ReminderState.PAUSED:
        return False
    row.state = ReminderState.ACTIVE
    plan_next(row, after=row.now)
    record(tenant=row.tenant, actor=by, action="reminder_resumed", subject=row)
    return True


@transaction.atomic
def cancel_reminder(*, reminder: Reminder, by: str) -> bool:
    """Cancel a reminder for good; returns False when it had ended."""
    row = lock_reminder(reminder.pk)
    if row.state in ENDED:
        return False
    withdraw(row, "the reminder was cancelled")
    _set_state(row, ReminderState.CANCELLED, by, "reminder_cancelled")
    return True


def _set_state(row: Any, state: ReminderState, by: str, action: str) -> None:
    Reminder.objects.filter(pk=row.pk).update(state=state, next_at=None, updated_at=Now())
    record(tenant=row.tenant, actor=by, action=action, subject=row)


def _unchanged(row: Reminder) -> Reminder:
    found: Reminder = Reminder.objects.select_related("contact", "tenant").get(pk=row.pk)
    return found


def check_reminder(row: Reminder, now: datetime) -> None:
    """Raise ReminderRefused when a reminder cannot be as it is."""
    _check_manner(row)
    schedule: Schedule = row.schedule
    first = schedule.next_after(now)
    if first is None:
        raise ReminderRefused("This time is over, or the last day comes before it.", "first", phrase="past")
    if first > now + MAX_AHEAD:
        raise ReminderRefused("That is more than ten years ahead.", "first", phrase="too_far")


def _check_manner(row: Reminder) -> None:
    if not row.text:
        raise ReminderRefused("Say what to remind of.", "text")
    if row.way != DeliveryWay.MESSAGE:
        raise ReminderRefused("Calls cannot be made yet: choose message.", "way")
    if not 1 <= row.grace_minutes <= MAX_GRACE_MINUTES:
        raise ReminderRefused(f"From 1 to {MAX_GRACE_MINUTES} minutes.", "grace_minutes")
    if (row.quiet_from is None) != (row.quiet_to is None):
        raise ReminderRefused("Quiet hours have a beginning and an end.", "quiet_from")
