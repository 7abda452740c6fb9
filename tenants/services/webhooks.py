"""Webhooks out: endpoints, and the events they receive. `deliveries` sends them."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from common import context
from common.http.client import ForbiddenAddress, check_foreign
from common.work.queue import enqueue
from common.work.rows import State
from tenants.declarations import WEBHOOK_EVENTS
from tenants.models import EmittedEvent, Tenant, WebhookDelivery, WebhookEndpoint, new_secret
from tenants.services.core import record

TASK = "tenants.deliver_webhook"
TEST = "webhook.test"
KEPT = timedelta(days=30)
MAX_ENDPOINTS = 50
MAX_REPLAY = 10_000
BATCH = 1000
# Not running: a replay may put these back to work.
RESTING = (State.DONE, State.DEAD, State.HELD, State.IGNORED)


class TooManyEndpoints(Exception):
    """The tenant has as many endpoints as it may have."""


def emit(*, tenant: Tenant, event_type: str, data: Mapping[str, Any], once: str = "") -> EmittedEvent | None:
    """Store an event for the tenant's endpoints, in the caller's transaction; returns None when no endpoint wants it.

    The event and its deliveries are rows of the transaction that did the thing, so that neither exists without the
    other. A tenant without endpoints costs nothing.

    Args: data: ids and facts, no texts of people: a receiver reads those by the API. once: a name of the fact when it
    may be emitted twice (by two workers, for example): the first time counts.
    """
    assert event_type in WEBHOOK_EVENTS, event_type
    if not tenant.emits_events:
        return None
    endpoints = WebhookEndpoint.objects.of(tenant).filter(is_enabled=True, is_callback=False)
    return _store_event(
        tenant, [endpoint for endpoint in endpoints if endpoint.wants(event_type)], event_type, data, once
    )


@transaction.atomic
def emit_callback(
    *, tenant: Tenant, url: str, event_type: str, data: Mapping[str, Any], once: str
) -> EmittedEvent | None:
    """Store an event for one address only, in the caller's transaction; returns None when it was stored before.

    The tenant's signing secret signs it. `once` names the fact, and so the event's id.
    """
    endpoint = prepare_callback(tenant=tenant, url=url, event_type=event_type)
    return _store_event(tenant, [endpoint], event_type, data, once)


def prepare_callback(*, tenant: Tenant, url: str, event_type: str) -> WebhookEndpoint:
    """Return the endpoint of an address for callbacks; created early, so that the callback writes no shared row."""
    endpoint, _ = WebhookEndpoint.objects.get_or_create(
        tenant=tenant, url=url, is_callback=True, defaults={"event_types": [event_type], "description": "approvals"}
    )
    return endpoint


def check_endpoint(url: str) -> None:
    """Raise ValueError, with what to do, for an address that no webhook may go to. Looks up the name."""
    if not url.startswith("https://") and (settings.IS_PRODUCTION or not url.startswith("http://")):
        raise ValueError("Only https:// addresses are told of events.")
    try:
        check_foreign(url)
    except ForbiddenAddress as error:
        raise ValueError(
            f"This address cannot be used: {error}. The installation can allow a host in OUTBOUND_ALLOWED_HOSTS."
        ) from None


@transaction.atomic
def create_endpoint(
    *, tenant: Tenant, url: str, event_types: Iterable[str], by: str, description: str = ""
) -> WebhookEndpoint:
    """Create an endpoint; its `secret` is shown now and never again. Call `check_endpoint` first.

    Raises TooManyEndpoints.
    """
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if WebhookEndpoint.objects.of(locked).filter(is_callback=False).count() >= MAX_ENDPOINTS:
        raise TooManyEndpoints(f"A tenant has up to {MAX_ENDPOINTS} endpoints.")
    endpoint: WebhookEndpoint = WebhookEndpoint.objects.create(
        tenant=locked, url=url, event_types=sorted(set(event_types)), description=description
    )
    Tenant.objects.filter(pk=tenant.pk).update(emits_events=True)
    record(tenant=tenant, actor=by, action="webhook_created", subject=endpoint, event_types=endpoint.event_types)
    return endpoint


@transaction.atomic
def change_endpoint(*, endpoint: WebhookEndpoint, by: str, **changes: Any) -> WebhookEndpoint:
    """Change url, description, event_types or is_enabled. A new address gets what the old one refused for good."""
    row = lock_endpoint(endpoint.pk)
    is_moved = changes.get("url", row.url) != row.url
    for name, value in changes.items():
        setattr(row, name, value)
    if "is_enabled" in changes or is_moved:
        row.disabled_reason = "" if row.is_enabled else f"switched off by {by}"[:200]
        row.failures, row.failing_since, row.is_slow, row.is_given_up = 0, None, False, False
        row.resting_until = Now()
    row.save()
    if is_moved:
        held = WebhookDelivery.objects.filter(endpoint=row, state=State.HELD, held_by="address")
        held.requeue(held_by="")
    record(tenant=row.tenant, actor=by, action="webhook_changed", subject=row, changed=sorted(changes))
    row.refresh_from_db()
    return row


@transaction.atomic
def delete_endpoint(*, endpoint: WebhookEndpoint, by: str) -> None:
    """Delete an endpoint with its log."""
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=endpoint.tenant_id)
    record(tenant=tenant, actor=by, action="webhook_deleted", subject=endpoint)
    endpoint.delete()
    if not WebhookEndpoint.objects.of(tenant).filter(is_callback=False).exists():
        Tenant.objects.filter(pk=tenant.pk).update(emits_events=False)


@transaction.atomic
def rotate_secret(*, endpoint: WebhookEndpoint, by: str, hours: float = 24) -> WebhookEndpoint:
    """Create a new secret, shown now and never again; the old one signs for `hours` more."""
    row = lock_endpoint(endpoint.pk)
    row.previous_secret, row.secret = row.secret, new_secret()
    row.previous_until = timezone.now() + timedelta(hours=hours)
    row.save(update_fields=["previous_secret", "secret", "previous_until"])
    record(tenant=row.tenant, actor=by, action="webhook_secret_rotated", subject=row, hours=hours)
    return row


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, by: str) -> WebhookDelivery:
    """Send a `webhook.test` event to this endpoint only."""
    data = {"endpoint_id": endpoint.pk, "by": by}
    event = _store_event(endpoint.tenant, [endpoint], TEST, data, "")
    assert event is not None
    delivery: WebhookDelivery = event.deliveries.select_related("event").get()
    return delivery


@transaction.atomic
def replay_delivery(*, delivery: WebhookDelivery, by: str) -> bool:
    """Send one delivery again, delivered or not; returns False when it is running already."""
    ended = WebhookDelivery.objects.filter(pk=delivery.pk, state__in=RESTING)
    if not ended.requeue(held_by=""):
        return False
    record(tenant=delivery.tenant, actor=by, action="webhook_replayed", subject=delivery)
    enqueue(TASK, delivery.pk)
    return True


@transaction.atomic
def replay_range(
    *, endpoint: WebhookEndpoint, since: datetime, until: datetime, by: str, only_failed: bool = True
) -> int:
    """Send the events of a period again, up to MAX_REPLAY, the oldest first; returns how many."""
    rows = WebhookDelivery.objects.filter(endpoint=endpoint, event__created_at__gte=since, event__created_at__lt=until)
    states = [State.DEAD, State.HELD, State.IGNORED] if only_failed else RESTING
    chosen = list(rows.filter(state__in=states).order_by("pk").values_list("pk", flat=True)[:MAX_REPLAY])
    count = 0
    for start in range(0, len(chosen), BATCH):
        part = WebhookDelivery.objects.filter(pk__in=chosen[start : start + BATCH], state__in=states)
        count += part.requeue(held_by="")
    record(tenant=endpoint.tenant, actor=by, action="webhook_range_replayed", subject=endpoint, count=count)
    return count


def purge_events() -> int:
    """Delete events that are old enough and no longer on their way, with their deliveries; returns how many."""
    still_open = WebhookDelivery.objects.filter(state__in=[State.QUEUED, State.WORKING, State.UNCERTAIN])
    old = EmittedEvent.objects.filter(created_at__lt=Now() - KEPT).exclude(pk__in=still_open.values("event"))
    count = 0
    while ids := list(old.values_list("pk", flat=True)[:BATCH]):
        EmittedEvent.objects.filter(pk__in=ids).delete()
        count += len(ids)
    return count


def lock_endpoint(pk: int) -> WebhookEndpoint:
    """Lock the endpoint's row until the end of the transaction and return it."""
    rows = WebhookEndpoint.objects.select_related("tenant").select_for_update(of=("self",), no_key=True)
    row: WebhookEndpoint = rows.get(pk=pk)
    return row


def _store_event(
    tenant: Tenant, endpoints: list[WebhookEndpoint], event_type: str, data: Mapping[str, Any], once: str
) -> EmittedEvent | None:
    if not endpoints:
        return None
    name = hashlib.sha256(f"{tenant.pk} {once}".encode()).hexdigest()[:32] if once else secrets.token_hex(16)
    fields = {"tenant": tenant, "type": event_type, "body": _body(event_type, data)}
    event, is_new = EmittedEvent.objects.get_or_create(event_id=f"evt_{name}", defaults=fields)
    if not is_new:
        return None
    current = context.current()
    rows = [
        WebhookDelivery(
            tenant=tenant, endpoint=endpoint, event=event, request_id=current.request_id,
            traceparent=current.traceparent,
        )
        for endpoint in endpoints
    ]  # fmt: skip
    for row in WebhookDelivery.objects.bulk_create(rows):
        enqueue(TASK, row.pk)
    return event


def _body(event_type: str, data: Mapping[str, Any]) -> bytes:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    body = {"type": event_type, "timestamp": now, "data": dict(data)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def failing_endpoints() -> Q:
    """Return a filter for endpoints that an operator should look at: they fail, or were disabled because of it."""
    return Q(failing_since__isnull=False) | Q(is_enabled=False) & Q(is_given_up=True)
