"""Evolution API v2: what the product calls (wire/evolution.md section 6)."""

import hmac
import secrets
from typing import Any

from simulator.config import ChannelEntry
from simulator.exchange import AcceptedMessage, RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.people import person_key
from simulator.providers.base import MessagingService
from simulator.providers.evolution_check import MEDIA, TEXT, Field, checked, jid, problem
from simulator.providers.evolution_webhooks import EvolutionWebhooks, message_data
from simulator.world import world

INSTANCE = r"/(?P<instance>[^/]+)"
NOT_ON_WHATSAPP = "0199"  # numbers ending like this have no WhatsApp


class EvolutionService(EvolutionWebhooks):
    """One instance per channel; `apikey` is its token."""

    name = "evolution"
    routes = (
        ("POST", "/message/sendText" + INSTANCE, "send_text"),
        ("POST", "/message/sendMedia" + INSTANCE, "send_media"),
        ("POST", "/message/sendWhatsAppAudio" + INSTANCE, "send_audio"),
        ("POST", "/message/sendReaction" + INSTANCE, "send_reaction"),
        ("POST", "/chat/sendPresence" + INSTANCE, "presence"),
        ("POST", "/chat/markMessageAsRead" + INSTANCE, "mark_read"),
        ("POST", "/chat/getBase64FromMediaMessage" + INSTANCE, "media"),
        ("POST", "/chat/whatsappNumbers" + INSTANCE, "numbers"),
        ("POST", "/webhook/set" + INSTANCE, "set_webhook"),
        ("GET", "/webhook/find" + INSTANCE, "find_webhook"),
        ("POST", "/instance/create", "create"),
        ("GET", "/instance/connect" + INSTANCE, "connect"),
        ("GET", "/instance/connectionState" + INSTANCE, "connection"),
        ("POST", "/instance/restart" + INSTANCE, "connection"),
        ("DELETE", "/instance/logout" + INSTANCE, "logout"),
        ("GET", "/instance/fetchInstances", "instances"),
    )

    def error(self, status: int, text: str = "") -> ServiceResponse:
        return problem(status, [text] if text else "Unauthorized" if status == 401 else ["Internal server error"])

    # --- messages

    def send_text(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /message/sendText/{i} {number, text, delay?, quoted?}."""
        body = self._body(call, instance, TEXT)
        return self._accept(call, instance, "conversation", body["text"])

    def send_media(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /message/sendMedia/{i} {number, mediatype, media, caption?, fileName?}."""
        body = self._body(call, instance, MEDIA)
        if body["mediatype"] not in ("image", "video", "audio", "document"):
            raise RefusedError(problem(400, [["mediatype is not one of enum values: image,document,video,audio"]]))
        return self._accept(call, instance, f"{body['mediatype']}Message", str(body.get("caption") or ""))

    def send_audio(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /message/sendWhatsAppAudio/{i} {number, audio}."""
        self._body(call, instance, (Field("number"), Field("audio")))
        return self._accept(call, instance, "audioMessage", "")

    def send_reaction(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /message/sendReaction/{i} {key{id, remoteJid, fromMe}, reaction}."""
        body = self._body(call, instance, (Field("key", dict), Field("reaction", empty=True)))
        key = body["key"]
        if not key.get("id") or not key.get("remoteJid") or not isinstance(key.get("fromMe"), bool):
            raise RefusedError(problem(400, [['key requires property "id", "remoteJid" and "fromMe"']]))
        channel = self._channel(call, instance)
        to = person_key(key["remoteJid"])
        sent = AcceptedMessage(
            channel=channel, id=self.new_id("send"), to=to, kind="reaction", text=body["reaction"], reply_to=key["id"]
        )
        return ServiceResponse(status=201, body=message_data(sent, "reactionMessage"), sent=sent)

    def _accept(self, call: ServiceRequest, instance: str, message_type: str, text: str) -> ServiceResponse:
        channel, body = self._channel(call, instance), call.json
        to = person_key(body["number"])
        if to.endswith(NOT_ON_WHATSAPP):
            missing = {"jid": jid(to), "exists": False, "number": body["number"]}
            raise RefusedError(problem(400, [missing]))
        world.stopping.wait(self._delay(body, channel, to))
        quoted = (body.get("quoted") or {}).get("key") or {}
        kind = "text" if message_type == "conversation" else message_type.removesuffix("Message")
        sent = AcceptedMessage(
            channel=channel, id=self.new_id("send"), to=to, kind=kind, text=text, reply_to=str(quoted.get("id") or "")
        )
        return ServiceResponse(status=201, body=message_data(sent, message_type), sent=sent)

    def _delay(self, body: dict[str, Any], channel: ChannelEntry, to: str) -> float:
        seconds = float(body.get("delay") or 0) / 1000
        if seconds:
            world.chats.typing(channel.external_id, to, seconds)
        return seconds

    # --- chats

    def presence(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /chat/sendPresence/{i} {number, delay, presence}: holds the request for `delay`."""
        body = self._body(call, instance, (Field("number"), Field("delay", int), Field("presence")))
        to = person_key(body["number"])
        seconds = body["delay"] / 1000
        if body["presence"] == "composing":
            world.chats.typing(instance, to, max(seconds, 1))
        world.stopping.wait(seconds)
        return ServiceResponse(
            status=201, body={"presence": body["presence"]}, note=RequestNote(kind="presence", to=to)
        )

    def mark_read(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /chat/markMessageAsRead/{i} {readMessages[{id, remoteJid, fromMe}]}."""
        body = self._body(call, instance, (Field("readMessages", list),))
        for item in body["readMessages"]:
            if not item.get("id") or not item.get("remoteJid") or "fromMe" not in item:
                raise RefusedError(problem(400, [['readMessages[0] requires property "id"']]))
            world.chats.read(instance, item["id"])
        first = body["readMessages"][0] if body["readMessages"] else {}
        note = RequestNote(kind="read", to=person_key(str(first.get("remoteJid") or "")), id=str(first.get("id") or ""))
        return ServiceResponse(status=201, body={"message": "Read messages", "read": "success"}, note=note)

    def media(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /chat/getBase64FromMediaMessage/{i} {message{key{id}}}."""
        body = self._body(call, instance, (Field("message", dict),))
        message_id = str((body["message"].get("key") or {}).get("id") or "")
        medium = self.medium_of(message_id)
        if medium is None:
            raise RefusedError(problem(400, ["Message not found"]))
        answer: dict[str, Any] = {
            "mediaType": "media",
            "fileName": medium.name or message_id,
            "mimetype": medium.mime_type,
        }
        size = {"fileLength": {"low": len(medium.content), "high": 0, "unsigned": True}}
        answer |= {"size": size, "base64": medium.base64, "buffer": None}
        return ServiceResponse(status=201, body=answer, note=RequestNote(kind="media_download", id=message_id))

    def numbers(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /chat/whatsappNumbers/{i} {numbers[]}."""
        body = self._body(call, instance, (Field("numbers", list),))
        found = []
        for number in map(str, body["numbers"]):
            exists = not number.endswith(NOT_ON_WHATSAPP)
            found.append({"jid": jid(person_key(number)), "exists": exists, "number": number})
        return ServiceResponse(body=found, note=RequestNote(kind="numbers"))

    # --- the instance and its webhook

    def set_webhook(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """POST /webhook/set/{i} {webhook{enabled, url, headers, byEvents, base64, events}}."""
        body = self._body(call, instance, (Field("webhook", dict),))["webhook"]
        if not isinstance(body.get("enabled"), bool) or not str(body.get("url") or "").startswith("http"):
            raise RefusedError(problem(400, [['webhook requires property "enabled" and "url"']]))
        if not isinstance(body.get("events"), list):
            raise RefusedError(problem(500, ["Cannot read properties of undefined (reading 'length')"]))
        row = {
            "id": secrets.token_hex(8),
            "url": body["url"],
            "headers": body.get("headers"),
            "enabled": body["enabled"],
        }
        row |= {"events": body["events"], "webhookByEvents": body.get("byEvents", False)}
        self.webhooks[instance] = row | {"webhookBase64": body.get("base64", False), "instanceId": self.instance_id}
        return ServiceResponse(status=201, body=self.webhooks[instance], note=RequestNote(kind="webhook", id=instance))

    def find_webhook(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """GET /webhook/find/{i}."""
        self._channel(call, instance)
        return ServiceResponse(body=self.webhooks.get(instance), note=RequestNote(kind="webhook", id=instance))

    def create(self, call: ServiceRequest) -> ServiceResponse:
        """POST /instance/create with the global key."""
        name = str((call.json or {}).get("instanceName") or "")
        if not any(self._has_key(call, channel) for channel in world.config.of(self.name)):
            raise RefusedError(problem(401, "Unauthorized"))
        if world.config.channel(name, self.name):
            raise RefusedError(problem(403, [f'This name "{name}" is already in use.']))
        instance = {"instanceName": name, "instanceId": self.instance_id, "integration": "WHATSAPP-BAILEYS"}
        body = {"instance": instance | {"status": "connecting"}, "hash": secrets.token_hex(16).upper(), "settings": {}}
        return ServiceResponse(
            status=201, body=body | {"qrcode": self.qr_code()}, note=RequestNote(kind="create", id=name)
        )

    def connect(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """GET /instance/connect/{i}: a QR code, or that it is already open."""
        self._channel(call, instance)
        note = RequestNote(kind="connect", id=instance)
        if self.state_of(instance) == "open":
            return ServiceResponse(body={"instance": {"instanceName": instance, "state": "open"}}, note=note)
        return ServiceResponse(body=self.qr_code(), note=note)

    def connection(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """GET /instance/connectionState/{i}, and the answer to a restart."""
        self._channel(call, instance)
        body = {"instance": {"instanceName": instance, "state": self.state_of(instance)}}
        return ServiceResponse(body=body, note=RequestNote(kind="connection", id=instance))

    def logout(self, call: ServiceRequest, instance: str) -> ServiceResponse:
        """DELETE /instance/logout/{i}."""
        self._channel(call, instance)
        self.states[instance] = "close"
        body = {"status": "SUCCESS", "error": False, "response": {"message": "Instance logged out"}}
        return ServiceResponse(body=body, note=RequestNote(kind="logout", id=instance))

    def instances(self, call: ServiceRequest) -> ServiceResponse:
        """GET /instance/fetchInstances: those this key may see."""
        channels = [c for c in world.config.of(self.name) if self._has_key(call, c)]
        if not channels:
            raise RefusedError(problem(401, "Unauthorized"))
        body = [{"name": c.external_id, "connectionStatus": self.state_of(c.external_id)} for c in channels]
        return ServiceResponse(body=body, note=RequestNote(kind="instances"))

    # --- who asks

    def _body(self, call: ServiceRequest, instance: str, fields: tuple[Field, ...]) -> dict[str, Any]:
        self._channel(call, instance)
        return checked(call.json, fields)

    def _channel(self, call: ServiceRequest, instance: str) -> ChannelEntry:
        """Find the instance first and check the key then, as Evolution does (wire/evolution.md section 7)."""
        channel = world.config.channel(instance, self.name)
        if channel is None:
            raise RefusedError(problem(404, [f'The "{instance}" instance does not exist']))
        if not self._has_key(call, channel):
            raise RefusedError(problem(401, "Unauthorized"))
        return channel

    def _has_key(self, call: ServiceRequest, channel: ChannelEntry) -> bool:
        key = call.headers.get("apikey", "")
        return bool(key) and hmac.compare_digest(key.encode(), channel.secret("api_key").encode())


WIRE: MessagingService = EvolutionService()
