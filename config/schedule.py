"""The scheduled jobs: each is a beat entry, a `/cron/<job>` route and a command."""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab, schedule

from tenants.declarations import JOBS, ScheduledJob
from tenants.models import Tenant

TICK_SECONDS = 10


def run_job(name: str) -> int:
    """Run a job now and return how many rows it changed; a job of the tenants' own time runs for each of them."""
    job = JOBS[name]
    if job.in_tenant_zone:
        return sum(job.run(tenant=tenant) for tenant in Tenant.objects.filter(is_active=True))
    return job.run()


def when(job: ScheduledJob) -> Any:
    """Return a job's schedule in Celery's form."""
    if job.at is not None:
        weekday = job.weekday[:3] or "*"
        return crontab(hour=str(job.at[0]), minute=str(job.at[1]), day_of_week=weekday)
    return schedule(job.every_seconds)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Return beat's entries, written into its table at each start; an entry that an operator switched off stays off.

    A job that no worker ran in time expires, so that a long outage does not leave many of them in the queue.
    """
    entries: dict[str, dict[str, Any]] = {
        name: {
            "task": "config.run_job",
            "schedule": when(job),
            "args": (name,),
            "options": {"queue": "clock", "expire_seconds": min(job.every_seconds, 3600)},
        }
        for name, job in JOBS.items()
        if not job.in_tenant_zone  # tenants.services.plan_tenant_jobs finds those that are due
    }
    entries["tick"] = {
        "task": "config.tick",
        "schedule": schedule(TICK_SECONDS),
        "options": {"queue": "clock", "expire_seconds": TICK_SECONDS},
    }
    return entries
