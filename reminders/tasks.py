"""Celery tasks of this app, by row id."""

from common.work.queue import register_task
from common.work.run import work_on
from reminders import services
from reminders.models import Occurrence


@register_task("reminders.fire", queue="clock")
def send_occurrence(occurrence_id: int) -> None:
    """Work one due occurrence."""
    work_on(Occurrence, occurrence_id, services.send_occurrence)
