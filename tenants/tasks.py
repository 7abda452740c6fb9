"""Celery tasks of this app, by row id."""

from common.work.queue import register_task
from common.work.run import work_on
from tenants import services
from tenants.models import WebhookDelivery

LEASE_SECONDS = 45  # one call of up to 15 s, and the waits for the endpoint's lock


@register_task("tenants.deliver_webhook", queue="bulk")
def deliver_webhook(delivery_id: int) -> None:
    """Deliver one event to one endpoint."""
    work_on(WebhookDelivery, delivery_id, services.deliver_webhook, lease_seconds=LEASE_SECONDS)
