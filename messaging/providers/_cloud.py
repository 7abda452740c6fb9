"""Split and parse the webhook bodies of the Cloud API, which Meta and 360dialog send in the same format.

Source: provider notes "Meta WhatsApp Cloud API", sections 3 to 7; "360dialog", section 3 for the bodies of the retired
On-Premises API.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from messaging.providers import _cloud_events, _cloud_identity, _cloud_messages
from messaging.providers._foreign import fingerprint, items, load, mapping, store_fields, text
from messaging.providers._limits import MAX_DEPTH, limit
from messaging.providers.base import Ignored, Item, RawItem, Unparsable

PRODUCT = "whatsapp_business_account"

# The name of a list inside a change -> what kind of piece its elements are.
LISTS = {
    "messages": "message",
    "message_echoes": "echo",
    "statuses": "status",
    "errors": "error",
    "user_preferences": "preference",
}
METADATA = ("phone_number_id", "display_phone_number")
Change = dict[str, Any]  # the values that all pieces of one change share: channel, account, field, time, metadata


def split(body: bytes) -> list[RawItem]:
    """Split a body of the Cloud API, or of the old On-Premises API, into its pieces. Raise BadBody."""
    found = load(body)
    limit(found)
    found = store_fields(found, depth=MAX_DEPTH)
    if "entry" not in found and (found.get("messages") or found.get("statuses")):
        shared: Change = {"channel": "", "account": "", "field": "messages", "time": None, "metadata": {}}
        return list(_split_change(found, shared))
    product = text(found.get("object"))
    if product != PRODUCT:
        return [_build_whole_item("foreign", found, reason=f"body of another product: {product[:40] or 'none named'}")]
    entries = found.get("entry")
    if not isinstance(entries, list) or not entries:
        return [_build_whole_item("broken", found, reason="a body without entries")]
    return [item for entry in entries for item in _split_entry(entry)]


def channels(body: bytes) -> set[str]:
    """Return the phone number ids that `split` would name, without copying the body. Raise BadBody."""
    found = load(body)
    limit(found)
    if text(found.get("object")) != PRODUCT:
        return set()
    changes = [change for entry in items(found.get("entry")) for change in items(mapping(entry).get("changes"))]
    values = [mapping(mapping(change).get("value")) for change in changes]
    return {text(mapping(value.get("metadata")).get("phone_number_id")) for value in values} - {""}


def _build_whole_item(part: str, piece: Any, *, reason: str, account: str = "") -> RawItem:
    data = {"part": part, "piece": piece, "reason": reason}
    return RawItem(external_id=fingerprint(part, account, piece), channel="", account=account, data=data)


def _split_entry(entry: Any) -> Iterator[RawItem]:
    account = text(mapping(entry).get("id"))
    changes = mapping(entry).get("changes")
    if not isinstance(changes, list):
        yield _build_whole_item("broken", entry, reason="an entry without changes", account=account)
        return
    for change in changes:
        value = mapping(change).get("value")
        if not isinstance(value, dict):
            yield _build_whole_item("broken", change, reason="a change without a value", account=account)
            continue
        metadata = mapping(value.get("metadata"))
        yield from _split_change(
            value,
            {
                "channel": text(metadata.get("phone_number_id")),
                "account": account,
                "field": text(change.get("field")),
                "time": mapping(entry).get("time"),
                "metadata": {name: text(metadata.get(name))[:64] for name in METADATA if metadata.get(name)},
            },
        )


def _split_change(value: Mapping[str, Any], shared: Change) -> Iterator[RawItem]:
    """Yield every message, echo, status, error and preference of one change, or the change itself when it has none."""
    lists = {} if shared["field"] == "calls" else {name: part for name, part in LISTS.items() if value.get(name)}
    if not lists:
        yield _build_item("change", value, shared)
    contacts = _cloud_identity.CloudContacts(value.get("contacts"))
    errors = [_cloud_events.fault(error) for error in items(value.get("errors"))[:3]]
    for name, part in lists.items():
        pieces = value[name] if isinstance(value[name], list) else [value[name]]
        is_alone = len({_cloud_identity.writer(piece, part) for piece in pieces}) == 1
        for piece in pieces:
            extra: dict[str, Any] = {}
            if part in {"message", "echo", "preference"}:
                extra["contact"] = contacts.of(_cloud_identity.writer(piece, part), is_alone=is_alone)
            if part == "message" and errors:
                extra["errors"] = errors
            yield _build_item(part, piece, shared, **extra)


def _build_item(part: str, piece: Any, shared: Change, **extra: Any) -> RawItem:
    found = text(mapping(piece).get("id")) if part in {"message", "echo", "status"} else ""
    if found and part == "status":
        found = f"{found}:{text(mapping(piece).get('status'))}"
    return RawItem(
        external_id=(found or fingerprint(part, shared, piece))[:400],
        channel=shared["channel"],
        account=shared["account"],
        data={
            "part": part,
            "piece": piece,
            "field": shared["field"],
            "time": shared["time"],
            "metadata": shared["metadata"],
            **extra,
        },
    )


def _parse_foreign(item: RawItem) -> Item:
    return Ignored(external_id=item.external_id, channel="", reason=text(item.data.get("reason")))


def _parse_broken(item: RawItem) -> Item:
    raise Unparsable(text(item.data.get("reason")) or "a broken piece")


PARSERS: dict[str, Callable[[RawItem], Item]] = {
    "message": _cloud_messages.parse,
    "echo": _cloud_messages.parse,
    "status": _cloud_events.status,
    "error": _cloud_events.error,
    "preference": _cloud_events.preference,
    "change": _cloud_events.change,
    "foreign": _parse_foreign,
    "broken": _parse_broken,
}


def parse(item: RawItem) -> Item:
    """Turn one piece into a value class. Raise Unparsable."""
    part = text(item.data.get("part"))
    if part not in PARSERS:
        raise Unparsable(f"a piece of an unknown part: {part[:40]}")
    if part not in {"foreign", "broken"} and not isinstance(item.data.get("piece"), dict):
        raise Unparsable(f"a {part} that is no object")
    return PARSERS[part](item)
