"""Evolution API v2: the events it posts (wire/evolution.md sections 3 to 5)."""

import base64
import secrets
import time
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

import jwt

from simulator.config import ChannelEntry
from simulator.exchange import AcceptedMessage
from simulator.media import VCARD, Medium, picture
from simulator.people import is_phone
from simulator.providers.base import MessagingService, PersonMessage, compact, payload
from simulator.providers.evolution_check import jid
from simulator.world import world

ACKS = {"sent": "SERVER_ACK", "delivered": "DELIVERY_ACK", "read": "READ", "played": "PLAYED", "failed": "ERROR"}
CONTENT_KEYS = {
    "image": "imageMessage",
    "audio": "audioMessage",
    "voice": "audioMessage",
    "video": "videoMessage",
    "document": "documentMessage",
    "sticker": "stickerMessage",
}
MEDIA_KEPT = 500


class EvolutionWebhooks(MessagingService):
    """Events with `X-Webhook-Secret`, or with a JWT where the channel has a `jwt_key`."""

    repeats = 3
    status_names = ("echo", "sent", "delivered", "read")
    instance_id = "3f6a1c52-0000-4000-8000-000000000001"

    def __init__(self) -> None:
        self.webhooks: dict[str, dict[str, Any]] = {}
        self.states: dict[str, str] = {}
        self._media: OrderedDict[str, Medium] = OrderedDict()

    def new_id(self, kind: str = "text") -> str:
        return "3EB0" + secrets.token_hex(9).upper() if kind == "send" else "3A" + secrets.token_hex(9).upper()

    def inbound(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        return self._upsert(channel, said)

    def owner(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        event = self._upsert(channel, said)
        event["data"]["key"]["fromMe"] = True
        event["data"] |= {"pushName": "Você", "status": "SERVER_ACK"}
        return event

    def status(self, sent: AcceptedMessage, status: str, error: str = "") -> Any:
        if status == "echo":
            message_type = "conversation" if sent.kind in ("text", "") else f"{sent.kind}Message"
            return _event(sent.channel, "send.message", message_data(sent, message_type))
        data = {"keyId": sent.id, "remoteJid": jid(sent.to), "fromMe": True, "status": ACKS.get(status, status)}
        data |= {"instanceId": self.instance_id, "messageId": f"cm{sent.id.lower()}"}
        return _event(sent.channel, "messages.update", data)

    def connection_event(self, channel: ChannelEntry, state: str) -> Any:
        """The instance's connection changed."""
        self.states[channel.external_id] = state
        data: dict[str, Any] = {
            "instance": channel.external_id,
            "state": state,
            "statusReason": 200 if state == "open" else 401,
        }
        if state == "open":
            data |= {"wuid": jid(f"+{channel.number}"), "profileName": channel.name, "profilePictureUrl": None}
        return _event(channel, "connection.update", data)

    def sign(self, channel: ChannelEntry, content: Any, url: str) -> tuple[bytes, dict[str, str]]:
        body = content.encode() if isinstance(content, str) else compact(content)
        headers = {"Content-Type": "application/json"}
        if key := channel.secret("jwt_key"):
            now = int(time.time())
            claims = {"iat": now, "exp": now + 600, "app": "evolution", "action": "webhook"}
            headers["Authorization"] = f"Bearer {jwt.encode(claims, key, algorithm='HS256')}"
        elif secret := channel.secret("webhook_secret"):
            headers["X-Webhook-Secret"] = secret
        return body, headers

    def medium_of(self, message_id: str) -> Medium | None:
        """The file of a message that was posted before."""
        return self._media.get(message_id)

    def state_of(self, instance: str) -> str:
        """Whether the phone is linked."""
        return self.states.get(instance, "open")

    def qr_code(self) -> dict[str, Any]:
        """A code to scan (only a picture here)."""
        image = "data:image/png;base64," + base64.b64encode(picture(120)).decode()
        return {"pairingCode": None, "code": "2@SIMULATED", "base64": image, "count": 1}

    def _upsert(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        message, message_type = self._content(said)
        event: dict[str, Any] = payload("evolution_upsert")
        data = event["data"]
        data["key"] = {"remoteJid": jid(said.person), "fromMe": False, "id": said.id}
        if is_phone(said.person):
            data["key"] |= {"remoteJidAlt": jid(said.person), "addressingMode": "lid"}
        info = data["message"]["messageContextInfo"]
        data |= {"message": message | {"messageContextInfo": info}, "messageType": message_type}
        data |= {"pushName": said.name or None, "messageTimestamp": said.at}
        if said.reply_to and said.kind != "reaction":
            data["contextInfo"] = _quote(channel, said)
        return _event(channel, "messages.upsert", data)

    def _content(self, said: PersonMessage) -> tuple[dict[str, Any], str]:
        if said.medium:
            self._media[said.id] = said.medium
            if len(self._media) > MEDIA_KEPT:
                self._media.popitem(last=False)
            return _file(said), CONTENT_KEYS[said.kind]
        makers = {"location": _place, "contacts": _card, "reaction": _reaction, "button": _button, "list": _row}
        if said.kind in makers:
            message = makers[said.kind](said)
            return message, next(iter(message))
        if said.kind == "text":
            return {"conversation": said.text}, "conversation"
        return dict(said.detail("content", {})), said.kind


def message_data(sent: AcceptedMessage, message_type: str) -> dict[str, Any]:
    """What a send answers, and what `send.message` repeats."""
    content: Any = sent.text
    if message_type == "reactionMessage":
        content = {"key": {"remoteJid": jid(sent.to), "fromMe": False, "id": sent.reply_to}, "text": sent.text}
    elif message_type != "conversation":
        content = {"url": "https://mmg.whatsapp.net/o1/v/t24/f2/EXAMPLE", "caption": sent.text}
    key = {"remoteJid": jid(sent.to), "fromMe": True, "id": sent.id}
    data: dict[str, Any] = {"key": key, "pushName": "Você", "status": "PENDING"}
    data |= {"message": {message_type: content}, "contextInfo": None, "messageType": message_type}
    data |= {"messageTimestamp": int(time.time()), "instanceId": EvolutionWebhooks.instance_id, "source": "web"}
    return data


def _event(channel: ChannelEntry, name: str, data: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event = {"event": name, "instance": channel.external_id, "data": data, "destination": channel.webhook_url}
    event |= {"date_time": now, "sender": jid(f"+{channel.number}")}
    return event | {"server_url": f"{world.url}/evolution", "apikey": None}


def _quote(channel: ChannelEntry, said: PersonMessage) -> dict[str, Any]:
    return {
        "stanzaId": said.reply_to,
        "participant": jid(f"+{channel.number}"),
        "quotedMessage": {"conversation": str(said.detail("quoted"))},
        "mentionedJid": [],
    }


def _file(said: PersonMessage) -> dict[str, Any]:
    assert said.medium is not None
    key = CONTENT_KEYS[said.kind]
    content: dict[str, Any] = payload("evolution_contents")[key]
    content |= {"mimetype": said.medium.mime_type}
    content["fileLength"] = {"low": len(said.medium.content), "high": 0, "unsigned": True}
    content.pop("caption", None)
    if said.text and key in ("imageMessage", "videoMessage", "documentMessage"):
        content["caption"] = said.text
    if key == "audioMessage":
        content["ptt"] = said.kind == "voice"
    if key == "documentMessage":
        content["fileName"] = content["title"] = said.medium.name or "document.pdf"
    return {key: content, "base64": said.medium.base64}


def _place(said: PersonMessage) -> dict[str, Any]:
    place = {
        "degreesLatitude": said.detail("latitude", 37.7858),
        "degreesLongitude": said.detail("longitude", -122.4064),
    }
    return {"locationMessage": place | {"name": said.text, "address": said.detail("address")}}


def _card(said: PersonMessage) -> dict[str, Any]:
    return {"contactMessage": {"displayName": said.text or "Carla Example", "vcard": VCARD.decode()}}


def _reaction(said: PersonMessage) -> dict[str, Any]:
    key = {"remoteJid": jid(said.person), "fromMe": True, "id": said.reply_to}
    return {"reactionMessage": {"key": key, "text": said.text}}


def _button(said: PersonMessage) -> dict[str, Any]:
    answer = {"selectedButtonId": said.detail("choice"), "selectedDisplayText": said.text, "type": 1}
    return {"buttonsResponseMessage": answer}


def _row(said: PersonMessage) -> dict[str, Any]:
    choice = {"selectedRowId": said.detail("choice")}
    return {"listResponseMessage": {"title": said.text, "listType": 1, "singleSelectReply": choice}}
