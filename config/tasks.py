"""Celery tasks that beat starts."""

import logging

from celery import shared_task
from django.db import close_old_connections

from common.work.heartbeat import beat
from config import schedule
from tenants.declarations import JOBS

logger = logging.getLogger("frontdesk.beat")


@shared_task(name="config.run_job", ignore_result=True)
def run_job(name: str) -> None:
    """Run one scheduled job; running it twice at once is harmless."""
    if name not in JOBS:
        logger.warning("job_unknown", extra={"job": name})
        return
    _run(name, lambda: schedule.run_job(name))


@shared_task(name="config.tick", ignore_result=True)
def tick() -> None:
    """Store that beat is alive."""
    _run("tick", lambda: beat("beat"))


def _run(name: str, work: object) -> None:
    # In the embedded default this is beat's own thread, which must survive every error.
    close_old_connections()
    try:
        assert callable(work)
        work()
    except Exception:  # the next run tries again
        logger.exception("job_failed", extra={"job": name})
    finally:
        close_old_connections()
