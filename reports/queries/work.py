"""Queries about the state of work rows, at the moment of the call."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Min
from django.db.models.functions import Now
from django.utils import timezone

from common.work.rows import CLAIMABLE, STUCK, literals, work_models

INCIDENTS_SECONDS = 30.0  # counted at most this often in one process

_incidents: tuple[float, dict[tuple[str, str], int]] = (0.0, {})


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """One kind of work: how many rows are due now, and for how long the oldest."""

    task: str
    queue: str
    due: int
    oldest_seconds: float


def queue_states() -> Iterator[QueueState]:
    """Yield each kind of work; counts due rows only, so that a million reminders for next year cost nothing."""
    for model in work_models():
        for job in model.jobs:
            due = model._default_manager.filter(job.where, state__in=literals(CLAIMABLE), due_at__lte=Now())
            found = due.aggregate(count=Count("pk"), oldest=Min("due_at"))
            age = (timezone.now() - found["oldest"]).total_seconds() if found["oldest"] else 0.0
            yield QueueState(task=job.task, queue=job.queue, due=found["count"], oldest_seconds=max(0.0, age))


def incident_counts() -> dict[tuple[str, str], int]:
    """Return how many rows are held, uncertain or dead: {(kind of work, state): count}."""
    global _incidents  # noqa: PLW0603 - a cache of one process
    read_at, counts = _incidents
    if counts and time.monotonic() - read_at < INCIDENTS_SECONDS:
        return counts
    counts = {}
    for model in work_models():
        rows = model._default_manager.filter(state__in=literals(STUCK)).order_by()
        found = dict(rows.values_list("state").annotate(count=Count("pk")))
        counts |= {(model._meta.label_lower, str(state)): found.get(state, 0) for state in STUCK}
    _incidents = (time.monotonic(), counts)
    return counts


def reset_counts() -> None:
    """Count again at the next call, for tests."""
    global _incidents  # noqa: PLW0603 - one for each process
    _incidents = (0.0, {})
