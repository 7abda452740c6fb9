"""What stands in `message`: one content key, in wrappers or not, in the encodings of all versions.

Source: wire page "Evolution API", section 4 "Content keys" (Evolution API 1.8 to 2.4.0-rc2 prepareMessage, Baileys
WAProto). Up to 2.3.5 bytes are base64 and long numbers are texts, from 2.3.6 bytes are objects of index and value and
long numbers are `{low, high, unsigned}`: no type is trusted here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from messaging.providers._evolution_identity import bare
from messaging.providers._foreign import items, keep, mapping, number, text
from messaging.providers.base import Kind, Media

# Beside the content key, never the content itself.
BESIDE = {"messageContextInfo", "base64", "mediaUrl", "speechToText", "contextInfo"}
SILENT = {"protocolMessage", "senderKeyDistributionMessage"}  # nothing that a person wrote
WRAPPERS = {
    "ephemeralMessage": "ephemeral",
    "viewOnceMessage": "view_once",
    "viewOnceMessageV2": "view_once",
    "viewOnceMessageV2Extension": "view_once",
    "documentWithCaptionMessage": "",
    "editedMessage": "",
}
MEDIA = {
    "imageMessage": (Kind.IMAGE, "image/jpeg"),
    "videoMessage": (Kind.VIDEO, "video/mp4"),
    "ptvMessage": (Kind.VIDEO, "video/mp4"),
    "audioMessage": (Kind.AUDIO, "audio/ogg"),
    "documentMessage": (Kind.DOCUMENT, "application/octet-stream"),
    "stickerMessage": (Kind.STICKER, "image/webp"),
}
TRANSCRIPT = re.compile(r"^\[audio\]\s*")
PHONE_LINE = re.compile(r"^(?:[\w-]+\.)?TEL([^:\r\n]*):([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
WAID = re.compile(r"waid=(\d+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One content key with its value, and the `data` that it stands in."""

    name: str
    value: Any
    data: Mapping[str, Any]


@dataclass(kw_only=True)
class Content:
    """The readable part of one message; `silent` says why there is nothing to keep."""

    kind: Kind = Kind.TEXT
    text: str = ""
    media: Media | None = None
    data: dict[str, Any] = field(default_factory=dict)
    reply_to: str = ""
    mentioned: list[str] = field(default_factory=list)
    silent: str = ""


def read(data: Mapping[str, Any], *, message_id: str) -> Content:
    """Understand the `data` of one message event."""
    outer = mapping(data.get("message"))
    message, flags = _unwrap(outer)
    name = _content_key(message)
    if not name:
        return Content(silent="no content")
    if name in SILENT:
        return Content(silent=name)
    if name == "albumMessage":  # a counter only: the pictures follow one by one
        return Content(silent="album announcement")
    value = message[name]
    if name in MEDIA:
        content = _media(name, mapping(value), {**outer, **message}, message_id)
    else:
        content = READERS.get(name, _unsupported)(Piece(name=name, value=value, data=data))
    if content == Content():
        return Content(silent="empty text")
    context = _context(data, value)
    content.data = {**content.data, **flags, **_marks(context)}
    content.reply_to = content.reply_to or text(context.get("stanzaId"))
    content.mentioned = [bare(jid) for jid in items(context.get("mentionedJid"))]
    return content


def edited_text(message: Any) -> str:
    """The new text of an edit: a text or the caption of a file."""
    inner, _ = _unwrap(mapping(message))
    for name, value in inner.items():
        found = value if isinstance(value, str) else mapping(value).get("text") or mapping(value).get("caption")
        if found and name not in BESIDE:
            return text(found)
    return ""


def _unwrap(message: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any]]:
    flags: dict[str, Any] = {}
    for _ in range(8):
        name = next((key for key in message if key in WRAPPERS), "")
        if not name:
            break
        if WRAPPERS[name]:
            flags[WRAPPERS[name]] = True
        message = mapping(mapping(message[name]).get("message"))
    return message, flags


def _content_key(message: Mapping[str, Any]) -> str:
    names = [key for key, value in message.items() if key not in BESIDE and value is not None]
    loud = [key for key in names if key not in SILENT]  # a group's first message carries its key distribution beside it
    return (loud or names or [""])[0]


def _context(data: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """2.3 puts the quote beside the message, 1.x and 2.4 inside the content key."""
    inner = mapping(mapping(value).get("contextInfo"))
    beside = {key: found for key, found in mapping(data.get("contextInfo")).items() if found}
    return {**inner, **beside}


def _marks(context: Mapping[str, Any]) -> dict[str, Any]:
    marks: dict[str, Any] = {}
    if context.get("isForwarded") is True:
        marks["forwarded"] = True
    ad = mapping(context.get("externalAdReply"))
    names = {"sourceId": "source_id", "sourceUrl": "source_url", "sourceType": "source_type", "title": "headline"}
    names |= {"body": "body", "ctwaClid": "ctwa_clid"}
    if any(ad.get(key) for key in ("sourceId", "sourceType", "ctwaClid")):
        marks["referral"] = {ours: text(ad[theirs]) for theirs, ours in names.items() if ad.get(theirs)}
    elif context.get("conversionData") or context.get("ctwaPayload"):
        marks["referral"] = {"source_type": "ad", "source": text(context.get("conversionSource"))}
    return marks


def _media(name: str, value: Mapping[str, Any], beside: Mapping[str, Any], message_id: str) -> Content:
    kind, usual = MEDIA[name]
    if kind == Kind.AUDIO and value.get("ptt") is True:
        kind = Kind.VOICE
    transcript = TRANSCRIPT.sub("", text(beside.get("speechToText")))
    media = Media(
        mime_type=text(value.get("mimetype")) or usual,
        reference=message_id,  # getBase64FromMediaMessage wants the id of the message
        url=text(beside.get("mediaUrl")),  # `url` in the content leads to encrypted bytes
        file_name=text(value.get("fileName")) or text(value.get("title")),
        size=number(value.get("fileLength")),
        seconds=number(value.get("seconds")),
        inline_base64=text(beside.get("base64")),
        transcript=transcript,
    )
    data = {"animated": True} if value.get("isAnimated") is True else {}
    if value.get("viewOnce") is True:
        data["view_once"] = True
    return Content(kind=kind, text=text(value.get("caption")) or transcript, media=media, data=data)


def _plain(piece: Piece) -> Content:
    return Content(text=text(piece.value) or text(mapping(piece.value).get("text")))


def _location(piece: Piece) -> Content:
    place = mapping(piece.value)
    location: dict[str, Any] = {
        "latitude": _degrees(place.get("degreesLatitude")),
        "longitude": _degrees(place.get("degreesLongitude")),
    }
    location |= {key: text(place[key]) for key in ("name", "address") if place.get(key)}
    if piece.name == "liveLocationMessage":
        location["is_live"] = True
    return Content(kind=Kind.LOCATION, text=text(place.get("caption")), data={"location": location})


def _degrees(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) <= 180 else None


def _contacts(piece: Piece) -> Content:
    cards = items(mapping(piece.value).get("contacts")) if piece.name == "contactsArrayMessage" else [piece.value]
    contacts = [
        {"name": text(card.get("displayName")), "phones": _phones(text(card.get("vcard")))}
        for card in map(mapping, cards)
    ]
    return Content(kind=Kind.CONTACTS, data={"contacts": contacts})


def _phones(vcard: str) -> list[str]:
    """The phones of a vCard: `waid` is the number as WhatsApp knows it, the rest is as the person typed it."""
    phones = []
    for settings, written in PHONE_LINE.findall(vcard[:20_000]):
        known = WAID.search(settings)
        phones.append(f"+{known.group(1)}" if known else written.strip())
    return phones


def _reaction(piece: Piece) -> Content:
    reaction = mapping(piece.value)
    target = text(mapping(reaction.get("key")).get("id"))
    return Content(kind=Kind.REACTION, text=text(reaction.get("text")), reply_to=target)


def _button(piece: Piece) -> Content:
    tap = mapping(piece.value)
    payload = text(tap.get("selectedButtonId")) or text(tap.get("selectedId"))
    return Content(kind=Kind.BUTTON, text=text(tap.get("selectedDisplayText")), data={"payload": payload})


def _list(piece: Piece) -> Content:
    choice = mapping(piece.value)
    found = {"payload": text(mapping(choice.get("singleSelectReply")).get("selectedRowId"))}
    if choice.get("description"):
        found["description"] = text(choice["description"])
    return Content(kind=Kind.LIST, text=text(choice.get("title")), data=found)


def _interactive(piece: Piece) -> Content:
    answer = mapping(piece.value)
    label = text(mapping(answer.get("body")).get("text"))
    written = text(mapping(answer.get("nativeFlowResponseMessage")).get("paramsJson"))
    try:
        params = mapping(json.loads(written))
    except (ValueError, RecursionError):
        params = {}
    if text(params.get("id")):
        return Content(kind=Kind.BUTTON, text=label, data={"payload": text(params["id"])})
    if params:  # a filled form: its fields are the answer
        return Content(kind=Kind.FLOW, text=label, data={"response": keep(params)})
    return Content(kind=Kind.BUTTON, text=label, data={"payload": "", "raw": written[:1000]})


def _poll(piece: Piece) -> Content:
    vote = mapping(piece.value)
    tally = [mapping(option) for option in items(piece.data.get("pollUpdates"))]
    chosen = [text(option.get("name")) for option in tally if option.get("voters")]
    if not tally:
        chosen = [text(option) for option in items(mapping(vote.get("vote")).get("selectedOptions"))]
    target = text(mapping(vote.get("pollCreationMessageKey")).get("id"))
    return Content(kind=Kind.POLL, text=", ".join(chosen), data={"options": chosen}, reply_to=target)


def _unsupported(piece: Piece) -> Content:
    return Content(kind=Kind.UNSUPPORTED, data={"type": piece.name})


READERS: dict[str, Callable[[Piece], Content]] = {
    "conversation": _plain,
    "extendedTextMessage": _plain,
    "locationMessage": _location,
    "liveLocationMessage": _location,
    "contactMessage": _contacts,
    "contactsArrayMessage": _contacts,
    "reactionMessage": _reaction,
    "buttonsResponseMessage": _button,
    "templateButtonReplyMessage": _button,
    "listResponseMessage": _list,
    "interactiveResponseMessage": _interactive,
    "pollUpdateMessage": _poll,
}
