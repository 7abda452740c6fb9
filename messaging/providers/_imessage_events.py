"""Split and parse iMessage webhooks, in the three forms that Photon's programs send.

Source: provider notes "iMessage through Photon", section 3: form A is `photon-hq/webhook`, B is Spectrum, C is
imessage-kit 2.1.2. The forms do not name the channel in one common way, so every item belongs to the channel whose
webhook URL it was posted to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from messaging.providers import _imessage_identity
from messaging.providers._foreign import fingerprint, items, load, mapping, moment, number, store_fields, text
from messaging.providers._words import words_of
from messaging.providers.base import (
    Address,
    DeliveryStatus,
    Ignored,
    InboundMessage,
    Item,
    Kind,
    Media,
    Person,
    RawItem,
    SentEcho,
    StatusUpdate,
    Unparsable,
)

TAPBACKS = {"0": "❤️", "1": "👍", "2": "👎", "3": "😂", "4": "‼️", "5": "❓"}
MAX_PARTS = 20_000
TAPBACK = re.compile(r"[23]00[0-6]")
PART = re.compile(r"^p:\d+/")
OBJECT = "\ufffc"  # the character in the text at the place of an attachment
# The fields of a Photon message that are used. The other fields are not stored.
USED = (
    "guid", "text", "isFromMe", "handle", "chats", "dateCreated", "attachments", "associatedMessageGuid",
    "associatedMessageType", "associatedMessageEmoji", "threadOriginatorGuid", "replyToGuid", "itemType",
    "groupActionType", "balloonBundleId", "error",
)  # fmt: skip


def split(body: bytes) -> list[RawItem]:
    """Split a body into messages, and a message with several files into one item for each file. Raise BadBody."""
    found = load(body, max_parts=MAX_PARTS)
    event = text(found.get("event")).strip().lower().replace("_", "-")
    if event == "messages":
        return _split_spectrum(found)
    if event == "new-message" and "data" not in found:
        return [_build_item("kit", event, part, suffix) for part, suffix in _split_attachments(found.get("message"))]
    data = found.get("data")
    if isinstance(data, dict):
        data = {name: data[name] for name in USED if name in data}
    if event != "new-message":
        return [_build_item("photon", event, data, f":{event}")]
    return [_build_item("photon", event, part, suffix) for part, suffix in _split_attachments(data)]


def _build_item(form: str, event: str, message: Any, suffix: str = "") -> RawItem:
    storable = store_fields(message)
    fields = mapping(storable)
    name = text(fields.get("guid")) or text(fields.get("id"))
    name = f"{name}{suffix}" if name else f"{event[:100]}{suffix[:100]}:{fingerprint(storable)}"
    external_id = name if len(name) < 200 else fingerprint(name)
    return RawItem(
        external_id=store_fields(external_id), channel="", data={"form": form, "event": event, "message": storable}
    )


def _split_attachments(message: Any) -> list[tuple[Any, str]]:
    """Return (part, suffix of its id) for each attachment, since one message here has one file.

    The text goes with the first part.
    """
    files = items(mapping(message).get("attachments"))
    if len(files) < 2:
        return [(message, "")]
    return [
        ({**message, "text": None if place else message.get("text"), "attachments": [file]}, f"#{place}" * bool(place))
        for place, file in enumerate(files)
    ]


def _split_spectrum(found: Mapping[str, Any]) -> list[RawItem]:
    """Split a body of form B. An album is one message with a list of items; each item becomes a message of its own."""
    message = found.get("message")
    if not isinstance(message, dict):
        return [_build_item("spectrum", "messages", message)]
    message = {"space": found.get("space"), **message}
    content = mapping(message.get("content"))
    parts = items(content.get("items")) if content.get("type") == "group" else []
    if not parts:
        return [_build_item("spectrum", "messages", message)]
    return [
        _build_item("spectrum", "messages", _merge_album_item(message, part, place)) for place, part in enumerate(parts)
    ]


def _merge_album_item(message: Mapping[str, Any], part: Any, place: int) -> dict[str, Any]:
    own = {"id": f"{text(message.get('id'))}#{place}", "content": None}
    return {**message, **own, **{key: value for key, value in mapping(part).items() if key != "space"}}


def parse(item: RawItem) -> Item:
    """Turn one item into a value class. Raise Unparsable."""
    event, message = text(item.data.get("event")), item.data.get("message")
    if event not in {"new-message", "messages", "message-send-error"}:
        return _build_ignored(item, f"event {event}"[:100])
    if not isinstance(message, dict):
        raise Unparsable(f"{event}: not an object")
    if event == "message-send-error":
        return _parse_send_error(item, message)
    if item.data.get("form") == "photon":
        return _parse_photon(item, message)
    return _parse_spectrum(item, message) if item.data.get("form") == "spectrum" else _parse_kit(item, message)


def _build_ignored(item: RawItem, reason: str) -> Ignored:
    return Ignored(external_id=item.external_id, channel="", reason=reason)


def _parse_send_error(item: RawItem, message: Mapping[str, Any]) -> Item:
    guid = text(message.get("guid"))
    if not guid:
        return _build_ignored(item, "a send error that names no message")
    return StatusUpdate(
        external_id=guid,
        channel="",
        status=DeliveryStatus.FAILED,
        error_code=text(message.get("error")),
        error_text="Messages could not send it",
    )


def _parse_photon(item: RawItem, message: Mapping[str, Any]) -> Item:
    """Parse a message of form A."""
    handle = mapping(message.get("handle"))
    chat = text(mapping(next(iter(items(message.get("chats"))), None)).get("guid"))
    names = _imessage_identity.addresses(handle.get("address"), country=text(handle.get("country")))
    at = moment(message.get("dateCreated"))
    if message.get("isFromMe") is True:
        return _build_echo(
            item,
            names or _imessage_identity.addresses(_imessage_identity.chat_name(chat)),
            text(message.get("text")),
            at=at,
            chat=chat,
        )
    if (number(message.get("itemType")) or 0) != 0 or (number(message.get("groupActionType")) or 0) != 0:
        return _build_ignored(item, "a notice of the chat")
    if not names:
        return _build_ignored(item, "a sender that cannot be answered")
    return InboundMessage(
        external_id=item.external_id,
        channel="",
        sender=Person(addresses=names),
        sent_at=at,
        group=_imessage_identity.group(chat),
        **_parse_photon_content(message),
    )


def _parse_photon_content(message: Mapping[str, Any]) -> dict[str, Any]:
    association = text(message.get("associatedMessageType"))
    target = PART.sub("", text(message.get("associatedMessageGuid")))
    if TAPBACK.fullmatch(association):
        any_emoji = text(message.get("associatedMessageEmoji"))  # newer phones can react with any emoji
        emoji = TAPBACKS.get(association[3]) or any_emoji or "❓" if association[0] == "2" else ""
        return {"kind": Kind.REACTION, "text": emoji, "reply_to": target}
    reply_to = PART.sub("", text(message.get("threadOriginatorGuid")) or text(message.get("replyToGuid")))
    found = _parse_content(message, text(message.get("text")))
    if association in {"", "0"}:
        return {**found, "reply_to": reply_to}
    if association == "1000" and found.get("media"):  # a sticker put on a message
        return {**found, "kind": Kind.STICKER, "reply_to": target}
    # Of an unknown kind the words and the file are shown.
    kind = Kind.UNSUPPORTED if found.get("media") is None else found["kind"]
    return {**found, "kind": kind, "data": {"type": f"associated {association[:20]}"}, "reply_to": target}


def _parse_content(message: Mapping[str, Any], written: str) -> dict[str, Any]:
    """Return the text and the file of forms A and C."""
    words = written.replace(OBJECT, "").strip()
    file = next(iter(items(message.get("attachments"))), None)
    if file is not None:
        return {"text": words, **_parse_file(mapping(file))}
    if not words:
        kind = text(message.get("balloonBundleId"))[:100] or "empty"
        return {"kind": Kind.UNSUPPORTED, "data": {"type": kind}}
    return {"text": words}


def _parse_file(file: Mapping[str, Any]) -> dict[str, Any]:
    mime_type = text(file.get("mimeType")) or "application/octet-stream"
    kinds = {"image": Kind.IMAGE, "video": Kind.VIDEO, "audio": Kind.AUDIO}
    kind = Kind.STICKER if file.get("isSticker") is True else kinds.get(mime_type.partition("/")[0], Kind.DOCUMENT)
    name = next((text(file[key]) for key in ("transferName", "name", "filename") if text(file.get(key))), "")
    size = next((number(file[key]) for key in ("totalBytes", "size") if key in file), None)
    media = Media(
        mime_type=mime_type, reference=text(file.get("guid")) or text(file.get("id")), file_name=name, size=size
    )
    return {"kind": kind, "media": media}


def _parse_spectrum(item: RawItem, message: Mapping[str, Any]) -> Item:
    """Parse a message of form B."""
    space, content = mapping(message.get("space")), mapping(message.get("content"))
    chat, at = text(space.get("id")), moment(message.get("timestamp"))
    if text(message.get("direction")) == "outbound":
        words = text(content.get("text"))
        return _build_echo(
            item, _imessage_identity.addresses(_imessage_identity.chat_name(chat)), words, at=at, chat=chat
        )
    names = _imessage_identity.addresses(mapping(message.get("sender")).get("id"))
    if not names:
        return _build_ignored(item, "a sender that cannot be answered")
    group = _imessage_identity.group(chat, is_group=space.get("type") == "group")
    return InboundMessage(
        external_id=item.external_id,
        channel="",
        sender=Person(addresses=names),
        sent_at=at,
        group=group,
        **_parse_spectrum_content(content),
    )


def _parse_spectrum_content(content: Mapping[str, Any]) -> dict[str, Any]:
    kind = text(content.get("type"))
    words = text(content.get("text")).replace(OBJECT, "").strip()
    if kind == "text" and words:
        return {"text": words}
    if kind == "richlink" and text(content.get("url")):
        return {"text": text(content.get("url"))}
    if kind == "reaction":
        target = text(mapping(content.get("target")).get("id"))
        return {"kind": Kind.REACTION, "text": text(content.get("emoji")), "reply_to": target}
    if kind == "attachment":
        return _parse_file(content)
    return {"kind": Kind.UNSUPPORTED, "text": words_of(content), "data": {"type": kind[:100] or "empty"}}


def _parse_kit(item: RawItem, message: Mapping[str, Any]) -> Item:
    """Parse a message of form C."""
    chat, at = text(message.get("chatId")), moment(message.get("date"))
    names = _imessage_identity.addresses(message.get("sender"))
    if message.get("isFromMe") is True:
        return _build_echo(
            item,
            _imessage_identity.addresses(_imessage_identity.chat_name(chat)),
            text(message.get("text")),
            at=at,
            chat=chat,
        )
    if not names:
        return _build_ignored(item, "a sender that cannot be answered")
    return InboundMessage(
        external_id=item.external_id,
        channel="",
        sender=Person(addresses=names, name=text(message.get("senderName"))),
        sent_at=at,
        group=_imessage_identity.group(chat),
        **_parse_content(message, text(message.get("text"))),
    )


def _build_echo(item: RawItem, names: tuple[Address, ...], words: str, *, at: datetime | None, chat: str) -> Item:
    """Return the echo of a message that we sent, which is never answered."""
    group = _imessage_identity.group(chat)
    if group is not None or not names:
        return _build_ignored(item, "our own message")
    words = words.replace(OBJECT, "").strip()
    return SentEcho(external_id=item.external_id, channel="", recipient=Person(addresses=names), text=words, at=at)
