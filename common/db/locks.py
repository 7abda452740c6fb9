"""Named locks that a transaction holds until it ends, for rules that no constraint can express."""

from __future__ import annotations

import hashlib

from django.db import connection


def lock_names(*names: str) -> None:
    """Wait for the locks of these names. SQLite needs none, because it has one writer at a time."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for number in sorted({_number(name) for name in names}):  # always in one order, so that there is no deadlock
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def try_lock_name(name: str) -> bool:
    """Take the lock if no other transaction holds it; returns False when one does."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(name)])
        (is_mine,) = cursor.fetchone()
    return bool(is_mine)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
