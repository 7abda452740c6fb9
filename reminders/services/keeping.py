"""Make, change, pause and end reminders. What waits is taken back and made anew under the reminder's lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from common.text.plain import clean
from common.time_zones import zone_names
from messaging.models import Contact, Conversation
from reminders.models import ENDED, MAX_TEXT, MissPolicy, Reminder, ReminderState, Way
from reminders.queries import conversation_of, database_now, open_reminders
from reminders.services.planning import locked, plan, withdraw
from reminders.when.rules import BadRule, Schedule, clean_rule
from tenants.services import record

MAX_AHEAD = timedelta(days=366 * 10)
SAME_MOMENT = timedelta(minutes=2)  # "in 20 minutes", read twice
MAX_GRACE_MINUTES = 7 * 24 * 60
WHEN = ("first_on", "at_time", "zone", "rule", "last_on", "fold", "is_moment", "quiet_from", "quiet_to")


class NotPossible(ValueError):
    """This cannot be done; `field` names what is wrong, the text says how to mend it.

    `phrase` is what a person is told in a language of theirs (`reminders.when.phrases`).
    """

    def __init__(self, text: str, field: str = "", *, phrase: str = "") -> None:
        super().__init__(text)
        self.field = field
        self.phrase = phrase


@dataclass(frozen=True, kw_only=True)
class When:
    """The times of a reminder, as somebody wants them."""

    first: datetime  # on the wall clock of the zone
    zone: str
    rule: str = ""
    last_on: date | None = None
    fold: int = 0
    is_moment: bool = False

    def fields(self) -> dict[str, Any]:
        """The same as columns of a reminder; raises NotPossible."""
        if self.zone not in zone_names():
            raise NotPossible(f"{self.zone} is not a time zone; write it like America/Sao_Paulo.", "zone")
        rule, last_on = self.rule, self.last_on
        try:
            if rule:
                rule, end = clean_rule(rule, first=self.first, zone=self.zone)
                last_on = min(filter(None, (end, last_on)), default=None)
        except BadRule as error:
            raise NotPossible(str(error), "rule") from None
        return {
            "first_on": self.first.date(), "at_time": self.first.time().replace(microsecond=0), "zone": self.zone,
            "rule": rule, "last_on": last_on, "fold": self.fold, "is_moment": self.is_moment and not rule,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a reminder is given."""

    quiet: tuple[time, time] | None = None
    way: str = Way.MESSAGE
    miss_policy: str = MissPolicy.DROP
    grace_minutes: int = field(default_factory=lambda: settings.REMINDER_GRACE_MINUTES)

    def fields(self) -> dict[str, Any]:
        """The same as columns of a reminder; raises NotPossible."""
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
    when: When,
    by: str,
    manner: Manner | None = None,
    conversation: Conversation | None = None,
    language: str = "",
    or_same: bool = False,
) -> Reminder:
    """Make a reminder with its first time; raises NotPossible.

    With `or_same` an active one of the same text and times is returned instead: an order that is read again makes no
    second one.
    """
    conversation = conversation or conversation_of(contact)
    if conversation is None:
        raise NotPossible("This contact has no session yet: reminders go where the person has written.", "contact")
    if contact.is_group:
        raise NotPossible("Groups get no reminders.", "contact")
    if or_same and (same := _same(contact, text, when)) is not None:
        return same
    if open_reminders(contact).count() >= settings.REMINDERS_PER_CONTACT:
        text = f"This contact has {settings.REMINDERS_PER_CONTACT} reminders: cancel one first."
        raise NotPossible(text, "contact", phrase="too_many")
    now = database_now()
    fields = when.fields() | (manner or Manner()).fields()
    reminder = Reminder(
        tenant=contact.tenant, contact=contact, conversation=conversation, text=clean(text).strip()[:MAX_TEXT],
        created_by=by[:100], language=language[:10], **fields,
    )  # fmt: skip
    check_reminder(reminder, now)
    reminder.save()
    plan(reminder, after=now)
    record(tenant=contact.tenant, actor=by, action="reminder_created", subject=reminder)
    return reminder


def _same(contact: Contact, text: str, when: When) -> Reminder | None:
    """An active reminder of this text and these times; a moment that is counted from now may be a little later."""
    wanted = when.fields()
    first_on, at_time = wanted.pop("first_on"), wanted.pop("at_time")
    slack = SAME_MOMENT if wanted["is_moment"] else timedelta(0)
    first = datetime.combine(first_on, at_time)
    rows = open_reminders(contact).filter(state=ReminderState.ACTIVE, text=clean(text).strip()[:MAX_TEXT], **wanted)
    return next((row for row in rows if abs(row.schedule.first - first) <= slack), None)


@transaction.atomic
def change_reminder(*, reminder: Reminder, by: str, **changes: Any) -> Reminder:
    """Change texts, times or manner; what waits follows the new times. Raises NotPossible for one that has ended."""
    row = locked(reminder.pk)
    if row.state in ENDED:
        raise NotPossible("This reminder has ended: make a new one.", phrase="not_found")
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
        plan(row, after=row.now)
    record(tenant=row.tenant, actor=by, action="reminder_changed", subject=row, changed=sorted(changes))
    return _as_is(row)


def change_times(*, reminder: Reminder, when: When, by: str, **more: Any) -> Reminder:
    """Change when a reminder falls due; raises NotPossible."""
    return change_reminder(reminder=reminder, by=by, **when.fields(), **more)


@transaction.atomic
def pause_reminder(*, reminder: Reminder, by: str) -> bool:
    """Let its times pass in silence; False when it does not go on anyway."""
    row = locked(reminder.pk)
    if row.state != ReminderState.ACTIVE:
        return False
    withdraw(row, "the reminder is paused")
    _stand(row, ReminderState.PAUSED, by, "reminder_paused")
    return True


@transaction.atomic
def resume_reminder(*, reminder: Reminder, by: str) -> bool:
    """Go on with the next time from now; False when it was not paused."""
    row = locked(reminder.pk)
    if row.state != ReminderState.PAUSED:
        return False
    row.state = ReminderState.ACTIVE
    plan(row, after=row.now)
    record(tenant=row.tenant, actor=by, action="reminder_resumed", subject=row)
    return True


@transaction.atomic
def cancel_reminder(*, reminder: Reminder, by: str) -> bool:
    """End it for good; False when it had ended."""
    row = locked(reminder.pk)
    if row.state in ENDED:
        return False
    withdraw(row, "the reminder was cancelled")
    _stand(row, ReminderState.CANCELLED, by, "reminder_cancelled")
    return True


def _stand(row: Any, state: ReminderState, by: str, action: str) -> None:
    Reminder.objects.filter(pk=row.pk).update(state=state, next_at=None, updated_at=Now())
    record(tenant=row.tenant, actor=by, action=action, subject=row)


def _as_is(row: Reminder) -> Reminder:
    found: Reminder = Reminder.objects.select_related("contact", "tenant").get(pk=row.pk)
    return found


def check_reminder(row: Reminder, now: datetime) -> None:
    """Whether a reminder can be as it stands here; raises NotPossible."""
    _check_manner(row)
    schedule: Schedule = row.schedule
    first = schedule.next_after(now)
    if first is None:
        raise NotPossible("This time is over, or the last day comes before it.", "first", phrase="past")
    if first > now + MAX_AHEAD:
        raise NotPossible("That is more than ten years ahead.", "first", phrase="too_far")


def _check_manner(row: Reminder) -> None:
    if not row.text:
        raise NotPossible("Say what to remind of.", "text")
    if row.way != Way.MESSAGE:
        raise NotPossible("Calls cannot be made yet: choose message.", "way")
    if not 1 <= row.grace_minutes <= MAX_GRACE_MINUTES:
        raise NotPossible(f"From 1 to {MAX_GRACE_MINUTES} minutes.", "grace_minutes")
    if (row.quiet_from is None) != (row.quiet_to is None):
        raise NotPossible("Quiet hours have a beginning and an end.", "quiet_from")
