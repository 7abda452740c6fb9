"""Parse the messages of the Cloud API.

Source: provider notes "Meta WhatsApp Cloud API", sections 5 and 7.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from messaging.providers import _cloud_identity
from messaging.providers._cloud_events import fault
from messaging.providers._foreign import items, mapping, moment, number, text
from messaging.providers._words import words_of
from messaging.providers.base import (
    NOTE_TO_SELF,
    ContactUpdate,
    Ignored,
    InboundMessage,
    Item,
    Kind,
    Media,
    MessageChange,
    RawItem,
    Unparsable,
)

Piece = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class CloudContent:
    """The content of a message, without its sender and time."""

    kind: Kind
    text: str = ""
    media: Media | None = None
    data: dict[str, Any] = field(default_factory=dict)
    reply_to: str = ""


def parse(item: RawItem) -> Item:
    """Parse one element of `messages` or `message_echoes`. Raise Unparsable."""
    piece: Piece = item.data["piece"]
    kind = text(piece.get("type"))
    if kind == "request_welcome":
        return Ignored(external_id=item.external_id, channel=item.channel, reason="a chat was opened, nothing written")
    if text(item.data.get("part")) == "echo" and _cloud_identity.is_own_chat(piece, item.data.get("metadata")):
        return Ignored(external_id=item.external_id, channel=item.channel, reason=NOTE_TO_SELF)
    if kind in {"edit", "revoke"}:
        return _parse_change(item, kind)
    update = _parse_contact_update(item) if kind == "system" else None
    return update or _parse_message(item, kind)


def _parse_message(item: RawItem, kind: str) -> InboundMessage:
    piece, part = item.data["piece"], text(item.data.get("part"))
    read = READERS.get(kind)
    content = (read(piece) if read else None) or _build_unsupported(kind, piece, items(item.data.get("errors")))
    context = mapping(piece.get("context"))
    return InboundMessage(
        external_id=item.external_id,
        channel=item.channel,
        sender=_cloud_identity.person(_cloud_identity.writer(piece, part), item.data.get("contact")),
        kind=content.kind,
        text=content.text,
        sent_at=moment(piece.get("timestamp")),
        from_owner=part == "echo",
        group=_cloud_identity.group(piece),
        media=content.media,
        data=content.data | _parse_origin(piece, context),
        reply_to=content.reply_to or text(context.get("id")),
    )


def _parse_origin(piece: Piece, context: Piece) -> dict[str, Any]:
    """Return what is known beside the content: whether it was forwarded, and which ad or product it is about."""
    found: dict[str, Any] = {}
    for name in ("forwarded", "frequently_forwarded"):
        if context.get(name) is True:
            found[name] = True
    if mapping(context.get("referred_product")):
        found["referred_product"] = context["referred_product"]
    if mapping(piece.get("referral")):
        found["referral"] = piece["referral"]
    return found


def _parse_change(item: RawItem, kind: str) -> MessageChange:
    body = mapping(item.data["piece"].get(kind))
    target = text(body.get("original_message_id"))
    if not target:
        raise Unparsable(f"{kind} without the message it is about")
    changed = mapping(body.get("message"))
    content = mapping(changed.get(text(changed.get("type"))))
    return MessageChange(
        external_id=item.external_id,
        channel=item.channel,
        target=target,
        is_deleted=kind == "revoke",
        text=text(content.get("body")) or text(content.get("caption")) or words_of(content),
        from_owner=item.data.get("part") == "echo",
        at=moment(item.data["piece"].get("timestamp")),
    )


def _parse_contact_update(item: RawItem) -> ContactUpdate | None:
    """Return the update of a system message that names a new number or user id, or None for any other message."""
    piece = item.data["piece"]
    system = mapping(piece.get("system"))
    names = [text(system.get(name)) for name in ("wa_id", "new_wa_id", "user_id")]
    new = _cloud_identity.addresses(names) if text(system.get("type")) in NEW_NAMES else ()
    if not new:
        return None
    known = _cloud_identity.person(_cloud_identity.writer(piece, "message"), item.data.get("contact"))
    old = tuple(address for address in known.addresses if address.value not in {each.value for each in new})
    if not old:
        raise Unparsable("a new name without the old one")
    return ContactUpdate(
        external_id=item.external_id,
        channel=item.channel,
        person=type(known)(addresses=old, name=known.name),
        new_addresses=new,
        note=text(system.get("type")),
    )


NEW_NAMES = {"user_changed_number", "customer_changed_number", "user_changed_user_id"}


def _build_unsupported(kind: str, piece: Piece, around: list[Any]) -> CloudContent:
    """Return the content for something that we cannot parse, with its errors and whatever words it contains."""
    errors = [fault(error) for error in items(piece.get("errors"))] or around
    data: dict[str, Any] = {"type": kind or "none", "errors": errors}
    inner = text(mapping(piece.get("unsupported")).get("type")) or text(mapping(piece.get("interactive")).get("type"))
    if inner:
        data["unsupported_type"] = inner
    elif kind and piece.get(kind) is not None:
        data["content"] = piece[kind]
    words = words_of(piece.get(kind)) if kind and kind != "unsupported" else ""
    return CloudContent(kind=Kind.UNSUPPORTED, text=words, data=data)


def _parse_text(piece: Piece) -> CloudContent | None:
    body = mapping(piece.get("text")).get("body")
    return CloudContent(kind=Kind.TEXT, text=body) if isinstance(body, str) else None


def _parse_media(piece: Piece) -> CloudContent | None:
    name = text(piece.get("type"))
    body = mapping(piece.get(name))
    reference, url = text(body.get("id")), text(body.get("url"))
    if not reference and not url:
        return None
    media = Media(
        mime_type=text(body.get("mime_type")),
        reference=reference,
        url=url,
        file_name=text(body.get("filename")),
        sha256=text(body.get("sha256")),
        size=number(body.get("file_size")),
    )
    is_voice = name == "voice" or (name == "audio" and body.get("voice") is True)
    data = {"animated": True} if body.get("animated") is True else {}
    kind = Kind.VOICE if is_voice else Kind(name)
    return CloudContent(kind=kind, text=text(body.get("caption")), media=media, data=data)


def _parse_location(piece: Piece) -> CloudContent | None:
    body = mapping(piece.get("location"))
    place: dict[str, Any] = {}
    for name in ("latitude", "longitude"):
        try:
            place[name] = float(body[name])
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        if not math.isfinite(place[name]):
            return None
    place |= {name: text(body.get(name)) for name in ("name", "address", "url") if text(body.get(name))}
    return CloudContent(kind=Kind.LOCATION, data={"location": place})


def _parse_contacts(piece: Piece) -> CloudContent | None:
    cards = [card for card in items(piece.get("contacts")) if isinstance(card, dict)]
    return CloudContent(kind=Kind.CONTACTS, data={"contacts": cards}) if cards else None


def _parse_reaction(piece: Piece) -> CloudContent | None:
    body = mapping(piece.get("reaction"))
    target = text(body.get("message_id"))
    return CloudContent(kind=Kind.REACTION, text=text(body.get("emoji")), reply_to=target) if target else None


def _parse_button(piece: Piece) -> CloudContent | None:
    body = mapping(piece.get("button"))
    label = text(body.get("text"))
    payload = text(body.get("payload")) or label
    return CloudContent(kind=Kind.BUTTON, text=label, data={"payload": payload}) if payload else None


def _parse_interactive(piece: Piece) -> CloudContent | None:
    body = mapping(piece.get("interactive"))
    kind = text(body.get("type"))
    answer = mapping(body.get(kind))
    if kind == "nfm_reply" and answer:
        return CloudContent(kind=Kind.FLOW, text=text(answer.get("body")), data=_parse_form(answer))
    payload, label = text(answer.get("id")), text(answer.get("title"))
    if kind == "button_reply" and payload:
        return CloudContent(kind=Kind.BUTTON, text=label, data={"payload": payload})
    if kind == "list_reply" and payload:
        more = {"description": text(answer["description"])} if text(answer.get("description")) else {}
        return CloudContent(kind=Kind.LIST, text=label, data={"payload": payload} | more)
    return None


def _parse_form(answer: Piece) -> dict[str, Any]:
    """Return the filled form as an object. When its text is no JSON object, also return the text itself as `raw`."""
    raw = answer.get("response_json")
    try:
        found = json.loads(raw) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        found = None
    data = {"response": found if isinstance(found, dict) else {}, "name": text(answer.get("name"))}
    return data if isinstance(found, dict) else data | {"raw": raw}


def _parse_order(piece: Piece) -> CloudContent | None:
    body = mapping(piece.get("order"))
    if not items(body.get("product_items")):
        return None
    order = {"catalog_id": text(body.get("catalog_id")), "product_items": body["product_items"]}
    return CloudContent(kind=Kind.ORDER, text=text(body.get("text")), data={"order": order})


def _parse_system(piece: Piece) -> CloudContent | None:
    body = mapping(piece.get("system"))
    data: dict[str, Any] = {"type": text(body.get("type"))}
    if mapping(piece.get("identity")):
        data["identity"] = piece["identity"]
    return CloudContent(kind=Kind.SYSTEM, text=text(body.get("body")), data=data)


READERS: dict[str, Callable[[Piece], CloudContent | None]] = {
    "text": _parse_text,
    **dict.fromkeys(("image", "video", "audio", "voice", "document", "sticker"), _parse_media),
    "location": _parse_location,
    "contacts": _parse_contacts,
    "reaction": _parse_reaction,
    "button": _parse_button,
    "interactive": _parse_interactive,
    "order": _parse_order,
    "system": _parse_system,
}
