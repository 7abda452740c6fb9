"""Celery tasks of this app, by row id."""

from approvals import services
from approvals.models import AskQueue, Timer
from common.work.queue import register_task
from common.work.run import work_on


@register_task("approvals.ask", queue="outbound")
def work_queue(queue_id: int) -> None:
    """Ask the next question of one address."""
    work_on(AskQueue, queue_id, services.work_queue)


@register_task("approvals.timer", queue="clock")
def timer(timer_id: int) -> None:
    """Run one timer: a deadline or an escalation step."""
    work_on(Timer, timer_id, services.run_timer)
