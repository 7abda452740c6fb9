"""Celery tasks of this app, by row id."""

from common.work.queue import register_task
from common.work.run import work_on
from tenants import services
from tenants.models import TenantJobRun, WebhookDelivery

LEASE_SECONDS = 45  # one call of up to 15 s, and the waits for the endpoint's lock


@register_task("tenants.deliver_webhook", queue="bulk")
def deliver_webhook(delivery_id: int) -> None:
    """Deliver one event to one endpoint."""
    work_on(WebhookDelivery, delivery_id, services.deliver_webhook, lease_seconds=LEASE_SECONDS)


@register_task("tenants.job", queue="clock")
def run_tenant_job(run_id: int) -> None:
    """Run one scheduled job of a tenant's own time."""
    work_on(TenantJobRun, run_id, services.run_tenant_job)
