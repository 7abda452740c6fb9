"""Record what a person answers to a reminder: done, later, another time, stop."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from reminders.models import Occurrence, Reminder, ReminderAnswer, ReminderState
from reminders.services import events
from reminders.services.planning import lock_reminder, make_occurrence, plan_next, withdraw_rows
from reminders.services.reminders import ReminderRefused, cancel_reminder


@transaction.atomic
def answer_done(*, occurrence: Occurrence, by: str) -> bool:
    """Mark an occurrence as done, and end its snooze; returns False when it was done before."""
    row = lock_reminder(occurrence.reminder_id)
    if not _record_answer(occurrence, ReminderAnswer.DONE, row):
        return False
    if row.state in (ReminderState.ACTIVE, ReminderState.DONE):
        _drop_snoozes(row, occurrence, "done")
        if row.next_at is None and row.state == ReminderState.ACTIVE:
            plan_next(row, after=row.now)  # nothing is left: the reminder is done
    return True


@transaction.atomic
def snooze(
    *, occurrence: Occurrence, until: datetime, by: str, answer: ReminderAnswer = ReminderAnswer.SNOOZED
) -> Occurrence:
    """Create an occurrence at another moment.

    Raises ReminderRefused when the reminder was cancelled or that is in the past.
    """
    row = lock_reminder(occurrence.reminder_id)
    if row.state == ReminderState.CANCELLED:
        raise ReminderRefused("This reminder was cancelled.", phrase="is_cancelled")
    if until <= row.now:
        raise ReminderRefused("This time is over.", phrase="past")
    _drop_snoozes(row, occurrence, "put off again")
    moment = until.replace(microsecond=0)
    # All snoozes belong to the time that the rule named: "done" to any of them ends the others.
    again = make_occurrence(row, moment, snoozed_from=occurrence.snoozed_from or occurrence)
    if again is None:
        raise ReminderRefused("It is due at this time already.", phrase="due_already")
    Occurrence.objects.filter(pk=occurrence.pk).update(answer=answer, answered_at=Now())
    if row.state == ReminderState.DONE:
        Reminder.objects.filter(pk=row.pk).update(state=ReminderState.ACTIVE, updated_at=Now())
    events.emit_answered(row, occurrence, str(answer))
    return again


@transaction.atomic
def stop_reminder(*, occurrence: Occurrence, by: str) -> bool:
    """Cancel the reminder, because the person wants no more of it; returns False when it had ended."""
    row = lock_reminder(occurrence.reminder_id)
    if not _record_answer(occurrence, ReminderAnswer.STOPPED, row):
        return False
    return cancel_reminder(reminder=row, by=by) or True


def _record_answer(occurrence: Occurrence, answer: ReminderAnswer, row: Any) -> bool:
    noted = Occurrence.objects.filter(pk=occurrence.pk).exclude(answer=answer).update(answer=answer, answered_at=Now())
    if noted:
        events.emit_answered(row, occurrence, str(answer))
    return bool(noted)


def _drop_snoozes(row: Reminder, occurrence: Occurrence, reason: str) -> None:
    root = occurrence.snoozed_from_id or occurrence.pk
    withdraw_rows(Occurrence.objects.filter(reminder=row, snoozed_from=root), reason)
