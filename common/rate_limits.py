"""Rate limits: one token bucket for all that may happen only so often.

The bucket is the generic cell rate algorithm (ITU-T I.371): one time, `full_at`, says when the bucket is full again.
Taking a token is one conditional update on the database's clock. So all processes share a bucket, a restart loses
nothing, and a call that is refused writes nothing.
"""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, DurationField, F, Q, When
from django.db.models.functions import Greatest, Now

from common.db.compiled import CompiledUpdate, Slot, now_plus
from common.db.inserts import insert_once
from common.models import RateBucket
from common.work.rows import now_plus_seconds

MAX_WAIT = timedelta(seconds=5)  # the longest wait in the queue of what somebody waits for
MAX_KEYS = 10_000  # of the limits inside one process


@dataclass(frozen=True, kw_only=True)
class Rate:
    """One token per `interval`, of which `burst` may be taken at once."""

    interval: timedelta
    burst: float

    @classmethod
    def of(cls, count: float, *, seconds: float, burst: float | None = None) -> Rate:
        """Return a rate of `count` tokens per `seconds`; without `burst` all of them may be taken at once."""
        return cls(interval=timedelta(seconds=seconds / count), burst=max(1.0, count if burst is None else burst))

    @property
    def room(self) -> timedelta:
        """Return how far in the future `full_at` may be while a token is left."""
        return self.interval * (self.burst - 1)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What a bucket holds after a token was asked for."""

    is_allowed: bool
    limit: int  # tokens of a full bucket
    left: int  # tokens
    full_in: float  # seconds until the bucket is full again
    wait: float  # seconds until another token can be taken; 0.0 when this one was allowed
    next_at: datetime  # when the next token can be taken, by the database's clock


def use_token(key: str, rate: Rate, *, spacing: timedelta = timedelta()) -> Standing:
    """Use one token if there is one, and return what the bucket holds.

    Args: key: names the bucket, for example "member:5". spacing: the least time between two tokens.
    """
    facts = {"key": key, "room": rate.room, "interval": rate.interval}
    row = _TAKE_SPACED.returning(**facts, spacing=spacing) if spacing else _TAKE.returning(**facts)
    is_allowed = row is not None
    if row is None:
        row = RateBucket.objects.annotate(now=Now()).filter(key=key).first()
        if row is None:
            insert_once(RateBucket(key=key))
        # The very first call, one of several that came at once, or the time that was missing has passed.
        if row is None or max(row.full_at - rate.room, row.closed_until) <= row.now:
            return use_token(key, rate, spacing=spacing)
        row.checked_at = row.now
    next_at = max(row.full_at - rate.room, row.closed_until)
    full_in = max(timedelta(), row.full_at - row.checked_at)
    return Standing(
        is_allowed=is_allowed,
        limit=int(rate.burst),
        left=max(0, int((rate.interval * rate.burst - full_in) / rate.interval + 1e-6)),
        full_in=full_in.total_seconds(),
        wait=0.0 if is_allowed else max(0.0, (next_at - row.checked_at).total_seconds()),
        next_at=next_at,
    )


def use_or_queue(key: str, rate: Rate, *, is_bulk: bool = False) -> float:
    """Use one token: returns 0.0 when there was one, else the seconds to wait before asking again.

    When the bucket is empty, the caller gets a place at the end of a queue, so that each of a thousand callers asks
    about once and not at every token. What nobody waits for (`is_bulk`) has a queue of its own.
    """
    if _TAKE.run(key=key, room=rate.room, interval=rate.interval):
        return 0.0
    if insert_once(RateBucket(key=key)):
        return use_or_queue(key, rate, is_bulk=is_bulk)
    place = (_QUEUE_BULK if is_bulk else _QUEUE).update_returning(
        key=key, room=rate.room, interval=rate.interval, most=MAX_WAIT
    )
    if place is None:  # a queue that long may consist of callers that are gone: ask again, and not all at once
        return random.uniform(0.5, 1.0) * MAX_WAIT.total_seconds()
    wait: timedelta = place["end"] - rate.interval - place["now"]
    return max(0.05, wait.total_seconds())


def use_or_reserve(key: str, rate: Rate) -> datetime | None:
    """Use one token: returns None when there was one, else the time of the token that is reserved for the caller."""
    if use_token(key, rate).is_allowed:
        return None
    row = _RESERVE.returning(key=key, interval=rate.interval)
    return None if row is None else row.full_at - rate.interval


def return_token(key: str, rate: Rate) -> None:
    """Put back a token that was not used; not into a bucket that was closed meanwhile."""
    _RETURN.run(key=key, interval=rate.interval)


def close_bucket(key: str, rate: Rate, *, seconds: float) -> None:
    """Give no token for so many seconds, and then one: a single caller tries first."""
    until = now_plus_seconds(seconds)
    insert_once(RateBucket(key=key))
    RateBucket.objects.filter(key=key).update(
        closed_until=Greatest(F("closed_until"), until), full_at=Greatest(F("full_at"), until) + rate.room
    )


def allow_in_process(key: str, *, per_second: float) -> bool:
    """Return whether one more event is within `per_second`, with a burst of one second, in this process alone.

    It keeps a flood from the database, and so it cannot use the database.
    """
    now = time.monotonic()
    with _lock:
        if len(_full_at) > MAX_KEYS:
            _full_at.clear()
        full_at = max(_full_at.get(key, now), now)
        if full_at - now > 1.0:
            return False
        _full_at[key] = full_at + 1.0 / per_second
        return True


def reset() -> None:
    """Forget the limits of this process, for tests."""
    with _lock:
        _full_at.clear()


_full_at: dict[str, float] = {}
_lock = threading.Lock()


def _queue(name: str, *conditions: Q) -> CompiledUpdate[RateBucket]:
    first = Greatest(F(name), F("full_at") - Slot("room", DurationField()), F("closed_until"), Now())
    change: dict[str, Any] = {name: first + Slot("interval", DurationField())}
    return CompiledUpdate(
        lambda: RateBucket.objects.filter(*conditions, key=Slot("key")),
        # The wait is the difference of two times of one clock, the database's.
        asks=lambda: {"end": F(name), "now": Now()},
        **change,
    )


def _take(**changes: Any) -> CompiledUpdate[RateBucket]:
    return CompiledUpdate(
        lambda: RateBucket.objects.filter(key=Slot("key"), closed_until__lte=Now(), full_at__lte=now_plus("room")),
        may_be_lost=True,  # a bucket that loses some milliseconds in a crash is only fuller
        full_at=Greatest(F("full_at"), Now()) + Slot("interval", DurationField()),
        checked_at=Now(),
        # Nobody waits for a full bucket: the end of its queue is of callers that are gone.
        queue_end=Case(When(full_at__lte=Now(), then=Now()), default=F("queue_end")),
        bulk_queue_end=Case(When(full_at__lte=Now(), then=Now()), default=F("bulk_queue_end")),
        **changes,
    )


_TAKE, _TAKE_SPACED = _take(), _take(closed_until=now_plus("spacing"))
_RESERVE: CompiledUpdate[RateBucket] = CompiledUpdate(
    lambda: RateBucket.objects.filter(key=Slot("key")),
    full_at=Greatest(F("full_at"), Now()) + Slot("interval", DurationField()),
)
_RETURN: CompiledUpdate[RateBucket] = CompiledUpdate(
    lambda: RateBucket.objects.filter(key=Slot("key"), closed_until__lte=Now()),
    may_be_lost=True,
    full_at=F("full_at") - Slot("interval", DurationField()),
)
_QUEUE = _queue("queue_end", Q(queue_end__lte=now_plus("most")))
_QUEUE_BULK = _queue("bulk_queue_end")
