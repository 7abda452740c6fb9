"""Claim one due row, call the service that works it, and settle the row."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from common import context
from common.work.exclusive import exclusive_lock
from common.work.rows import MAX_CRASHES, LastAttempt, LeaseLost, Row, WorkRow, rows_of

logger = logging.getLogger("frontdesk.work")


def work_on(model: type[Row], pk: int, service: Callable[[Row], object], *, lease_seconds: float | None = None) -> None:
    """Claim the row and call `service` with it; do nothing when the row cannot be claimed.

    The service settles the row itself. After an unexpected error the row is retried later, and is dead after
    `max_attempts`. When the lease was lost meanwhile, the work is discarded.
    """
    with suppress(LastAttempt), exclusive_lock.shared():
        row = rows_of(model).claim(pk, lease_seconds=lease_seconds, fewer_crashes_than=MAX_CRASHES - 1)
        if row is not None:
            _do(service, row)
        return
    with exclusive_lock.exclusive() as is_alone:
        row = rows_of(model).claim(pk, lease_seconds=lease_seconds) if is_alone else None
        if row is not None:
            logger.warning("worked_alone", extra={"work": model._meta.label_lower, "work_id": pk})
            _do(service, row)


def _do(service: Callable[[Row], object], row: Row) -> None:
    ids = {"work": row._meta.label_lower, "work_id": row.pk, "attempt": row.attempts}
    # Logs, and rows that follow from this one, carry the id of the request that began it.
    with context.use_context(context.TraceContext(row.request_id, row.traceparent)):
        try:
            service(row)
        except LeaseLost:
            logger.warning("lease_lost", extra=ids)
        except Exception as error:
            logger.exception("work_failed", extra=ids)
            _fail_quietly(row, error)


def _fail_quietly(row: WorkRow, error: Exception) -> None:
    try:
        row.fail(f"{type(error).__name__}: {error}")
    except LeaseLost:
        logger.warning("lease_lost", extra={"work": row._meta.label_lower, "work_id": row.pk})
