"""Create the occurrences of reminders ahead: each once, whoever creates them and however often."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from common.db.compiled import CompiledQuery, CompiledUpdate, Slot
from common.db.inserts import insert_once
from common.work.rows import CLAIMABLE, State
from reminders.models import Occurrence, OccurrenceOutcome, Reminder, ReminderState
from reminders.queries import database_now
from reminders.quiet_times import after_quiet_hours

logger = logging.getLogger("frontdesk.reminders")

OPEN_STATES = (*CLAIMABLE, State.WORKING, State.HELD)
REPAIR_AFTER = timedelta(minutes=2)
BATCH = 500

_LOCKED: CompiledQuery[Reminder] = CompiledQuery(
    lambda: (
        Reminder.objects.select_for_update(of=("self",), no_key=True)
        .select_related("tenant")
        .annotate(now=Now())
        .filter(pk=Slot("pk"))
    )
)
_PLANNED: CompiledUpdate[Reminder] = CompiledUpdate(
    lambda: Reminder.objects.filter(pk=Slot("pk")), next_at=Slot("next_at"), state=Slot("state"), updated_at=Now()
)


def lock_reminder(pk: int) -> Any:
    """Lock a reminder's row until the end of the transaction and return it; its `now` is the database's time."""
    return _LOCKED.get(pk=pk)


def plan_next(reminder: Reminder, *, after: datetime) -> Occurrence | None:
    """Create the first occurrence after a moment, by the rule; without one the reminder is done. The row is locked."""
    moment = after
    while (occurs_at := reminder.schedule.next_after(moment)) is not None:
        occurrence = make_occurrence(reminder, occurs_at)
        if occurrence is not None:
            _update(reminder, occurs_at, ReminderState.ACTIVE)
            return occurrence
        moment = occurs_at  # this time has been worked already
    is_snoozed = Occurrence.objects.filter(reminder=reminder, state__in=OPEN_STATES).exists()
    _update(reminder, None, ReminderState.ACTIVE if is_snoozed else ReminderState.DONE)
    return None


def make_occurrence(
    reminder: Reminder, occurs_at: datetime, *, snoozed_from: Occurrence | None = None
) -> Occurrence | None:
    """Create one occurrence; returns None when that time is over or running. One that was withdrawn waits again."""
    wanted_at = occurs_at
    if snoozed_from is None:
        wanted_at = after_quiet_hours(occurs_at, reminder.zone, reminder.quiet_from, reminder.quiet_to)
    fields: dict[str, Any] = {"wanted_at": wanted_at, "due_at": wanted_at, "snoozed_from": snoozed_from}
    row = Occurrence(tenant_id=reminder.tenant_id, reminder=reminder, occurs_at=occurs_at, **fields)
    if insert_once(row):
        return row
    same = Occurrence.objects.filter(reminder=reminder, occurs_at=occurs_at)
    withdrawn = same.filter(state=State.IGNORED, outcome=OccurrenceOutcome.WITHDRAWN)
    withdrawn.requeue(outcome="", ended_at=None, has_slot=False, **fields)
    found: Occurrence | None = same.filter(state__in=OPEN_STATES).first()
    return found


def withdraw(reminder: Reminder, reason: str) -> int:
    """Withdraw what waits; also what a worker has claimed, whose result is then refused.

    The reminder's row is locked.
    """
    return withdraw_rows(Occurrence.objects.filter(reminder=reminder), reason)


def withdraw_rows(rows: Any, reason: str) -> int:
    """Withdraw these occurrences, like `withdraw`."""
    return int(
        rows.filter(state__in=OPEN_STATES).update(
            state=State.IGNORED,
            outcome=OccurrenceOutcome.WITHDRAWN,
            last_error=reason[:500],
            token=None,
            lease_until=None,
            ended_at=Now(),
        )
    )


def plan_all(*, limit: int = BATCH) -> int:
    """Give every active reminder without a waiting occurrence its next one; returns how many. A scheduled job.

    It only adds.
    """
    now = database_now()
    waiting = Occurrence.objects.filter(reminder=OuterRef("pk"), state__in=OPEN_STATES)
    lost = Q(next_at=None) | Q(next_at__lt=now - REPAIR_AFTER)
    rows = Reminder.objects.filter(lost, ~Exists(waiting), state=ReminderState.ACTIVE)
    pks = list(rows.order_by("next_at").values_list("pk", flat=True)[:limit])
    return sum(_plan_again(pk) for pk in pks)


@transaction.atomic
def _plan_again(pk: int) -> int:
    reminder = lock_reminder(pk)
    has_one = Occurrence.objects.filter(reminder=reminder, state__in=OPEN_STATES).exists()
    if reminder.state != ReminderState.ACTIVE or has_one:
        return 0
    last = Occurrence.objects.filter(reminder=reminder, snoozed_from=None).order_by("-occurs_at").first()
    # It continues where it stopped: missed times are handled by the miss policy, not left out.
    after = last.occurs_at if last is not None else reminder.created_at
    plan_next(reminder, after=after)
    logger.warning("reminder_planned_again", extra={"tenant_id": reminder.tenant_id, "reminder_id": pk})
    return 1


def _update(reminder: Reminder, next_at: datetime | None, state: ReminderState) -> None:
    reminder.next_at, reminder.state = next_at, state
    _PLANNED.run(pk=reminder.pk, next_at=next_at, state=state)
