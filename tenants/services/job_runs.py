"""Run scheduled jobs in the tenants' own time: each once a day and tenant, also after a crash."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from common.db.inserts import insert_once
from common.work.queue import enqueue
from common.work.rows import State
from tenants.declarations import JOBS, WEEKDAYS, ScheduledJob
from tenants.models import Tenant, TenantJobRun

KEPT = timedelta(days=30)


def plan_tenant_jobs() -> int:
    """Create a run for each job whose time has come in a tenant's zone today; returns how many."""
    jobs = {name: job for name, job in JOBS.items() if job.in_tenant_zone}
    if not jobs:
        return 0
    planned, now = 0, timezone.now()
    for tenant in Tenant.objects.filter(is_active=True):
        local = now.astimezone(ZoneInfo(tenant.timezone))
        for name in (name for name, job in jobs.items() if _has_come(job, local)):
            row = TenantJobRun(tenant=tenant, job=name, day=local.date())
            if insert_once(row):
                enqueue("tenants.job", row.pk)
                planned += 1
    return planned


def run_tenant_job(row: TenantJobRun) -> None:
    """Run a job for its tenant; a job that no app declares any more is ignored."""
    job = JOBS.get(row.job)
    if job is None or not job.in_tenant_zone:
        return row.settle(State.IGNORED, reason="no app declares this job")
    job.run(tenant=row.tenant)
    return row.settle(State.DONE)


def delete_old_job_runs() -> int:
    """Delete runs that ended more than 30 days ago; returns how many."""
    old = TenantJobRun.objects.filter(day__lt=(timezone.now() - KEPT).date(), state__in=[State.DONE, State.IGNORED])
    return int(old.delete()[0])


def _has_come(job: ScheduledJob, local: datetime) -> bool:
    """Return whether the job's time of today is over; a time that the clock skips counts from the hour after."""
    assert job.at is not None
    return (not job.weekday or WEEKDAYS[local.weekday()] == job.weekday) and local.time() >= time(*job.at)
