"""An item in few words, so that a table of expected values stays readable and still says everything."""

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
    """All fields that are neither at their default nor as usual; ids by their last ten signs."""
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


def expected(wire: str) -> tuple[dict[str, str], dict[str, list[dict[str, Any]]]]:
    """What is usual for a wire, and fixture -> the facts of each of its items."""
    found = json.loads((Path(__file__).parent / "expected" / f"{wire}.json").read_text())
    return found.pop("usual"), found


def payload(wire: str, name: str) -> Any:
    """A captured body, request or answer."""
    return json.loads((PAYLOADS / wire / f"{name}.json").read_bytes())


def webhooks(wire: str) -> list[str]:
    """The names of all captured webhook bodies."""
    names = sorted(path.stem for path in (PAYLOADS / wire).glob("*.json"))
    return [name for name in names if not name.startswith(("api_", "verify_")) and "request_headers" not in name]


def outcome(error: ProviderError) -> tuple[Any, ...]:
    """What an error says to do, without its words."""
    flags = [name for name in ("whole_channel", "closes_window", "opted_out") if getattr(error, name)]
    return (str(error.outcome), error.code, error.retry_after, *flags)
