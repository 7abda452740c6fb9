"""Read JSON that providers send. No value is trusted to have the type that their documentation promises."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from common.text.numbers import parse_whole_number
from messaging.providers.base import BadBody

DEPTH = 32  # deeper than any body that a provider sends
MAX_PARTS = 500_000  # a history of WhatsApp has about a hundred parts for each message
MILLISECONDS = 100_000_000_000  # larger times are milliseconds: as seconds this is the year 5138


def load(body: bytes, *, max_parts: int = MAX_PARTS) -> dict[str, Any]:
    """Return the body as a JSON object. Raise BadBody."""
    # Counted before parsing, because the parsed objects need a hundred times the memory of their bytes.
    if body.count(b",") > max_parts:
        raise BadBody("the body has too many parts")
    try:
        found = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadBody("the body is not JSON") from error
    if not isinstance(found, dict):
        raise BadBody("the body is not a JSON object")
    return found


def _refuse_constant(word: str) -> Any:
    """Refuse NaN and Infinity, which Python accepts and JSON does not have (RFC 8259, section 6)."""
    raise ValueError(word)


def store_fields(value: Any, *, without: Collection[str] = (), depth: int = DEPTH) -> Any:
    """Return a copy that a database can store, without the keys in `without`.

    NUL characters and lone surrogates are replaced, NaN and infinity become None, and so does what is nested too deep.
    """
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict | list) and depth == 0:
        return None
    if isinstance(value, list):
        return [store_fields(element, without=without, depth=depth - 1) for element in value]
    if isinstance(value, dict):
        return {
            store_fields(key): store_fields(element, without=without, depth=depth - 1)
            for key, element in value.items()
            if key not in without
        }
    return value


def fingerprint(*parts: Any) -> str:
    """Return a short hash of the parts. It identifies an item that has no id, and is the same each time it comes."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def mapping(value: Any) -> Mapping[str, Any]:
    """Return the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """Return the value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return the value if it is a text, a whole number as digits, else ""."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**30 else ""
    return value if isinstance(value, str) else ""


def number(value: Any) -> int | None:
    """Return a whole number from a number, digits, or the two halves of a 64-bit integer in JavaScript, else None."""
    if isinstance(value, dict):
        low, high = value.get("low"), value.get("high")
        if isinstance(low, int) and isinstance(high, int):
            return number(high * 2**32 + (low & 0xFFFFFFFF))
        return None
    if isinstance(value, str):
        return parse_whole_number(value, max_digits=19)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 2**63 else None  # also false for NaN and infinity


def moment(value: Any) -> datetime | None:
    """Return an aware time, or None.

    It may come as seconds or milliseconds, in any of the forms of `number`, or as ISO 8601 with a zone.
    """
    if isinstance(value, str) and not value.isdigit():
        try:
            found = datetime.fromisoformat(value)
            return found.astimezone(UTC) if found.tzinfo else None
        except (ValueError, OverflowError):
            return None
    seconds = number(value)
    if seconds is None or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds / 1000 if seconds > MILLISECONDS else seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
