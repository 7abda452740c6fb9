"""The timers of candidates: deadlines and escalation steps."""

from __future__ import annotations

import logging

from django.db import transaction

from approvals.models import Approver, CandidateApprover, Timer, TimerKind, TrailKind
from approvals.services.deciding import end_by_deadline, lock
from approvals.services.questions import add_questions, wake_up_forgotten
from approvals.services.trail import record_trail
from common.work.rows import State, due_rows
from common.work.run import work_on

logger = logging.getLogger("frontdesk.approvals")


@transaction.atomic
def run_timer(timer: Timer) -> None:
    """Do what a due timer is for; nothing when its candidate is decided."""
    if timer.kind == TimerKind.DEADLINE:
        ended = end_by_deadline(candidate=timer.candidate)
        if ended:
            logger.info("candidate_timed_out", extra={"tenant_id": timer.tenant_id, "candidate_id": timer.candidate_id})
        # Decided at this moment: done as well. Not past yet, by the database's clock: the timer is due again later.
        row = lock(timer.candidate_id)
        if row.is_open:
            return timer.settle(State.QUEUED, due_at=row.deadline_at, attempts=0)
    else:
        _escalate(timer)
    return timer.settle(State.DONE)


def run_due_timers(*, limit: int = 1000) -> int:
    """Run every due timer, and wake up queues that were forgotten; a scheduled job. Returns how many timers."""
    due = due_rows(Timer, Timer.jobs[0], limit)
    for pk, _ in due:
        work_on(Timer, pk, run_timer)
    wake_up_forgotten()
    return len(due)


def _escalate(timer: Timer) -> None:
    row = lock(timer.candidate_id)
    if not row.is_open or timer.step > len(row.ladder):
        return
    rung = row.ladder[timer.step - 1]
    named = Approver.objects.of(row.tenant).filter(name__in=rung["approvers"], is_active=True)
    first = Approver.objects.filter(pk__in=CandidateApprover.objects.filter(candidate=row, step=0).values("approver"))
    approvers = list(named) if rung["approvers"] else list(first)
    record_trail(
        row, TrailKind.ESCALATED, actor="clock", step=timer.step, approvers=[one.name for one in approvers],
        channel=rung["channel"],
    )  # fmt: skip
    add_questions(candidate=row, approvers=approvers, channel=rung["channel"] or row.channel, step=timer.step)
