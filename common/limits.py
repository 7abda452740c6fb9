"""A rate limit inside one process: enough to keep a flood from the database."""

from __future__ import annotations

import threading
import time

_full_at: dict[str, float] = {}
_lock = threading.Lock()
_MAX_KEYS = 10_000


def allow(key: str, *, per_second: float) -> bool:
    """Whether one more event of `key` is within `per_second`, with a burst of one second (GCRA, ITU-T I.371)."""
    now = time.monotonic()
    with _lock:
        if len(_full_at) > _MAX_KEYS:
            _full_at.clear()
        full_at = max(_full_at.get(key, now), now)
        if full_at - now > 1.0:
            return False
        _full_at[key] = full_at + 1.0 / per_second
        return True


def reset() -> None:
    """Start anew, for tests."""
    with _lock:
        _full_at.clear()
