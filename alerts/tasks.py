"""The queue's door: tell of one alert."""

from alerts import services
from common.work.queue import register_task


@register_task("alerts.tell", queue="clock")
def tell(notice_id: int) -> None:
    """Send one notice."""
    services.tell(notice_id)
