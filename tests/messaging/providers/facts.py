"""Short forms of items, so that a table of expected values is readable and still complete."""

from __future__ import annotations

import json
from dataclasses import MISSING, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from messaging.providers.base import Address, Person, ProviderError

PAYLOADS = Path(__file__).parents[2] / "payloads"


def facts(item: Any, **usual: Any) -> dict[str, Any]:
    """Return all fields that have neither their default nor their usual value; ids by their last ten characters."""
    found = {"is": type(item).__name__}
    for each in fields(item):
        value = getattr(item, each.name)
        is_default = each.default is not MISSING and value == each.default
        if not is_default and value not in ({}, ()) and short(value) != usual.get(each.name):
            found[each.name] = short(value)
    for name in ("external_id", "target", "reply_to"):
        if name in found:
            found[name] = found[name][-10:]
    return found


def short(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, Address):
        return f"{value.kind} {value.value}" + ("" if value.external_id in value.value else f" = {value.external_id}")
    if isinstance(value, Person):
        return " | ".join([*(short(address) for address in value.addresses), value.name])
    if isinstance(value, tuple):
        return [short(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {each.name: getattr(value, each.name) for each in fields(value) if getattr(value, each.name)}
    return value


def expected(provider: str) -> tuple[dict[str, str], dict[str, list[dict[str, Any]]]]:
    """Return the usual values of a provider, and for each fixture the facts of its items."""
    found = json.loads((Path(__file__).parent / "expected" / f"{provider}.json").read_text())
    return found.pop("usual"), found


def payload(provider: str, name: str) -> Any:
    """Return a captured body, request or answer."""
    return json.loads((PAYLOADS / provider / f"{name}.json").read_bytes())


def webhooks(provider: str) -> list[str]:
    """Return the names of all captured webhook bodies."""
    names = sorted(path.stem for path in (PAYLOADS / provider).glob("*.json"))
    return [name for name in names if not name.startswith(("api_", "verify_")) and "request_headers" not in name]


def outcome(error: ProviderError) -> tuple[Any, ...]:
    """Return what an error says must happen next, without its text."""
    flags = [name for name in ("whole_channel", "closes_window", "opted_out") if getattr(error, name)]
    return (str(error.outcome), error.code, error.retry_after, *flags)
