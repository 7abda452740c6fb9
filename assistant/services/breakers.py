"""The circuit breaker of models. It stands in the database: all workers share it and restarts keep it."""

from __future__ import annotations

import hashlib
import logging

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from assistant.models import ModelGate
from assistant.providers.base import BreakerEffect
from common.work.rows import now_plus_seconds

logger = logging.getLogger("frontdesk.assistant")

MAX_FAILURES = 5  # in a row
OPEN_SECONDS = 60.0
NO_MONEY_SECONDS = 3600.0


def breaker_key(*parts: str) -> str:
    """Return the key of a breaker: another API key, model or address is another breaker, and so closed."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def is_open(key: str) -> bool:
    """Return whether the breaker is open, so that the model is not called."""
    waits = Q(needs_change=True) | Q(open_until__gt=Now())
    return ModelGate.objects.filter(waits, key=key).exists()


def record_success(key: str, *, provider: str, model: str = "") -> None:
    """Record a success: failures are reset."""
    fields = {"failures": 0, "open_until": None, "needs_change": False, "reason": "", "succeeded_at": timezone.now()}
    ModelGate.objects.update_or_create(key=key, defaults={"provider": provider, "model": model[:100], **fields})


def record_failure(key: str, *, provider: str, model: str = "", breaker: BreakerEffect, reason: str) -> None:
    """Record a failure; opens the breaker when `breaker` says so, or after MAX_FAILURES in a row."""
    if breaker == BreakerEffect.NONE:
        return
    ModelGate.objects.get_or_create(key=key, defaults={"provider": provider, "model": model[:100]})
    row = ModelGate.objects.filter(key=key)
    row.update(failures=F("failures") + 1, failed_at=Now(), reason=reason[:200])
    if breaker == BreakerEffect.CHANGE:
        opened = row.filter(needs_change=False).update(needs_change=True)
    elif breaker == BreakerEffect.HOUR:
        opened = row.update(open_until=now_plus_seconds(NO_MONEY_SECONDS))
    else:
        opened = row.filter(failures__gte=MAX_FAILURES).update(open_until=now_plus_seconds(OPEN_SECONDS))
    if opened:
        extra = {"provider": provider, "model": model, "reason": reason}
        logger.error("model_breaker_open", extra=extra)
