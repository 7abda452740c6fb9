"""Rate limits of the API: a token bucket in the database, shared by all web processes.

The bucket is the generic cell rate algorithm (ITU-T I.371) in one conditional update on the database's clock. A call
beyond the rate changes nothing, so a flood writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import DurationField, F
from django.db.models.functions import Greatest, Now

from common.db.compiled import CompiledUpdate, Slot, now_plus
from common.db.inserts import insert_once
from tenants.models import CallRate


@dataclass(frozen=True, kw_only=True)
class RateStanding:
    """The result of a check against the limit."""

    is_allowed: bool
    limit: int
    left: int
    full_in: float  # seconds until the bucket is full again
    wait: float  # seconds until one more call is allowed


def use_call(caller: str, *, count: int, seconds: float) -> RateStanding:
    """Use one of `count` calls per `seconds`, all of which may come at once; returns how the caller stands."""
    each = seconds / count
    room, step = timedelta(seconds=seconds - each), timedelta(seconds=each)
    row = _TAKE.returning(caller=caller, room=room, step=step)
    is_allowed = row is not None
    if row is None:
        row = CallRate.objects.annotate(now=Now()).filter(caller=caller).first()
        if row is None:
            insert_once(CallRate(caller=caller))
        if row is None or row.full_at <= row.now + room:  # the very first call, or one of several that came at once
            return use_call(caller, count=count, seconds=seconds)
        row.asked_at = row.now
    full_in = max(0.0, (row.full_at - row.asked_at).total_seconds())
    return RateStanding(
        is_allowed=is_allowed,
        limit=count,
        left=max(0, int((seconds - full_in) / each + 1e-6)),
        full_in=full_in,
        wait=0.0 if is_allowed else max(0.0, full_in + each - seconds),
    )


_TAKE: CompiledUpdate[CallRate] = CompiledUpdate(
    lambda: CallRate.objects.filter(caller=Slot("caller"), full_at__lte=now_plus("room")),
    full_at=Greatest(F("full_at"), Now()) + Slot("step", DurationField()),
    asked_at=Now(),
)
