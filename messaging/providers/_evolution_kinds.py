"""Parse each kind of content of an Evolution message. `_evolution_content` chooses the parser in READERS.

Source: provider notes "Evolution API", section 4 "Content keys" (Evolution API 1.8 to 2.4.0-rc2 prepareMessage, Baileys
WAProto); polls, events and messages of other businesses: WAProto of Baileys, whatsmeow 809, wppconnect-server 1202.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from messaging.providers._foreign import items, mapping, moment, number, store_fields, text
from messaging.providers._words import words_of
from messaging.providers.base import Kind, Media

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
class ContentPiece:
    """One content key with its value, and the `data` of the event that it is in."""

    name: str
    value: Any
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ContentChange:
    """The content is not a message. It edits or deletes an earlier one."""

    target: str
    text: str = ""
    is_deleted: bool = False
    is_unreadable: bool = False


@dataclass(kw_only=True)
class EvolutionContent:
    """The content of one message. `silent` gives the reason when there is nothing to store."""

    kind: Kind = Kind.TEXT
    text: str = ""
    media: Media | None = None
    data: dict[str, Any] = field(default_factory=dict)
    reply_to: str = ""
    mentioned: list[str] = field(default_factory=list)
    silent: str = ""
    change: ContentChange | None = None


def media(name: str, value: Mapping[str, Any], beside: Mapping[str, Any], message_id: str) -> EvolutionContent:
    """Parse a file. `beside` has the keys next to the content key and next to the wrappers around it."""
    kind, default_type = MEDIA[name]
    if kind == Kind.AUDIO and value.get("ptt") is True:
        kind = Kind.VOICE
    transcript = TRANSCRIPT.sub("", text(beside.get("speechToText")))
    file = Media(
        mime_type=text(value.get("mimetype")) or default_type,
        reference=message_id,  # getBase64FromMediaMessage expects the id of the message
        url=text(beside.get("mediaUrl")),  # `url` in the content would give encrypted bytes
        file_name=text(value.get("fileName")) or text(value.get("title")),
        size=number(value.get("fileLength")),
        seconds=number(value.get("seconds")),
        inline_base64=text(beside.get("base64")),
        transcript=transcript,
    )
    data = {"animated": True} if value.get("isAnimated") is True else {}
    if value.get("viewOnce") is True:
        data["view_once"] = True
    return EvolutionContent(kind=kind, text=text(value.get("caption")) or transcript, media=file, data=data)


def unsupported(piece: ContentPiece) -> EvolutionContent:
    """Return the content for an unknown kind, with the words that it contains."""
    return EvolutionContent(kind=Kind.UNSUPPORTED, text=words_of(piece.value), data={"type": piece.name})


def _parse_text(piece: ContentPiece) -> EvolutionContent:
    return EvolutionContent(text=text(piece.value) or text(mapping(piece.value).get("text")))


def _parse_business_message(piece: ContentPiece) -> EvolutionContent:
    """Parse what the system of another business wrote: lists, buttons, templates, invitations."""
    found = words_of(piece.value)
    return EvolutionContent(text=found, data={"type": piece.name}) if found else unsupported(piece)


def _parse_location(piece: ContentPiece) -> EvolutionContent:
    place = mapping(piece.value)
    location: dict[str, Any] = {
        "latitude": _parse_degrees(place.get("degreesLatitude")),
        "longitude": _parse_degrees(place.get("degreesLongitude")),
    }
    location |= {key: text(place[key]) for key in ("name", "address") if place.get(key)}
    if piece.name == "liveLocationMessage":
        location["is_live"] = True
    return EvolutionContent(kind=Kind.LOCATION, text=text(place.get("caption")), data={"location": location})


def _parse_degrees(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) <= 180 else None


def _parse_contacts(piece: ContentPiece) -> EvolutionContent:
    cards = items(mapping(piece.value).get("contacts")) if piece.name == "contactsArrayMessage" else [piece.value]
    contacts = [
        {"name": text(card.get("displayName")), "phones": _parse_phones(text(card.get("vcard")))}
        for card in map(mapping, cards)
    ]
    return EvolutionContent(kind=Kind.CONTACTS, data={"contacts": contacts})


def _parse_phones(vcard: str) -> list[str]:
    """Return the phones of a vCard: WhatsApp's own number from `waid`, else the number as the person typed it."""
    phones = []
    for settings, written in PHONE_LINE.findall(vcard[:20_000]):
        known = WAID.search(settings)
        phones.append(f"+{known.group(1)}" if known else written.strip())
    return phones


def _parse_reaction(piece: ContentPiece) -> EvolutionContent:
    reaction = mapping(piece.value)
    target = text(mapping(reaction.get("key")).get("id"))
    return EvolutionContent(kind=Kind.REACTION, text=text(reaction.get("text")), reply_to=target)


def _parse_button(piece: ContentPiece) -> EvolutionContent:
    tap = mapping(piece.value)
    payload = text(tap.get("selectedButtonId")) or text(tap.get("selectedId"))
    return EvolutionContent(kind=Kind.BUTTON, text=text(tap.get("selectedDisplayText")), data={"payload": payload})


def _parse_list(piece: ContentPiece) -> EvolutionContent:
    choice = mapping(piece.value)
    found = {"payload": text(mapping(choice.get("singleSelectReply")).get("selectedRowId"))}
    if choice.get("description"):
        found["description"] = text(choice["description"])
    return EvolutionContent(kind=Kind.LIST, text=text(choice.get("title")), data=found)


def _parse_interactive(piece: ContentPiece) -> EvolutionContent:
    answer = mapping(piece.value)
    label = text(mapping(answer.get("body")).get("text"))
    written = text(mapping(answer.get("nativeFlowResponseMessage")).get("paramsJson"))
    try:
        params = mapping(json.loads(written))
    except (ValueError, RecursionError):
        params = {}
    if text(params.get("id")):
        return EvolutionContent(kind=Kind.BUTTON, text=label, data={"payload": text(params["id"])})
    if params:  # a filled form
        return EvolutionContent(kind=Kind.FLOW, text=label, data={"response": store_fields(params)})
    return EvolutionContent(kind=Kind.BUTTON, text=label, data={"payload": "", "raw": written[:1000]})


def _parse_vote(piece: ContentPiece) -> EvolutionContent:
    vote = mapping(piece.value)
    tally = [mapping(option) for option in items(piece.data.get("pollUpdates"))]
    chosen = [text(option.get("name")) for option in tally if option.get("voters")]
    if not tally:
        chosen = [text(option) for option in items(mapping(vote.get("vote")).get("selectedOptions"))]
    target = text(mapping(vote.get("pollCreationMessageKey")).get("id"))
    return EvolutionContent(kind=Kind.POLL, text=", ".join(chosen), data={"options": chosen}, reply_to=target)


def _parse_poll(piece: ContentPiece) -> EvolutionContent:
    """Parse a poll that the customer created: its question, and one line for each choice."""
    poll = mapping(piece.value)
    question = text(poll.get("name"))
    choices = [text(mapping(option).get("optionName")) for option in items(poll.get("options"))[:50]]
    lines = [question, *(f"- {choice}" for choice in choices if choice)]
    return EvolutionContent(
        kind=Kind.POLL,
        text="\n".join(line for line in lines if line),
        data={"question": question, "choices": choices},
    )


def _parse_event(piece: ContentPiece) -> EvolutionContent:
    """Parse a calendar event of the chat. Its times are shown in UTC, because the body names no time zone."""
    event = mapping(piece.value)
    begins, ends = moment(event.get("startTime")), moment(event.get("endTime"))
    place = mapping(event.get("location"))
    details = {
        "name": text(event.get("name")),
        "start_at": f"{begins:%Y-%m-%d %H:%M} UTC" if begins else "",
        "end_at": f"{ends:%Y-%m-%d %H:%M} UTC" if ends else "",
        "location": ", ".join(filter(None, (text(place.get("name")), text(place.get("address"))))),
        "description": text(event.get("description")),
        "link": text(event.get("joinLink")),
    }
    details = {name: value for name, value in details.items() if value}
    if event.get("isCanceled") is True:
        details["is_cancelled"] = "true"
    return EvolutionContent(
        text="\n".join(value for name, value in details.items() if name != "is_cancelled"), data={"event": details}
    )


def _parse_order(piece: ContentPiece) -> EvolutionContent:
    """Parse a shopping basket that the customer sent. Its amounts are in thousandths of the currency."""
    order = mapping(piece.value)
    found = {
        "order_id": text(order.get("orderId")),
        "items": number(order.get("itemCount")),
        "total": number(order.get("totalAmount1000")),
        "currency": text(order.get("totalCurrencyCode")),
    }
    lines = (text(order.get("orderTitle")), text(order.get("message")))
    return EvolutionContent(kind=Kind.ORDER, text="\n".join(filter(None, lines)), data={"order": found})


READERS: dict[str, Callable[[ContentPiece], EvolutionContent]] = {
    "conversation": _parse_text,
    "extendedTextMessage": _parse_text,
    "locationMessage": _parse_location,
    "liveLocationMessage": _parse_location,
    "contactMessage": _parse_contacts,
    "contactsArrayMessage": _parse_contacts,
    "reactionMessage": _parse_reaction,
    "buttonsResponseMessage": _parse_button,
    "templateButtonReplyMessage": _parse_button,
    "listResponseMessage": _parse_list,
    "interactiveResponseMessage": _parse_interactive,
    "pollUpdateMessage": _parse_vote,
    **dict.fromkeys(
        ("pollCreationMessage", "pollCreationMessageV2", "pollCreationMessageV3", "pollCreationMessageV5"), _parse_poll
    ),
    "eventMessage": _parse_event,
    "orderMessage": _parse_order,
    **dict.fromkeys(
        (
            "productMessage", "listMessage", "buttonsMessage", "templateMessage", "interactiveMessage",
            "highlyStructuredMessage", "groupInviteMessage", "newsletterAdminInviteMessage", "invoiceMessage",
            "requestPaymentMessage", "sendPaymentMessage", "scheduledCallCreationMessage", "stickerPackMessage",
        ),
        _parse_business_message,
    ),
}  # fmt: skip
