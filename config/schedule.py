"""The scheduled jobs: each is a beat entry, a `/cron/<job>` route and a command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery.schedules import crontab, schedule

from alerts import services as alerts
from approvals import services as approvals
from common.work.relay import sweep
from messaging import services as messaging
from reminders import services as reminders
from reports import services as reports
from tenants import audit, idempotency, logins
from tenants import services as tenants

TICK_SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class ScheduledJob:
    """A function to run, and how often (seconds) or at which time of the day (hour, minute; UTC)."""

    run: Callable[[], int]
    every_seconds: int = 24 * 3600
    at: tuple[int, int] | None = None

    def schedule(self) -> Any:
        """Return the schedule in Celery's form."""
        if self.at is not None:
            return crontab(hour=str(self.at[0]), minute=str(self.at[1]))
        return schedule(self.every_seconds)


JOBS: dict[str, ScheduledJob] = {
    "sweep": ScheduledJob(run=sweep, every_seconds=5),
    "watch": ScheduledJob(run=alerts.evaluate_alerts, every_seconds=30),
    "approval-deadlines": ScheduledJob(run=approvals.run_due_timers, every_seconds=10),
    "forget-approvals": ScheduledJob(run=approvals.delete_old_candidates, at=(3, 50)),
    "auto-resume": ScheduledJob(run=messaging.auto_resume, every_seconds=300),
    "join-statuses": ScheduledJob(run=messaging.join_leftover_statuses, every_seconds=10),
    "wake-snoozed": ScheduledJob(run=messaging.wake_snoozed, every_seconds=30),
    # Beat only adds to it: the relays find what is due with or without beat.
    "plan-reminders": ScheduledJob(run=reminders.plan_all, every_seconds=10),
    "cleanup-old-reminders": ScheduledJob(run=reminders.cleanup, at=(3, 35)),
    "roll-up": ScheduledJob(run=reports.roll_up, every_seconds=30),
    "sync-templates": ScheduledJob(run=messaging.sync_templates, every_seconds=900),
    "retention": ScheduledJob(run=messaging.delete_old_webhooks, at=(3, 30)),
    "seal-audit": ScheduledJob(run=audit.seal, every_seconds=5),
    "note-audit": ScheduledJob(run=audit.record_heads, at=(3, 45)),
    "logins": ScheduledJob(run=logins.delete_old, at=(3, 40)),
    "forget-answers": ScheduledJob(run=idempotency.purge, every_seconds=3600),
    "forget-events": ScheduledJob(run=tenants.purge_events, at=(3, 45)),
}


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Return beat's entries, written into its table at each start; an entry that an operator switched off stays off.

    A job that no worker ran in time expires, so that a long outage does not leave many of them in the queue.
    """
    entries: dict[str, dict[str, Any]] = {
        name: {
            "task": "config.run_job",
            "schedule": job.schedule(),
            "args": (name,),
            "options": {"queue": "clock", "expire_seconds": min(job.every_seconds, 3600)},
        }
        for name, job in JOBS.items()
    }
    entries["tick"] = {
        "task": "config.tick",
        "schedule": schedule(TICK_SECONDS),
        "options": {"queue": "clock", "expire_seconds": TICK_SECONDS},
    }
    return entries
