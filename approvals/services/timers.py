"""What happens at the moments that a candidate waits for: its deadline, and the steps of its ladder."""

from __future__ import annotations

import logging

from django.db import transaction

from approvals.models import Approver, Seat, StepKind, Timer, TimerKind
from approvals.services.deciding import end_by_deadline, lock
from approvals.services.queueing import put_before, wake_forgotten
from approvals.services.trail import note
from common.work.rows import State, due_rows
from common.work.run import work_on

logger = logging.getLogger("frontdesk.approvals")


@transaction.atomic
def ring(timer: Timer) -> None:
    """Do what a due timer is for; one of a candidate that has its end does nothing."""
    if timer.kind == TimerKind.DEADLINE:
        ended = end_by_deadline(candidate=timer.candidate)
        if ended:
            logger.info("candidate_timed_out", extra={"tenant_id": timer.tenant_id, "candidate_id": timer.candidate_id})
        # Decided in this moment: done all the same. Not past yet, by the database's clock: it comes again.
        row = lock(timer.candidate_id)
        if row.is_open:
            return timer.settle(State.QUEUED, due_at=row.deadline_at, attempts=0)
    else:
        _escalate(timer)
    return timer.settle(State.DONE)


def ring_due(*, limit: int = 1000) -> int:
    """Ring every timer that is due, and wake queues that were forgotten; the clock's job. Returns how many timers."""
    due = due_rows(Timer, Timer.jobs[0], limit)
    for pk, _ in due:
        work_on(Timer, pk, ring)
    wake_forgotten()
    return len(due)


def _escalate(timer: Timer) -> None:
    row = lock(timer.candidate_id)
    if not row.is_open or timer.step > len(row.ladder):
        return
    rung = row.ladder[timer.step - 1]
    named = Approver.objects.of(row.tenant).filter(name__in=rung["approvers"], is_active=True)
    first = Approver.objects.filter(pk__in=Seat.objects.filter(candidate=row, step=0).values("approver"))
    approvers = list(named) if rung["approvers"] else list(first)
    note(
        row, StepKind.ESCALATED, actor="clock", step=timer.step, approvers=[one.name for one in approvers],
        channel=rung["channel"],
    )  # fmt: skip
    put_before(candidate=row, approvers=approvers, channel=rung["channel"] or row.channel, step=timer.step)
