"""Parse what Evolution reports about the channel itself: connection, QR code, calls, faults of the server.

Source: provider notes "Evolution API", section 5 (other events), versions 1.8 to 2.4.0-rc2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.providers import _evolution_identity
from messaging.providers._foreign import items, mapping, text
from messaging.providers.base import ChannelUpdate, Ignored, Item, RawItem


def ignored(item: RawItem, reason: str) -> Ignored:
    """Return that this item needs no action."""
    return Ignored(external_id=item.external_id, channel=item.channel, reason=reason)


def connection(item: RawItem, data: Mapping[str, Any]) -> Item:
    """Parse a change of the connection: the phone is linked, is being linked, or is no longer linked."""
    state = text(data.get("state")) or text(data.get("status"))
    reason = text(data.get("statusReason")) or text(data.get("disconnectionReasonCode"))
    event = text(item.data.get("event"))
    notes = {"event": event, "reason": reason, "profile_name": text(data.get("profileName"))}
    return ChannelUpdate(
        external_id=item.external_id,
        channel=item.channel,
        topic="connection",
        state="close" if state == "closed" or event in {"logout.instance", "remove.instance"} else state,
        data={key: value for key, value in notes.items() if value},
    )


def qr(item: RawItem, data: Mapping[str, Any]) -> Item:
    """Parse a QR code to scan, or the report that the server gives no more codes."""
    qr = text(mapping(data.get("qrcode")).get("base64"))
    return ChannelUpdate(
        external_id=item.external_id,
        channel=item.channel,
        topic="qr",
        state="connecting" if qr else "refused",
        qr=qr,
        data={} if qr else {"message": text(data.get("message"))},
    )


def call(item: RawItem, data: Mapping[str, Any]) -> Item:
    """Parse a call that begins or ends."""
    caller = [_evolution_identity.address(data.get(name)) for name in ("callerPn", "from", "chatId")]
    return ChannelUpdate(
        external_id=item.external_id,
        channel=item.channel,
        topic="call",
        state=text(data.get("status")),
        data={
            "id": text(data.get("id")),
            "callers": list(dict.fromkeys(name.external_id for name in caller if name)),
            "is_video": data.get("isVideo") is True,
            "is_group": data.get("isGroup") is True,
            "at": text(data.get("date")),
        },
    )


def error(item: RawItem, data: Mapping[str, Any]) -> Item:
    """Parse an error report of the server. It names no instance, so nothing can be done with it."""
    words = [text(line) for line in items(data.get("message"))] or [text(data.get("message"))]
    return ignored(item, f"error report {text(data.get('status'))}: {' '.join(words)}"[:200])
