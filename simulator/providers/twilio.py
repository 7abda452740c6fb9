"""Twilio's Messages API and its webhooks (wire/twilio.md)."""

import base64
import hashlib
import hmac
import secrets
from collections import deque
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from simulator.config import ChannelEntry
from simulator.exchange import AcceptedMessage, RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.media import LIFE_SECONDS
from simulator.people import digits, is_phone, person_key
from simulator.providers import twilio_check
from simulator.providers.base import MessagingService, PersonMessage, payload
from simulator.providers.twilio_check import twilio_error
from simulator.providers.twilio_contents import CONTENTS
from simulator.world import world

ACCOUNT = r"/2010-04-01/Accounts/(?P<account>AC\w+)"
LIST_KEPT = 5_000
TYPING_SECONDS = 25


class TwilioService(MessagingService):
    """Basic auth with the account's sid and token; forms in, JSON out."""

    name = "twilio"
    routes = (
        ("POST", ACCOUNT + r"/Messages\.json", "send"),
        ("GET", ACCOUNT + r"/Messages\.json", "search"),
        ("GET", ACCOUNT + r"/Messages/(?P<sid>\w+)\.json", "show"),
        ("GET", ACCOUNT + r"/Messages/\w+/Media/(?P<media_id>\w+)", "redirect"),
        ("GET", ACCOUNT + r"\.json", "account"),
        ("GET", r"/storage/(?P<media_id>\w+)", "download"),
        ("POST", r"/v3/Indicators/Typing\.json", "typing"),
        ("GET", r"/v1/ContentAndApprovals", "contents"),
    )

    def __init__(self) -> None:
        self._created: deque[dict[str, Any]] = deque(maxlen=LIST_KEPT)

    def error(self, status: int, text: str = "") -> ServiceResponse:
        codes = {401: (20003, "Authenticate"), 403: (20003, "Authenticate"), 429: (20429, "Too Many Requests")}
        code, message = codes.get(status, (20404, "The requested resource was not found"))
        if status >= 500:
            code, message = 20500, "An internal server error has occurred"
        return twilio_error(code, text or message, status)

    # --- what the product sends

    def send(self, call: ServiceRequest, account: str) -> ServiceResponse:
        """POST /Messages.json."""
        channels = self._channels(call, account)
        form = twilio_check.checked(call.form if call.is_form else {}, {c.external_id for c in channels})
        sender = person_key(form.sender)
        channel = next((c for c in channels if person_key(c.external_id) == sender), channels[0])
        sent = AcceptedMessage(
            channel=channel,
            id=f"{'MM' if form.media else 'SM'}{secrets.token_hex(16)}",
            to=person_key(form.to),
            kind="template" if form.content_sid else "image" if form.media else "text",
            text=form.text,
            reference=dict(parse_qsl(urlsplit(form.callback).query)).get("m", ""),
            callback=form.callback,
        )
        body = self._resource(sent, account, form)
        self._created.append(body)
        return ServiceResponse(status=201, body=body, sent=sent)

    def search(self, call: ServiceRequest, account: str) -> ServiceResponse:
        """GET /Messages.json?To=&From=&PageSize=: how a lost answer is looked up."""
        self._channels(call, account)
        to, sender = call.query.get("To", ""), call.query.get("From", "")
        size = min(int(call.query.get("PageSize") or 50), 1000)
        found = [m for m in reversed(self._created) if to in ("", m["to"]) and sender in ("", m["from"])]
        body = {"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None, "uri": call.path}
        return ServiceResponse(body=body, note=RequestNote(kind="search", to=person_key(to)))

    def show(self, call: ServiceRequest, account: str, sid: str) -> ServiceResponse:
        """GET /Messages/{sid}.json."""
        self._channels(call, account)
        found = next((m for m in self._created if m["sid"] == sid), None)
        if found is None:
            raise RefusedError(self.error(404))
        return ServiceResponse(body=found, note=RequestNote(kind="show", id=sid))

    def account(self, call: ServiceRequest, account: str) -> ServiceResponse:
        """GET the account itself: a check of the credentials."""
        self._channels(call, account)
        return ServiceResponse(
            body={"sid": account, "status": "active", "type": "Full"}, note=RequestNote(kind="account")
        )

    def redirect(self, call: ServiceRequest, account: str, media_id: str) -> ServiceResponse:
        """GET MediaUrlN with Basic auth: leads to a signed storage address."""
        self._channels(call, account)
        address = f"{call.base}/storage/{media_id}?Expires={LIFE_SECONDS}&Signature=SIMULATED"
        return ServiceResponse(
            status=307, body=b"", headers={"Location": address}, note=RequestNote(kind="media_lookup", id=media_id)
        )

    def download(self, call: ServiceRequest, media_id: str) -> ServiceResponse:
        """GET the storage address, which needs no credentials."""
        medium = world.media.get(media_id.removeprefix("ME"))
        if medium is None:
            raise RefusedError(self.error(404))
        return ServiceResponse(
            body=medium.content, content_type=medium.mime_type, note=RequestNote(kind="media_download", id=media_id)
        )

    def typing(self, call: ServiceRequest) -> ServiceResponse:
        """POST /v3/Indicators/Typing.json {channel, messageId}."""
        body = call.json if isinstance(call.json, dict) else {}
        channel = self._authorized(call)[0]
        message_id = str(body.get("messageId") or "")
        if body.get("channel") != "WHATSAPP" or not message_id:
            raise RefusedError(self.error(400, "channel must be WHATSAPP and messageId is required"))
        person = world.chats.read(channel.external_id, message_id)
        if person:
            world.chats.typing(channel.external_id, person, TYPING_SECONDS)
        return ServiceResponse(body={"success": True}, note=RequestNote(kind="typing", to=person, id=message_id))

    def contents(self, call: ServiceRequest) -> ServiceResponse:
        """GET /v1/ContentAndApprovals, two to a page."""
        self._authorized(call)
        start = int(call.query.get("PageToken") or 0)
        further = f"{call.base}/v1/ContentAndApprovals?PageSize=2&PageToken={start + 2}"
        meta = {"key": "contents", "page_size": 2, "next_page_url": further if start + 2 < len(CONTENTS) else None}
        return ServiceResponse(
            body={"contents": CONTENTS[start : start + 2], "meta": meta}, note=RequestNote(kind="templates")
        )

    # --- what the product receives

    def new_id(self, kind: str = "text") -> str:
        prefix = "MM" if kind in (*self.media_kinds, "contacts") else "SM"
        return prefix + secrets.token_hex(16)

    def inbound(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        form: dict[str, str] = payload("twilio_text")
        form |= dict.fromkeys(("MessageSid", "SmsMessageSid", "SmsSid"), said.id)
        form |= {
            "Body": said.text,
            "AccountSid": channel.secret("account_sid"),
            "To": f"whatsapp:{channel.external_id}",
        }
        form |= {"From": f"whatsapp:{said.person}", "ProfileName": said.name, "WaId": digits(said.person)}
        form["ChannelMetadata"] = '{"type":"whatsapp","data":{"context":{}}}'
        if not is_phone(said.person):
            del form["WaId"]
            form["ExternalUserId"] = form["From"]
        if said.reply_to:
            form |= {"OriginalRepliedMessageSid": said.reply_to, "OriginalRepliedMessageSender": form["To"]}
        return form | _content(channel, said)

    def owner(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        """Twilio echoes nothing from their own phone: the owner's private number writes to the business."""
        person = channel.owner[0] if channel.owner else "+15550100200"
        return self.inbound(
            channel, PersonMessage(**{**vars(said), "person": person_key(person), "name": said.name or "Owner"})
        )

    def status(self, sent: AcceptedMessage, status: str, error: str = "") -> Any:
        form: dict[str, str] = payload("twilio_status")
        form |= {"MessageSid": sent.id, "SmsSid": sent.id, "MessageStatus": status, "SmsStatus": status}
        form |= {"To": f"whatsapp:{sent.to}", "From": f"whatsapp:{sent.channel.external_id}"}
        form |= {"AccountSid": sent.channel.secret("account_sid"), "ChannelToAddress": sent.to}
        form["EventType"] = status.upper()
        if status in ("failed", "undelivered"):
            form["ErrorCode"] = error or "63016"
        if status in ("sent", "queued"):
            for name in ("EventType", "ChannelInstallSid", "ChannelPrefix", "ChannelToAddress"):
                del form[name]
        return form

    def status_url(self, sent: AcceptedMessage) -> str:
        return sent.callback

    def sign(self, channel: ChannelEntry, content: Any, url: str) -> tuple[bytes, dict[str, str]]:
        body = content if isinstance(content, str) else urlencode(content, doseq=True)
        base = url + "".join(f"{n}{v}" for n, v in sorted(set(parse_qsl(body, keep_blank_values=True))))
        digest = hmac.new(channel.secret("auth_token").encode(), base.encode(), hashlib.sha1).digest()
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "User-Agent": "TwilioProxy/1.1"}
        headers |= {"I-Twilio-Idempotency-Token": hashlib.sha256(body.encode()).hexdigest()[:32]}
        return body.encode(), headers | {"X-Twilio-Signature": base64.b64encode(digest).decode()}

    # --- who asks

    def _channels(self, call: ServiceRequest, account: str) -> list[ChannelEntry]:
        channels = [c for c in self._authorized(call) if c.secret("account_sid") == account]
        if not channels:
            raise RefusedError(self.error(401))
        return channels

    def _authorized(self, call: ServiceRequest) -> list[ChannelEntry]:
        given = call.headers.get("Authorization", "").removeprefix("Basic ")
        channels = []
        for channel in world.config.of(self.name):
            pair = f"{channel.secret('account_sid')}:{channel.secret('auth_token')}".encode()
            if hmac.compare_digest(base64.b64encode(pair), given.encode()):
                channels.append(channel)
        if not channels:
            raise RefusedError(self.error(401))
        return channels

    def _resource(self, sent: AcceptedMessage, account: str, form: twilio_check.Form) -> dict[str, Any]:
        body: dict[str, Any] = payload("twilio_created")
        uri = f"/2010-04-01/Accounts/{account}/Messages/{sent.id}"
        body |= {"sid": sent.id, "account_sid": account, "to": form.to, "from": form.sender or None}
        body |= {"body": form.text, "num_media": str(len(form.media)), "uri": f"{uri}.json"}
        body |= {"messaging_service_sid": form.service or None, "status": "accepted" if form.service else "queued"}
        body["date_created"] = body["date_updated"] = twilio_check.rfc2822()
        return body | {"subresource_uris": {"media": f"{uri}/Media.json"}}


def _content(channel: ChannelEntry, said: PersonMessage) -> dict[str, str]:
    """The fields that depend on the kind of message (wire/twilio.md section 1)."""
    kind = said.kind
    if kind == "contacts":
        said = PersonMessage(**{**vars(said), "medium": world.media.sample("contacts"), "text": ""})
    if said.medium:
        mime_type = said.medium.mime_type.partition(";")[0]
        address = f"{world.url}/twilio/2010-04-01/Accounts/{channel.secret('account_sid')}"
        address += f"/Messages/{said.id}/Media/ME{said.medium.id}"
        message_type = "audio" if kind == "voice" else kind
        form = {"NumMedia": "1", "MediaUrl0": address, "MediaContentType0": mime_type, "MessageType": message_type}
        return form | {"Body": said.text}
    if kind == "location":
        place = {
            "Latitude": str(said.detail("latitude", 37.7858)),
            "Longitude": str(said.detail("longitude", -122.4064)),
        }
        return place | {"Body": "", "MessageType": kind, "Address": said.detail("address"), "Label": said.text}
    if kind == "button":
        return {"MessageType": "interactive", "ButtonText": said.text, "ButtonPayload": said.detail("choice")}
    if kind == "list":
        return {"MessageType": "interactive", "ListTitle": said.text, "ListId": said.detail("choice")}
    return {"MessageType": kind}


WIRE: MessagingService = TwilioService()
