"""Celery tasks of this app, by row id."""

from common.work.queue import register_task
from common.work.run import work_on
from messaging import services
from messaging.models import MediaFile, Message, WebhookEvent, WebhookItem


@register_task("messaging.process_webhook", queue="inbound")
def process_webhook(event_id: int) -> None:
    """Process the items of one webhook body."""
    work_on(WebhookEvent, event_id, services.process_event)


@register_task("messaging.process_statuses", queue="bulk")
def process_statuses(event_id: int) -> None:
    """The same for a body that contains only statuses."""
    work_on(WebhookEvent, event_id, services.process_event)


@register_task("messaging.process_item", queue="inbound")
def process_item(item_id: int) -> None:
    """Try one failed item again."""
    work_on(WebhookItem, item_id, services.process_item)


@register_task("messaging.handle", queue="inbound")
def handle(message_id: int) -> None:
    """Offer one inbound message to the handlers."""
    work_on(Message, message_id, services.handle)


@register_task("messaging.deliver", queue="outbound")
def deliver(message_id: int) -> None:
    """Deliver one message."""
    work_on(Message, message_id, services.deliver)


@register_task("messaging.deliver_bulk", queue="bulk")
def deliver_bulk(message_id: int) -> None:
    """Deliver one message of a bulk purpose."""
    work_on(Message, message_id, services.deliver)


@register_task("messaging.fetch_media", queue="bulk")
def fetch_media(media_id: int) -> None:
    """Download one file."""
    work_on(MediaFile, media_id, services.fetch_media, lease_seconds=120)
