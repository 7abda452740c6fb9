"""The circuit breakers of models and of the n8n workflow: what each kind of failure does to them."""

from __future__ import annotations

import logging

from assistant.providers.base import BreakerEffect
from common import breakers

logger = logging.getLogger("frontdesk.assistant")

MAX_FAILURES = 5  # in a row
OPEN_SECONDS = 60.0
NO_MONEY_SECONDS = 3600.0


def record_success(key: str, *, provider: str, model: str = "") -> None:
    """Record a success: failures are reset."""
    breakers.record_success(key, name=_name(provider, model))


def record_failure(key: str, *, provider: str, model: str = "", breaker: BreakerEffect, reason: str) -> None:
    """Record a failure; opens the breaker when `breaker` says so, or after MAX_FAILURES in a row."""
    if breaker == BreakerEffect.NONE:
        return
    is_hour = breaker == BreakerEffect.HOUR
    has_opened = breakers.record_failure(
        key,
        name=_name(provider, model),
        reason=reason,
        opens_after=1 if is_hour else MAX_FAILURES,
        seconds=NO_MONEY_SECONDS if is_hour else OPEN_SECONDS,
        needs_change=breaker == BreakerEffect.CHANGE,
    )
    if has_opened:
        logger.error("model_breaker_open", extra={"provider": provider, "model": model, "reason": reason})


def _name(provider: str, model: str) -> str:
    return f"{provider} {model}".strip()
