"""The iMessage bridge: our contract in front of Photon (wire/photon-imessage.md)."""

import hashlib
import hmac
import time
import uuid
from collections import OrderedDict
from threading import Lock
from typing import Any

from simulator.config import ChannelEntry
from simulator.exchange import AcceptedMessage, RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.people import person_key
from simulator.providers.base import MessagingService, PersonMessage, compact, payload
from simulator.world import world

KEYS_KEPT = 20_000
TAPBACKS = {"❤️": "2000", "👍": "2001", "👎": "2002", "😂": "2003", "‼️": "2004", "❓": "2005"}


class IMessageService(MessagingService):
    """Bearer key; honours Idempotency-Key; its webhooks are never posted again."""

    name = "imessage"
    status_names = ("sent", "delivered", "read")
    routes = (
        ("POST", r"/send", "send"),
        ("GET", r"/health", "health"),
        ("GET", r"/check/(?P<address>.+)", "check"),
    )

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: OrderedDict[tuple[str, str], tuple[bytes, ServiceResponse]] = OrderedDict()

    def error(self, status: int, text: str = "") -> ServiceResponse:
        codes = {400: "VALIDATION_ERROR", 401: "UNAUTHORIZED", 404: "NOT_FOUND", 405: "NOT_FOUND"}
        codes |= {409: "DUPLICATE", 429: "RATE_LIMITED", 500: "INTERNAL_ERROR"}
        texts = {401: "Invalid Authorization header", 429: "Too many messages", 500: "Internal error"}
        code = codes.get(status, "UPSTREAM_ERROR")
        message = text or texts.get(status, "iMessage server is not reachable")
        headers = {"Retry-After": "2"} if status == 429 else {}
        return ServiceResponse(
            status=status, body={"ok": False, "error": {"code": code, "message": message}}, headers=headers
        )

    # --- what the product sends

    def send(self, call: ServiceRequest) -> ServiceResponse:
        """POST /send; the same Idempotency-Key gets the same answer and sends nothing."""
        channel = self._channel(call)
        key = call.headers.get("Idempotency-Key", "")
        place = (f"{world.resets} {channel.external_id}", key)
        with self._lock:
            before = self._answers.get(place) if key else None
            if before is None:
                reply = self._accept(call, channel, key)
                if key:
                    self._answers[place] = (call.body, reply)
                if len(self._answers) > KEYS_KEPT:
                    self._answers.popitem(last=False)
                return reply
        body, reply = before
        if body != call.body:
            raise RefusedError(self.error(400, "Idempotency-Key was used with another body"))
        return ServiceResponse(
            body=reply.body, note=RequestNote(kind="duplicate", to=call.addressee, reference=key), again=True
        )

    def health(self, call: ServiceRequest) -> ServiceResponse:
        """GET /health."""
        return ServiceResponse(body={"ok": True}, note=RequestNote(kind="health"))

    def check(self, call: ServiceRequest, address: str) -> ServiceResponse:
        """GET /check/{address}; numbers ending in 0199 have no iMessage."""
        self._channel(call)
        data = {"address": address, "available": not address.endswith("0199")}
        return ServiceResponse(body={"ok": True, "data": data}, note=RequestNote(kind="check", to=person_key(address)))

    def _accept(self, call: ServiceRequest, channel: ChannelEntry, key: str) -> ServiceResponse:
        body = call.json
        if not isinstance(body, dict):
            raise RefusedError(self.error(400, "body: Expected object"))
        to, text = self._string(body, "to", 256), self._string(body, "text", 10_000)
        if body.get("service") not in (None, "iMessage", "SMS"):
            raise RefusedError(self.error(400, "service: Invalid enum value. Expected 'iMessage' | 'SMS'"))
        reply_to = self._string(body, "replyTo", 128) if body.get("replyTo") is not None else ""
        sent = AcceptedMessage(
            channel=channel, id=self.new_id(), to=person_key(to), text=text, reference=key, reply_to=reply_to
        )
        data = {"id": sent.id, "to": to, "text": text, "sentAt": int(time.time() * 1000)}
        return ServiceResponse(body={"ok": True, "data": data}, sent=sent)

    def _string(self, body: dict[str, Any], name: str, limit: int) -> str:
        value = body.get(name)
        if not isinstance(value, str):
            raise RefusedError(self.error(400, f"{name}: Expected string"))
        if not value:
            raise RefusedError(self.error(400, f"{name}: String must contain at least 1 character(s)"))
        if len(value) > limit:
            raise RefusedError(self.error(400, f"{name}: String must contain at most {limit} character(s)"))
        return value

    # --- what the product receives

    def new_id(self, kind: str = "text") -> str:
        return str(uuid.uuid4()).upper()

    def inbound(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        event = _event("new-message", said.id, said.person, said.text, said.at * 1000)
        data = event["data"]
        if said.medium:
            data["text"] = "\ufffc" + said.text
            data["attachments"] = [_attachment(said)]
        elif said.kind == "reaction":
            data |= {"associatedMessageGuid": f"p:0/{said.reply_to}", "text": f"Reacted {said.text} to a message"}
            data["associatedMessageType"] = TAPBACKS.get(said.text, "2001") if said.text else "3001"
        elif said.reply_to:
            data |= {"threadOriginatorGuid": said.reply_to, "threadOriginatorPart": "0:0:1"}
        return event

    def owner(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        """The owner answers from the private number or Apple ID."""
        person = channel.owner[0] if channel.owner else "owner@company.example"
        return self.inbound(channel, PersonMessage(**{**vars(said), "person": person_key(person)}))

    def status(self, sent: AcceptedMessage, status: str, error: str = "") -> Any:
        """Our own message comes back as an event, then its updates: the product must not answer itself."""
        now = int(time.time() * 1000)
        names = {"sent": "new-message", "failed": "message-send-error"}
        event = _event(names.get(status, "updated-message"), sent.id, sent.to, sent.text, now)
        data = event["data"]
        data |= {"isFromMe": True, "error": 22 if status == "failed" else 0}
        data |= {"dateDelivered": now if status in ("delivered", "read") else None}
        data |= {"dateRead": now if status == "read" else None}
        return event

    def sign(self, channel: ChannelEntry, content: Any, url: str) -> tuple[bytes, dict[str, str]]:
        body = content.encode() if isinstance(content, str) else compact(content)
        timestamp = str(int(time.time()))
        base = b"v0:" + timestamp.encode() + b":" + body
        digest = hmac.new(channel.secret("webhook_secret").encode(), base, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Photon-Timestamp": timestamp}
        return body, headers | {"X-Photon-Signature": f"v0={digest}"}

    def _channel(self, call: ServiceRequest) -> ChannelEntry:
        for channel in world.config.of(self.name):
            if hmac.compare_digest(call.bearer.encode(), channel.secret("api_key").encode()):
                return channel
        raise RefusedError(self.error(401))


def _event(name: str, guid: str, person: str, text: str, at: int) -> dict[str, Any]:
    event: dict[str, Any] = payload("photon_new_message")
    event["event"] = name
    data = event["data"]
    data |= {"guid": guid, "text": text, "dateCreated": at}
    data["handle"]["address"] = person
    data["chats"][0] |= {"guid": f"iMessage;-;{person}", "chatIdentifier": person}
    return event


def _attachment(said: PersonMessage) -> dict[str, Any]:
    assert said.medium is not None
    mime_type = said.medium.mime_type.partition(";")[0]
    name = said.medium.name or f"file.{mime_type.rpartition('/')[2]}"
    size = len(said.medium.content)
    names = {"guid": f"at_0_{said.id}", "mimeType": mime_type, "transferName": name, "totalBytes": size}
    return names | {"originalROWID": 9, "uti": "public.data", "isOutgoing": False, "isSticker": False}


WIRE: MessagingService = IMessageService()
