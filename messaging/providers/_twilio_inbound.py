"""Parse the forms that Twilio posts (provider notes "Twilio", sections 1 and 2)."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from common.text.plain import truncate
from messaging.providers._foreign import number
from messaging.providers._twilio_errors import MEANINGS
from messaging.providers.base import (
    Address,
    AddressKind,
    DeliveryStatus,
    Ignored,
    InboundMessage,
    Item,
    Kind,
    Media,
    Person,
    RawItem,
    StatusUpdate,
    Unparsable,
)

Form = Mapping[str, str]

PREFIX = "whatsapp:"
MAX_MEDIA = 10
MAX_ERROR = 1000  # characters of Twilio's text about a failure
INBOUND = {"received", "receiving"}
DELIVERIES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), DeliveryStatus.ACCEPTED),
    **dict.fromkeys(("sent", "partially_delivered"), DeliveryStatus.SENT),
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    **dict.fromkeys(("failed", "undelivered", "canceled"), DeliveryStatus.FAILED),
}
REFERRAL = {
    "ReferralBody": "body",
    "ReferralHeadline": "headline",
    "ReferralSourceId": "source_id",
    "ReferralSourceType": "source_type",
    "ReferralSourceUrl": "source_url",
    "ReferralMediaId": "media_id",
    "ReferralMediaContentType": "media_type",
    "ReferralMediaUrl": "media_url",
    "ReferralCtwaClid": "ctwa_clid",
}
WHATSAPP_SIGNS = ("WaId", "ProfileName", "ExternalUserId", "ChannelPrefix")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{24,}={0,2}")


def sid(form: Form) -> str:
    """Return the message's id, from its present field or from an older one, or ""."""
    return next((form[name] for name in ("MessageSid", "SmsMessageSid", "SmsSid") if form.get(name)), "")


def status_word(form: Form) -> str:
    """Return the status that a callback reports, or "" for a message that came in."""
    status = (form.get("MessageStatus") or form.get("SmsStatus") or "").strip().lower()
    return "" if status in INBOUND else status


def channel(form: Form) -> str:
    """Return our own number: the sender of a status callback, the recipient of a message."""
    return plain(form.get("From" if status_word(form) else "To", ""))


def plain(name: str) -> str:
    """Return a number or id without the prefix of its network."""
    return name.strip().removeprefix(PREFIX)


def transport(form: Form) -> str:
    """Return "whatsapp" or "sms". Where WhatsApp's prefix is missing, fields that only WhatsApp sends decide."""
    is_prefixed = any(form.get(name, "").strip().startswith(PREFIX) for name in ("From", "To"))
    return "whatsapp" if is_prefixed or any(form.get(name) for name in WHATSAPP_SIGNS) else "sms"


def address(name: str, network: str) -> Address | None:
    """Return the address of a phone or a business-scoped user id, or None.

    Its external id has the prefix that Twilio expects in a recipient.
    """
    found = plain(name)
    prefix = PREFIX if network == "whatsapp" else ""
    if network == "whatsapp" and re.fullmatch(r"[A-Z]{2}\.[A-Za-z0-9.]{1,160}", found):
        return Address(kind=AddressKind.BSUID, value=found, external_id=f"{prefix}{found}")
    if re.fullmatch(r"\+?[0-9]{3,20}", found):
        value = found if found.startswith("+") or len(found) < 8 else f"+{found}"  # short codes have no plus sign
        return Address(kind=AddressKind.PHONE, value=value, external_id=f"{prefix}{value}")
    return None


def person(form: Form) -> Person:
    """Return the sender with every address in the form. Raise Unparsable when there is none."""
    network = transport(form)
    names = [form.get(name, "") for name in ("From", "WaId", "ExternalUserId")]
    known = {found.value: found for name in names if name and (found := address(name, network))}
    if not known:
        raise Unparsable("nobody is named as the sender")
    ordered = sorted(known.values(), key=lambda each: each.kind is not AddressKind.PHONE)
    return Person(addresses=tuple(ordered), name=form.get("ProfileName", "").strip()[:200])


def message(item: RawItem, form: Form) -> Item:
    """Parse a message that came in. Raise Unparsable."""
    files = media(form)
    data: dict[str, Any] = {"transport": transport(form)} | _parse_origin(form)
    kind, text, more = _parse_content(form, files)
    return InboundMessage(
        external_id=item.external_id,
        channel=item.channel,
        sender=person(form),
        kind=kind,
        text=text,
        media=files[0] if files else None,
        more_media=files[1:],
        data=data | more,
        reply_to=form.get("OriginalRepliedMessageSid", ""),
    )


def _parse_content(form: Form, files: tuple[Media, ...]) -> tuple[Kind, str, dict[str, Any]]:
    """Return (kind of the message, its text, further data)."""
    body, hint = form.get("Body", ""), form.get("MessageType", "").lower()
    if form.get("ListId"):
        return Kind.LIST, form.get("ListTitle") or body, {"payload": form["ListId"]}
    if form.get("ButtonPayload") or form.get("ButtonText"):
        label = form.get("ButtonText") or body
        return Kind.BUTTON, label, {"payload": form.get("ButtonPayload") or label}
    place = _parse_location(form)
    if place:
        return Kind.LOCATION, body, {"location": place}
    if files:
        return _file_kind(files[0].mime_type, hint), body, {}
    if hint == "reaction" and form.get("OriginalRepliedMessageSid"):
        return Kind.REACTION, body, {}
    if not body.strip():
        return Kind.UNSUPPORTED, "", {"type": hint or "none", "errors": []}
    decoded = from_base64(body) if transport(form) == "sms" else None
    return Kind.TEXT, body if decoded is None else decoded, {} if decoded is None else {"was_base64": True}


def _parse_origin(form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {}
    referral = {ours: form[theirs] for theirs, ours in REFERRAL.items() if form.get(theirs)}
    if referral:
        found["referral"] = referral
    for theirs, ours in (("Forwarded", "forwarded"), ("FrequentlyForwarded", "frequently_forwarded")):
        if form.get(theirs, "").lower() == "true":
            found[ours] = True
    if form.get("OptOutType"):
        found["opt_out_type"] = form["OptOutType"].upper()  # Twilio itself has answered the sender already
    return found


def media(form: Form) -> tuple[Media, ...]:
    """Return all files of the message. The content type of a file may be missing."""
    count = min(number(form.get("NumMedia", "").strip()) or 0, MAX_MEDIA)
    return tuple(
        Media(mime_type=form.get(f"MediaContentType{position}", ""), reference=url, url=url)
        for position in range(count)
        if (url := form.get(f"MediaUrl{position}", ""))
    )


def _file_kind(mime_type: str, hint: str) -> Kind:
    family, _, name = mime_type.split(";", maxsplit=1)[0].strip().lower().partition("/")
    if hint == "sticker":
        return Kind.STICKER
    if name in {"vcard", "x-vcard"}:
        return Kind.CONTACTS
    if family == "audio":
        return Kind.VOICE if name == "ogg" else Kind.AUDIO  # WhatsApp's own recorder makes ogg
    return {"image": Kind.IMAGE, "video": Kind.VIDEO}.get(family, Kind.DOCUMENT)


def _parse_location(form: Form) -> dict[str, Any]:
    try:
        place: dict[str, Any] = {"latitude": float(form["Latitude"]), "longitude": float(form["Longitude"])}
    except (KeyError, ValueError):
        return {}
    if not all(map(math.isfinite, place.values())):
        return {}
    names = {"name": form.get("Label", ""), "address": form.get("Address", "")}
    return place | {name: value for name, value in names.items() if value}


def from_base64(body: str) -> str | None:
    """Return the text of an SMS body that a carrier delivered as base64, or None when the body is not base64."""
    packed = body.strip()
    if len(packed) % 4 or not _BASE64.fullmatch(packed):
        return None
    try:
        found = base64.b64decode(packed, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    is_text = all(character.isprintable() or character in "\r\n\t" for character in found)
    return found if is_text and any(character.isspace() for character in found) else None


def status(item: RawItem, form: Form, query: str) -> Item:
    """Parse a status callback of a message that we sent. Raise Unparsable.

    Our reference is in the query of the status URL that we gave with the message.
    """
    state = status_word(form)
    if state not in DELIVERIES:
        return Ignored(external_id=item.external_id, channel=item.channel, reason=f"unknown status {state[:40]}")
    found = sid(form)
    if not found:
        raise Unparsable("a status without a message")
    code = form.get("ErrorCode", "").strip()
    data: dict[str, Any] = {"transport": transport(form)} if form.get("From") else {}
    meaning = MEANINGS.get(number(code) or 0)
    if DELIVERIES[state] is DeliveryStatus.FAILED and meaning:
        data |= meaning.facts()
    return StatusUpdate(
        external_id=found,
        channel=item.channel,
        status=DELIVERIES[state],
        reference=next(iter(parse_qs(query).get("m", [])), ""),
        error_code="" if code == "0" else code,
        error_text=truncate(form.get("ErrorMessage") or form.get("ChannelStatusMessage") or "", MAX_ERROR),
        data=data,
    )
