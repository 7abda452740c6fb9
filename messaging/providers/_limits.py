"""Limit the depth and the number of parts of a JSON body (RELIABILITY S5). The webhook views limit its bytes."""

from __future__ import annotations

from typing import Any

from messaging.providers.base import BadBody

MAX_DEPTH = 64
MAX_NODES = 20_000


def limit(found: Any) -> None:
    """Raise BadBody for a body that is nested too deep or has too many parts."""
    level, nodes = [found], 0
    for _ in range(MAX_DEPTH + 1):
        nodes += len(level)
        if not level:
            return
        if nodes > MAX_NODES:
            raise BadBody("the body has too many parts")
        level = [
            child
            for value in level
            if isinstance(value, dict | list)
            for child in (value.values() if isinstance(value, dict) else value)
        ]
    raise BadBody("the body is nested too deeply")
