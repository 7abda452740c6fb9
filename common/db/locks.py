"""Named locks that a transaction holds until it ends, for checks that no constraint can express."""

from __future__ import annotations

import hashlib

from django.db import connection


def hold(*names: str) -> None:
    """Wait until no other transaction holds these names. SQLite needs none: its writers are one at a time."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for number in sorted({_number(name) for name in names}):  # one order for all: no deadlock
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def try_to_hold(name: str) -> bool:
    """Take the name if no other transaction holds it; False when one does."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_number(name)])
        (is_mine,) = cursor.fetchone()
    return bool(is_mine)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
