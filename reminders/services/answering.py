"""What a person answers to a reminder: done, later, another time, stop."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from reminders.models import Answer, Occurrence, Reminder, ReminderState
from reminders.services import events
from reminders.services.keeping import NotPossible, cancel_reminder
from reminders.services.planning import locked, make_occurrence, plan, take_back


@transaction.atomic
def answer_done(*, occurrence: Occurrence, by: str) -> bool:
    """The person did it: this time is over, and so is a snooze of it; False when it was said before."""
    row = locked(occurrence.reminder_id)
    if not _note(occurrence, Answer.DONE, row):
        return False
    if row.state in (ReminderState.ACTIVE, ReminderState.DONE):
        _drop_snoozes(row, occurrence, "done")
        if row.next_at is None and row.state == ReminderState.ACTIVE:
            plan(row, after=row.now)  # nothing is left: it is done
    return True


@transaction.atomic
def snooze(*, occurrence: Occurrence, until: datetime, by: str, answer: Answer = Answer.SNOOZED) -> Occurrence:
    """Say it once more at another moment; raises NotPossible when that is over or the reminder was cancelled."""
    row = locked(occurrence.reminder_id)
    if row.state == ReminderState.CANCELLED:
        raise NotPossible("This reminder was cancelled.", phrase="is_cancelled")
    if until <= row.now:
        raise NotPossible("This time is over.", phrase="past")
    _drop_snoozes(row, occurrence, "put off again")
    moment = until.replace(microsecond=0)
    # All of them hang on the time that the rule named: "done" to any ends the others.
    again = make_occurrence(row, moment, snoozed_from=occurrence.snoozed_from or occurrence)
    if again is None:
        raise NotPossible("It is due at this time already.", phrase="due_already")
    Occurrence.objects.filter(pk=occurrence.pk).update(answer=answer, answered_at=Now())
    if row.state == ReminderState.DONE:
        Reminder.objects.filter(pk=row.pk).update(state=ReminderState.ACTIVE, updated_at=Now())
    events.answered(row, occurrence, str(answer))
    return again


@transaction.atomic
def stop(*, occurrence: Occurrence, by: str) -> bool:
    """The person wants no more of this reminder."""
    row = locked(occurrence.reminder_id)
    if not _note(occurrence, Answer.STOPPED, row):
        return False
    return cancel_reminder(reminder=row, by=by) or True


def _note(occurrence: Occurrence, answer: Answer, row: Any) -> bool:
    noted = Occurrence.objects.filter(pk=occurrence.pk).exclude(answer=answer).update(answer=answer, answered_at=Now())
    if noted:
        events.answered(row, occurrence, str(answer))
    return bool(noted)


def _drop_snoozes(row: Reminder, occurrence: Occurrence, reason: str) -> None:
    root = occurrence.snoozed_from_id or occurrence.pk
    take_back(Occurrence.objects.filter(reminder=row, snoozed_from=root), reason)
