"""Circuit breakers: after failures in a row, a provider or a model is not called for a while.

A breaker is a row, so that all workers share it and a restart keeps it. What cannot ask the database has a breaker of
its process (`ProcessBreaker`).
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

from django.db.models import Exists, F, Q
from django.db.models.functions import Now

from common.db.inserts import insert_once
from common.models import CircuitBreaker
from common.work.rows import now_plus_seconds


def hashed_key(*parts: str) -> str:
    """Return a key made of a credential and the like: another API key, model or address is another breaker."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def find_breaker(key: str) -> CircuitBreaker | None:
    """Return a breaker, if a result was ever recorded for it."""
    return CircuitBreaker.objects.filter(key=key).first()


def is_open(key: str) -> bool:
    """Return whether the breaker is open, so that no call is made."""
    waits = Q(needs_change=True) | Q(open_until__gt=Now())
    return CircuitBreaker.objects.filter(waits, key=key).exists()


def has_failures(key: Any) -> Exists:
    """Return an expression: whether the last call of this breaker failed. `key` may be a Slot."""
    return Exists(CircuitBreaker.objects.filter(key=key, failures__gt=0))


def record_success(key: str, *, name: str) -> None:
    """Record that a call succeeded: the failures are reset, and the breaker is closed."""
    fields = {"failures": 0, "open_until": None, "needs_change": False, "reason": "", "succeeded_at": Now()}
    if not CircuitBreaker.objects.filter(key=key).update(**fields):
        insert_once(CircuitBreaker(key=key, name=name[:120]))
        CircuitBreaker.objects.filter(key=key).update(**fields)


def record_failure(
    key: str, *, name: str, reason: str = "", opens_after: int, seconds: float = 0.0, needs_change: bool = False
) -> bool:
    """Record that a call failed; returns whether that opened the breaker.

    Args: name: what is called, for operators. opens_after: so many failures in a row open the breaker; 1 opens it at
    once. seconds: for how long. needs_change: until another credential or address makes another breaker.
    """
    insert_once(CircuitBreaker(key=key, name=name[:120]))
    row = CircuitBreaker.objects.filter(key=key)
    row.update(failures=F("failures") + 1, failed_at=Now(), reason=reason[:200])
    if needs_change:
        return bool(row.filter(needs_change=False).update(needs_change=True))
    return bool(row.filter(failures__gte=opens_after).update(open_until=now_plus_seconds(seconds)))


class ProcessBreaker:
    """The breaker of something that this process alone calls, such as the broker: one failure opens it."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        """Return whether no call should be made now."""
        return time.monotonic() < self._open_until

    def open(self) -> None:
        """Record a failure: no call for so many seconds."""
        self._open_until = time.monotonic() + self._seconds
