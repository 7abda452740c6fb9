"""Deliver events to endpoints (Standard Webhooks): signed, 10 tries over at least 72 hours, independent of each other.

An endpoint that cannot be reached rests between tries; all of those together get one worker of a process, so that a
slow or dead receiver does not block the others.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from common.http.client import ForbiddenAddress, HttpError, Response, foreign_client, operator_client
from common.work.rows import State, backoff, now_plus_seconds
from tenants.models import WebhookDelivery, WebhookEndpoint
from tenants.services.core import record
from tenants.services.webhooks import lock_endpoint

logger = logging.getLogger("frontdesk.webhooks")

# Seconds after each try: 75 hours and a half in all; jitter is only added.
SCHEDULE = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
MAX_RETRY_AFTER = 86_400.0
OVERLOADED = (408, 425, 429, 502, 503, 504)
GIVES_UP_AFTER = timedelta(days=5)
REST_SECONDS, REST_CAP_SECONDS = 5.0, 600.0
SLOW_SECONDS = 3.0
AT_ONCE = 2  # parallel tries to one healthy endpoint; to another one there is one
MAX_ANSWER_BYTES = 4096
TRIES_KEPT = 20

_doubtful = threading.BoundedSemaphore(1)  # this process's only worker for unhealthy endpoints


def deliver_webhook(delivery: WebhookDelivery) -> None:
    """Make one try of a claimed delivery."""
    endpoint = _begin(delivery)
    if endpoint is None:
        return
    if not _is_doubtful(endpoint):
        _try(delivery, endpoint)
    elif _doubtful.acquire(blocking=False):
        try:
            _try(delivery, endpoint)
        finally:
            _doubtful.release()
    else:
        _put_off(delivery, random.uniform(1, 3))


def signature(secrets: list[str], event_id: str, at: datetime, body: bytes) -> str:
    """Return the header `webhook-signature`: one entry for each valid secret."""
    from standardwebhooks import Webhook

    return " ".join(Webhook(secret).sign(event_id, at, body.decode()) for secret in secrets)


@transaction.atomic
def _begin(delivery: WebhookDelivery) -> WebhookEndpoint | None:
    """Take a slot of the endpoint; returns None when the delivery was settled or postponed here."""
    endpoint = lock_endpoint(delivery.endpoint_id)
    if not endpoint.is_enabled:
        reason = endpoint.disabled_reason or "the endpoint is switched off"
        delivery.settle(State.HELD, reason=reason, held_by="disabled", attempts=F("attempts") - 1)
        return None
    resting = WebhookEndpoint.objects.filter(pk=endpoint.pk, resting_until__gt=Now())
    if (rest := resting.values_list("resting_until", Now()).first()) is not None:
        left = (rest[0] - rest[1]).total_seconds()
        _put_off(delivery, max(0.5, left) + random.uniform(0, 1))
        return None
    others = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.WORKING, slot=F("token"))
    if others.exclude(pk=delivery.pk).count() >= (1 if _is_doubtful(endpoint) else AT_ONCE):
        _put_off(delivery, random.uniform(1, 3))
        return None
    WebhookDelivery.objects.filter(pk=delivery.pk, token=delivery.token).update(slot=F("token"))
    return endpoint


def _try(delivery: WebhookDelivery, endpoint: WebhookEndpoint) -> None:
    started = time.monotonic()
    known = endpoint.secrets()
    if not known:
        return _hold(delivery, "it cannot be signed: the tenant has no signing secret")
    try:
        answer = _post(delivery, endpoint, known)
    except ForbiddenAddress as error:
        _end(delivery, started, None, str(error))
        return _hold(delivery, f"the address may not be called: {error}")
    except HttpError as error:
        _end(delivery, started, None, str(error))
        return _failed(delivery, f"no answer: {error}", is_away=True)
    _end(delivery, started, answer.status, "")
    if answer.status < 300:
        return _delivered(delivery, is_slow=time.monotonic() - started > SLOW_SECONDS)
    if answer.status == 410:
        return _gone(delivery)
    if answer.status < 400:
        return _hold(delivery, f"it answers {answer.status}: redirects are not followed, give the new address")
    is_away = answer.status in OVERLOADED
    return _failed(
        delivery,
        f"it answers {answer.status}",
        is_away=is_away,
        retry_after=min(MAX_RETRY_AFTER, answer.retry_after or 0.0),
    )


def _post(delivery: WebhookDelivery, endpoint: WebhookEndpoint, known: list[str]) -> Response:
    body, now = bytes(delivery.event.body), datetime.now(UTC)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Frontdesk/{settings.VERSION}",
        "webhook-id": delivery.event.event_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature(known, delivery.event.event_id, now, body),
    }
    # The installation's own core service has the operator's address, which may be private.
    is_operators = endpoint.is_callback and endpoint.url == settings.CORE_DECISION_WEBHOOK
    client = operator_client() if is_operators else foreign_client()
    return client.request(
        "POST", endpoint.url, headers=headers, content=body, timeout=settings.SEND_TIMEOUT_SECONDS,
        max_bytes=MAX_ANSWER_BYTES, cut=True,
    )  # fmt: skip


@transaction.atomic
def _delivered(delivery: WebhookDelivery, *, is_slow: bool) -> None:
    delivery.settle(State.DONE, held_by="", delivered_at=timezone.now(), **_log_of(delivery))
    endpoints = WebhookEndpoint.objects.filter(pk=delivery.endpoint_id)
    endpoints.filter(~Q(is_slow=is_slow)).update(is_slow=is_slow)
    recovered = endpoints.filter(Q(failures__gt=0) | Q(failing_since__isnull=False))
    if recovered.update(failures=0, failing_since=None, resting_until=Now()):
        # Deliveries that only waited for the endpoint to recover are sent now.
        WebhookDelivery.objects.filter(
            endpoint_id=delivery.endpoint_id, state=State.QUEUED, attempts=0, due_at__gt=Now()
        ).update(due_at=Now())


@transaction.atomic
def _failed(delivery: WebhookDelivery, reason: str, *, is_away: bool, retry_after: float = 0.0) -> None:
    endpoint = lock_endpoint(delivery.endpoint_id)
    if delivery.attempts >= delivery.max_attempts:
        delivery.settle(State.DEAD, reason=reason, **_log_of(delivery))
    else:
        wait = SCHEDULE[min(delivery.attempts, len(SCHEDULE)) - 1] * random.uniform(1.0, 1.2)
        delivery.settle(State.QUEUED, reason=reason, due_in=max(wait, retry_after), **_log_of(delivery))
    endpoint.failing_since = endpoint.failing_since or timezone.now()
    endpoint.failures += is_away
    endpoint.save(update_fields=["failing_since", "failures"])
    ids = {"tenant_id": endpoint.tenant_id, "endpoint_id": endpoint.pk, "delivery_id": delivery.pk}
    facts = {"attempt": delivery.attempts, "status": delivery.answer or 0, "is_callback": endpoint.is_callback}
    logger.warning("webhook_failed", extra=ids | facts)
    if endpoint.failing_since < timezone.now() - GIVES_UP_AFTER:
        _disable(endpoint, "nothing was delivered for five days")
    elif is_away:
        _rest(endpoint, max(retry_after, backoff(endpoint.failures, base=REST_SECONDS, cap=REST_CAP_SECONDS)))


@transaction.atomic
def _gone(delivery: WebhookDelivery) -> None:
    endpoint = lock_endpoint(delivery.endpoint_id)
    delivery.settle(State.IGNORED, reason="the receiver wants no more (410)", **_log_of(delivery))
    _disable(endpoint, "the receiver answered 410 Gone")


@transaction.atomic
def _hold(delivery: WebhookDelivery, reason: str) -> None:
    """Hold the delivery, because another try would not help until the address is changed."""
    endpoint = lock_endpoint(delivery.endpoint_id)
    delivery.settle(State.HELD, reason=reason, held_by="address", **_log_of(delivery))
    endpoint.failing_since = endpoint.failing_since or timezone.now()
    endpoint.save(update_fields=["failing_since"])


def _disable(endpoint: WebhookEndpoint, reason: str) -> None:
    """Disable the endpoint; what waits for it is held, and can be replayed."""
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(is_enabled=False, disabled_reason=reason, is_given_up=True)
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.QUEUED)
    waiting.update(state=State.HELD, held_by="disabled", last_error=reason)
    record(tenant=endpoint.tenant, actor="webhooks", action="webhook_disabled", subject=endpoint, reason=reason)
    logger.error("webhook_disabled", extra={"tenant_id": endpoint.tenant_id, "endpoint_id": endpoint.pk})


def _rest(endpoint: WebhookEndpoint, seconds: float) -> None:
    until = now_plus_seconds(seconds)
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(resting_until=until)
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.QUEUED, due_at__lt=until)
    waiting.update(due_at=until)


def _put_off(delivery: WebhookDelivery, seconds: float) -> None:
    delivery.settle(State.QUEUED, due_in=seconds, attempts=F("attempts") - 1)


def _is_doubtful(endpoint: WebhookEndpoint) -> bool:
    return endpoint.failures > 0 or endpoint.is_slow


def _end(delivery: WebhookDelivery, started: float, status: int | None, error: str) -> None:
    """Add a try to the row in memory; it is stored with the state."""
    milliseconds = round((time.monotonic() - started) * 1000)
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    entry = {"at": at, "status": status, "milliseconds": milliseconds, "error": error[:200]}
    delivery.answer, delivery.tries = status, [*delivery.tries, entry][-TRIES_KEPT:]


def _log_of(delivery: WebhookDelivery) -> dict[str, Any]:
    return {"answer": delivery.answer, "tries": delivery.tries}
