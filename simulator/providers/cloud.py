"""WhatsApp Cloud API bodies, shared by Meta and 360dialog (wire/meta-cloud.md sections 4 to 8)."""

import base64
import json
import secrets
import time
from typing import Any

from simulator.config import ChannelEntry
from simulator.exchange import AcceptedMessage, RequestNote, ServiceRequest, ServiceResponse
from simulator.people import digits, is_phone, person_key
from simulator.providers.base import MessagingService, PersonMessage
from simulator.providers.cloud_check import checked
from simulator.world import world

TYPING_SECONDS = 25  # a typing indicator lasts until a reply, at most 25 s


# What an account has: for a person to fill in, refused, with a picture, and with named places.
TEMPLATES: list[dict[str, Any]] = [
    {
        "name": "appointment_reminder", "language": "en", "status": "APPROVED", "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hello {{1}}, we see you at {{2}}."}],
    },
    {
        "name": "offer", "language": "en", "status": "REJECTED", "category": "MARKETING",
        "components": [{"type": "BODY", "text": "Everything must go."}],
    },
    {
        "name": "with_picture", "language": "en", "status": "APPROVED", "category": "MARKETING",
        "components": [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Look at this."}],
    },
    {
        "name": "with_names", "language": "en", "status": "APPROVED", "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hello {{customer}}."}],
    },
    {
        "name": "welcome_back", "language": "pt_BR", "status": "APPROVED", "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Example Dental"},
            {"type": "BODY", "text": "Podemos continuar a nossa conversa?"},
        ],
    },
]  # fmt: skip


class CloudService(MessagingService):
    """What Meta and 360dialog have in common: the message object, the envelope, the statuses."""

    repeats = 3

    def new_id(self, kind: str = "text") -> str:
        return "wamid." + base64.b64encode(b"\x1d\x18\x0b" + secrets.token_bytes(30)).decode()

    # --- what the product sends

    def take(self, call: ServiceRequest, channel: ChannelEntry) -> ServiceResponse:
        """Check and accept a message object, a read receipt or a typing indicator."""
        message = checked(call.json)
        if message.kind == "read":
            person = world.chats.read(channel.external_id, message.reply_to)
            if message.typing and person:
                world.chats.typing(channel.external_id, person, TYPING_SECONDS)
            kind = "typing" if message.typing else "read"
            return ServiceResponse(body={"success": True}, note=RequestNote(kind=kind, to=person, id=message.reply_to))
        sent = AcceptedMessage(
            channel=channel,
            id=self.new_id(),
            to=person_key(message.to),
            kind=message.kind,
            text=message.text,
            reference=message.reference,
            reply_to=message.reply_to,
            choices=message.choices,
        )
        return ServiceResponse(body=_accepted(message.to, sent), sent=sent)

    def lookup(self, media_id: str, address: str, *, full: bool) -> ServiceResponse | None:
        """Answer the first step of a download: a short-lived address of the file."""
        medium = world.media.get(media_id)
        if medium is None:
            return None
        body: dict[str, Any] = {"url": f"{address}?mid={media_id}&ext={int(time.time()) + 300}&hash=AT{media_id[-6:]}"}
        if full:
            body |= {
                "mime_type": medium.mime_type.partition(";")[0],
                "sha256": medium.sha256,
                "file_size": len(medium.content),
                "id": media_id,
                "messaging_product": "whatsapp",
            }
        return ServiceResponse(body=body, note=RequestNote(kind="media_lookup", id=media_id))

    def download(self, call: ServiceRequest) -> ServiceResponse | None:
        """Answer the second step, None when the address is unknown or too old."""
        medium = world.media.get(call.query.get("mid", ""))
        until = call.query.get("ext", "0")
        if medium is None or not until.isdigit() or int(until) < time.time():
            return None
        note = RequestNote(kind="media_download", id=medium.id)
        return ServiceResponse(body=medium.content, content_type=medium.mime_type, note=note)

    # --- what the product receives

    def inbound(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        message = _who(said) | {"id": said.id, "timestamp": str(said.at), **_content(channel, said)}
        return _envelope(channel, {"contacts": [_contact(said)], "messages": [message]})

    def owner(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        echo = {"from": channel.number, "to": digits(said.person), "id": said.id, "timestamp": str(said.at)}
        value = {"contacts": [_contact(said)], "message_echoes": [echo | _content(channel, said)]}
        return _envelope(channel, value, field="smb_message_echoes")

    def status(self, sent: AcceptedMessage, status: str, error: str = "") -> Any:
        item: dict[str, Any] = {"id": sent.id, "status": status, "timestamp": str(int(time.time()))}
        item |= {"recipient_id": digits(sent.to)} if is_phone(sent.to) else {"recipient_user_id": sent.to}
        if sent.reference:
            item["biz_opaque_callback_data"] = sent.reference
        if status == "failed":
            item["errors"] = [_failure(error or "131026")]
        elif status != "played":
            pricing = {"billable": False, "pricing_model": "PMP", "category": "service"}
            item["pricing"] = pricing | {"type": "free_customer_service"}
        return _envelope(sent.channel, {"statuses": [item]})


def meta_bytes(content: Any) -> bytes:
    """JSON as Meta writes it: ASCII with \\u escapes, and `/` as `\\/` (wire/meta-cloud.md section 2)."""
    if isinstance(content, str):
        return content.encode()
    return json.dumps(content, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


def _accepted(to: str, sent: AcceptedMessage) -> dict[str, Any]:
    who = {"wa_id": digits(sent.to)} if is_phone(sent.to) else {"user_id": sent.to}
    body = {"messaging_product": "whatsapp", "contacts": [{"input": to} | who], "messages": [{"id": sent.id}]}
    if sent.kind == "template":
        body["messages"] = [{"id": sent.id, "message_status": "accepted"}]
    return body


def _envelope(channel: ChannelEntry, value: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    metadata = {"display_phone_number": channel.number, "phone_number_id": channel.external_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata} | value
    entry = {"id": channel.secret("waba_id") or "102290129340398", "changes": [{"value": value, "field": field}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _who(said: PersonMessage) -> dict[str, str]:
    return {"from": digits(said.person)} if is_phone(said.person) else {"from_user_id": said.person}


def _contact(said: PersonMessage) -> dict[str, Any]:
    profile = {"profile": {"name": said.name}} if said.name else {}
    return profile | ({"wa_id": digits(said.person)} if is_phone(said.person) else {"user_id": said.person})


def _content(channel: ChannelEntry, said: PersonMessage) -> dict[str, Any]:
    """The part of a message that depends on its type (wire/meta-cloud.md section 5)."""
    context = {"context": {"from": channel.number, "id": said.reply_to}} if said.reply_to else {}
    kind = said.kind
    if said.medium:
        return context | _file(said)
    if kind == "text":
        return context | {"type": "text", "text": {"body": said.text}}
    if kind == "reaction":
        return {"type": "reaction", "reaction": {"message_id": said.reply_to, "emoji": said.text}}
    if kind == "location":
        return context | {"type": "location", "location": _place(said)}
    if kind == "contacts":
        return context | {"type": "contacts", "contacts": [_card(said)]}
    if kind in ("button", "list"):
        choice = {"id": said.detail("choice"), "title": said.text}
        interactive = {"type": f"{kind}_reply", f"{kind}_reply": choice}
        return context | {"type": "interactive", "interactive": interactive}
    if kind == "template_button":
        return context | {"type": "button", "button": {"payload": said.detail("choice"), "text": said.text}}
    return context | {"type": kind, **said.detail("content", {})}


def _file(said: PersonMessage) -> dict[str, Any]:
    assert said.medium is not None
    kind = "audio" if said.kind == "voice" else said.kind
    medium: dict[str, Any] = {"mime_type": said.medium.mime_type, "sha256": said.medium.sha256, "id": said.medium.id}
    if kind == "audio":
        medium["voice"] = said.kind == "voice"
    if kind == "sticker":
        medium["animated"] = False
    if kind == "document":
        medium["filename"] = said.medium.name or "document.pdf"
    if said.text and kind not in ("audio", "sticker"):
        medium["caption"] = said.text
    return {"type": kind, kind: medium}


def _place(said: PersonMessage) -> dict[str, Any]:
    place = {"latitude": said.detail("latitude", 37.7858), "longitude": said.detail("longitude", -122.4064)}
    name, address = said.text or said.detail("title"), said.detail("address")
    return place | ({"name": name} if name else {}) | ({"address": address} if address else {})


def _card(said: PersonMessage) -> dict[str, Any]:
    name = said.text or "Carla Example"
    phone = {"phone": "+1 555-010-0133", "wa_id": "15550100133", "type": "CELL"}
    return {"name": {"formatted_name": name, "first_name": name.split()[0]}, "phones": [phone]}


def _failure(code: str) -> dict[str, Any]:
    texts = {
        "131026": "Message undeliverable",
        "131047": "Re-engagement message",
        "131049": "This message was not delivered to maintain healthy ecosystem engagement.",
    }
    title = texts.get(code, "Something went wrong")
    href = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
    return {"code": int(code), "title": title, "message": title, "error_data": {"details": title}, "href": href}
