"""Celery tasks of this app, by row id."""

from alerts import services
from common.work.queue import register_task


@register_task("alerts.send_notice", queue="clock")
def send_notice(notice_id: int) -> None:
    """Send one notice."""
    services.send_notice(notice_id)
