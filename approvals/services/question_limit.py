"""The rate limit of questions to one address: a token bucket and a minimum spacing, in one row on the database's clock.

The bucket is the generic cell rate algorithm: one moment, `full_at`. Nothing of it lives in a process or in Redis, so a
restart loses nothing and two workers cannot both take the last token.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest, Now

from approvals.models import AskQueue
from common.work.rows import now_plus_seconds


def take_question_token(queue: AskQueue, provider: str) -> bool:
    """Take one token if there is one and the last question is long enough ago; returns whether it did."""
    interval, room = _pace(provider)
    free = AskQueue.objects.filter(pk=queue.pk, full_at__lte=Now() + room, spaced_until__lte=Now())
    taken = free.update(
        full_at=Greatest(F("full_at"), Now()) + interval, spaced_until=now_plus_seconds(settings.MIN_SPACING_SEC)
    )
    return bool(taken)


def next_token_at(provider: str) -> Any:
    """Return an expression for when the next token can be taken, over the queue's row."""
    _, room = _pace(provider)
    return Greatest(F("full_at") - room, F("spaced_until"))


def _pace(provider: str) -> tuple[timedelta, timedelta]:
    """Return (time between two tokens, how far in the future `full_at` may be while a token is left)."""
    name = "IMSG" if provider == "imessage" else "WA"
    interval = timedelta(seconds=60 / getattr(settings, f"{name}_BUCKET_REFILL_PER_MIN"))
    return interval, interval * (getattr(settings, f"{name}_BUCKET_CAPACITY") - 1)
