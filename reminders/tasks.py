"""Work of this app, by row id."""

from common.work.queue import register_task
from common.work.run import work_on
from reminders import services
from reminders.models import Occurrence


@register_task("reminders.fire", queue="clock")
def fire(occurrence_id: int) -> None:
    """Say one reminder whose time has come."""
    work_on(Occurrence, occurrence_id, services.fire)
