"""Work of this app, by row id."""

from approvals import services
from approvals.models import AskQueue, Timer
from common.work.queue import register_task
from common.work.run import work_on


@register_task("approvals.ask", queue="outbound")
def ask(queue_id: int) -> None:
    """Ask the next question of one address."""
    work_on(AskQueue, queue_id, services.ask)


@register_task("approvals.timer", queue="clock")
def timer(timer_id: int) -> None:
    """Ring one deadline or step of a ladder."""
    work_on(Timer, timer_id, services.ring)
