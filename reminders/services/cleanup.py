"""Delete what ended long ago, in batches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from reminders.models import ENDED, Occurrence, Reminder, Task, TaskState
from reminders.services.planning import OPEN_STATES

BATCH = 500
MAX_BATCHES = 400  # in one run; the next run continues


def cleanup(*, batch: int = BATCH) -> int:
    """Delete reminders and tasks that ended, and past occurrences, after REMINDER_KEEP_DAYS; returns how many."""
    old = Now() - timedelta(days=settings.REMINDER_KEEP_DAYS)
    done = (TaskState.DONE, TaskState.CANCELLED)
    return sum(
        _delete(rows, batch)
        for rows in (
            Reminder.objects.filter(state__in=ENDED, updated_at__lt=old),
            Task.objects.filter(state__in=done, updated_at__lt=old),
            # Occurrences of an active reminder; one that was snoozed stays until the snooze is over.
            Occurrence.objects.filter(ended_at__lt=old).exclude(_still_put_off()),
        )
    )


def _still_put_off() -> Exists:
    return Exists(Occurrence.objects.filter(snoozed_from=OuterRef("pk"), state__in=OPEN_STATES))


def _delete(rows: QuerySet[Any], batch: int) -> int:
    gone = 0
    for _ in range(MAX_BATCHES):
        pks = list(rows.order_by("pk").values_list("pk", flat=True)[:batch])
        if not pks:
            break
        rows.filter(pk__in=pks).delete()
        gone += len(pks)
    return gone
