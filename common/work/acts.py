"""What operators do with a work row that is stuck: retry it, or discard it for good. Both are recorded in the audit.

A model whose rows need more than to be due again registers a service of its own in its `apps.py`; that service checks
the row's state, puts it back and returns whether it did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from common.work.queue import enqueue
from common.work.rows import WorkRow, rows_of

RowService = Callable[[Any, str], bool]  # with a row of the registered model
# Sent with `row`, `act` ("retried" or "discarded") and `by`, inside the transaction; the audit listens.
row_acted = Signal()
_retries: dict[type[WorkRow], RowService] = {}
_discards: dict[type[WorkRow], RowService] = {}


def register_acts(model: type[WorkRow], *, retry: RowService | None = None, discard: RowService | None = None) -> None:
    """Register the services behind "Try again" and "Discard" of a model; each is called with the row and who acts."""
    if retry is not None:
        _retries[model] = retry
    if discard is not None:
        _discards[model] = discard


@transaction.atomic
def retry_row(*, row: WorkRow, by: str) -> bool:
    """Put a row back to work and record who did; returns False when its state does not allow it."""
    did = _retries.get(type(row), _retry)(row, by)
    if did:
        row_acted.send(type(row), row=row, act="retried", by=by)
    return did


@transaction.atomic
def discard_row(*, row: WorkRow, by: str) -> bool:
    """Give up a row for good and record who did; returns False when its state does not allow it."""
    did = _discards.get(type(row), _discard)(row, by)
    if did:
        row_acted.send(type(row), row=row, act="discarded", by=by)
    return did


def wake_up_row(row: WorkRow) -> None:
    """Wake up a worker for a row that waits again."""
    for job in row.jobs:
        if rows_of(type(row)).filter(job.where, pk=row.pk).exists():
            enqueue(job.task, row.pk)


def _retry(row: WorkRow, by: str) -> bool:
    if not rows_of(type(row)).filter(pk=row.pk).retryable().requeue():
        return False
    wake_up_row(row)
    return True


def _discard(row: WorkRow, by: str) -> bool:
    return row.discard(f"discarded by {by}")
