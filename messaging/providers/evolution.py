"""Evolution API: an unofficial WhatsApp gateway, one instance per linked phone.

Source: provider notes "Evolution API", sections 1 (webhook settings), 2 (authentication), 6 (REST) and 7 (errors),
versions 1.8 to 2.4.0-rc2. There is no idempotency key, and our reference does not come back. Whether an uncertain send
reached WhatsApp is known when the event `send.message` comes.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import jwt

from common.http.client import HttpError, NotSent, ResponseTooLarge
from common.text.marks import gettext_noop as _
from messaging.providers import _evolution_errors, _evolution_events, _evolution_identity
from messaging.providers._foreign import mapping, text
from messaging.providers._media import MB
from messaging.providers._text import numbered
from messaging.providers.base import (
    Account,
    Address,
    ConnectGuide,
    Credentials,
    Download,
    Http,
    HttpResponse,
    InvalidSignature,
    Item,
    Kind,
    Media,
    MediaRule,
    MissingSecret,
    OutboundMessage,
    Outcome,
    Provider,
    ProviderError,
    RawItem,
    Sent,
    WebhookRequest,
)

LEEWAY = 60  # seconds that the clocks of both sides may differ
TYPING_MS = 1500  # the request takes that long
MEDIA_TYPES = {Kind.IMAGE: "image", Kind.VIDEO: "video", Kind.DOCUMENT: "document", Kind.STICKER: "image"}
# The server converts files to the kinds that WhatsApp accepts. It refuses a body above its limit without reading it.
MEDIA_RULES = {kind: MediaRule(max_bytes=16 * MB) for kind in (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.DOCUMENT)}
CORE_EVENTS = ["QRCODE_UPDATED", "MESSAGES_UPSERT", "MESSAGES_UPDATE", "CONNECTION_UPDATE", "SEND_MESSAGE"]
EVENTS = [*CORE_EVENTS, "MESSAGES_EDITED", "MESSAGES_DELETE", "LOGOUT_INSTANCE", "REMOVE_INSTANCE", "CALL"]


class Evolution(Provider):
    """WhatsApp through an Evolution server; the channel's external id is the instance name."""

    name = "evolution"
    label = "Evolution API"
    proofs = ("webhook_secret", "jwt_key")
    may_lack_proof = True  # servers of version 1 send no secret
    max_body_bytes = 64 * 1024 * 1024  # files come inside the webhook
    checks_secret_before_body = True
    can_send_media = True
    takes_files = True
    file_paths = ("/chat/",)  # the server's other paths may belong to anything else
    media_rules = MEDIA_RULES
    can_quote = True
    can_show_typing = True
    can_mark_read = True
    can_register_webhook = True
    status_mark = b'"messages.update"'
    messages_per_second = 1.0  # no limit is published, and WhatsApp bans accounts that send too fast
    credential_names = ("server_url", "api_key", "webhook_secret")
    required_credentials = ("server_url", "api_key")
    credential_settings = {
        "server_url": "EVOLUTION_SERVER_URL",
        "api_key": "EVOLUTION_API_KEY",
        "webhook_secret": "EVOLUTION_WEBHOOK_SHARED_SECRET",
    }
    base_url_credential = "server_url"
    shared_routes = {"webhook/<str:instance>": "by_instance", "webhook/<str:instance>/<str:event>": "by_instance"}
    guide = ConnectGuide(
        external_id=_("the instance's name"),
        fetch=(
            _("On the Evolution server: an instance; its name is the channel's external id."),
            _("The instance's API key. The server's address is set by the operator with setup_channel."),
        ),
        paste=(
            _("Make a webhook secret here."),
            _("Press “Register the webhook”, or paste address and header into the instance's webhook settings."),
            _("Link the phone: on the channel's page, “Fetch a new QR code”."),
        ),
        own_secret="webhook_secret",  # noqa: S106 - a name
        own_secret_label=_("webhook secret"),
        header="X-Webhook-Secret",
    )

    def clean_external_id(self, typed: str) -> str:
        """Return the instance's name, in which spaces count."""
        return typed

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Check the shared secret in a header, or a JWT signed with it. Neither covers the body, which is not read."""
        secrets = credentials.every("webhook_secret")
        keys = [*secrets, *credentials.every("jwt_key")]
        if not keys:
            raise MissingSecret("the channel has no webhook_secret")
        received = request.headers.get("x-webhook-secret", "").encode("utf-8", "surrogateescape")
        if any(hmac.compare_digest(received, secret.encode()) for secret in secrets):
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and any(_is_valid_token(token.strip(), key) for key in keys):
            return
        raise InvalidSignature("no valid X-Webhook-Secret or token")

    def split(self, body: bytes) -> list[RawItem]:
        """Split a body, which has one event with one object or a list of objects in it. Raise BadBody."""
        return _evolution_events.split(body)

    def channels_named(self, body: bytes) -> set[str]:
        """Return the instance that the body names. A large body is not split for this. Raise BadBody."""
        return _evolution_events.instances(body)

    def parse(self, item: RawItem) -> Item:
        """Turn one item of an event into a value class. Raise Unparsable."""
        return _evolution_events.parse(item)

    def send(self, message: OutboundMessage, account: Account, http: Http) -> Sent:
        """Send text, a file, a voice note or a reaction; buttons become a numbered list."""
        call, body = _build_request(message)
        answer = _call(http, account, "POST", f"/message/{call}", json=body, timeout=30.0)
        key = mapping(mapping(_parse_json(answer)).get("key"))
        if not text(key.get("id")):
            raise ProviderError("the answer names no message", outcome=Outcome.UNCERTAIN)
        jid = text(key.get("remoteJid"))
        return Sent(external_id=text(key.get("id")), known_as=_evolution_identity.pair({"jid": jid}), data={"jid": jid})

    def show_typing(self, *, conversation: Address, last_inbound: str, account: Account, http: Http) -> None:
        """Show "typing" for a moment. The call takes as long as "typing" is shown."""
        body = {"number": _evolution_identity.recipient(conversation), "delay": TYPING_MS, "presence": "composing"}
        _call(http, account, "POST", "/chat/sendPresence", json=body, timeout=TYPING_MS / 1000 + 5)

    def mark_read(self, *, conversation: Address, external_id: str, account: Account, http: Http) -> None:
        """Mark one message as read. Nothing is sent for a chat known by LID alone, which the server skips."""
        jid = _evolution_identity.jid(conversation)
        if jid.endswith("@lid"):
            return
        body = {"readMessages": [{"id": external_id, "remoteJid": jid, "fromMe": False}]}
        _call(http, account, "POST", "/chat/markMessageAsRead", json=body)

    def fetch_media(
        self, *, media: Media, account: Account, http: Http, max_bytes: int, message_id: str = ""
    ) -> Download:
        """Return the file from inside the webhook, from the server's object store, or from the server itself."""
        if media.inline_base64:
            return _decode_file(media.inline_base64, media.mime_type, media.file_name, max_bytes)
        if media.url:
            try:
                return _fetch_stored_file(media, http, max_bytes)
            except ProviderError as error:
                # URLs of the object store expire. The server itself may still have the message with the file.
                if error.code == "too_large" or not (message_id or media.reference):
                    raise
        body = {"message": {"key": {"id": message_id or media.reference}}, "convertToMp4": False}
        options = {"json": body, "timeout": 60.0, "max_bytes": max_bytes * 4 // 3 + 100_000}
        found = mapping(_parse_json(_call(http, account, "POST", "/chat/getBase64FromMediaMessage", **options)))
        name = media.file_name or text(found.get("fileName"))
        return _decode_file(text(found.get("base64")), text(found.get("mimetype")) or media.mime_type, name, max_bytes)

    def register_webhook(self, *, url: str, account: Account, http: Http) -> str:
        """Set the webhook on the server: with the body of version 2, else with the bodies of older versions."""
        secret = account.credentials.get("webhook_secret", "")
        headers = {"X-Webhook-Secret": secret} if secret else {}
        try:
            _call(http, account, "POST", "/webhook/set", json=_build_webhook(url, headers, EVENTS))
        except ProviderError as error:
            if not error.code.startswith("400"):
                raise
            return self._register_older(url=url, headers=headers, account=account, http=http)
        return "Registered: the server sends its events with the secret in a header."

    def _register_older(self, *, url: str, headers: Mapping[str, str], account: Account, http: Http) -> str:
        """Set the webhook with fewer events (early versions 2), else with the flat body of version 1."""
        try:
            _call(http, account, "POST", "/webhook/set", json=_build_webhook(url, headers, CORE_EVENTS))
        except ProviderError as error:
            if not error.code.startswith("400"):
                raise
        else:
            return "Registered with an early version 2: it reports no edits and deletions."
        flat = {"url": url, "webhook_by_events": False, "webhook_base64": True, "events": CORE_EVENTS}
        _call(http, account, "POST", "/webhook/set", json=flat)
        return "Registered with a version 1 server, which sends no secret: only the address with the token proves it."

    def check_account(self, *, account: Account, http: Http) -> str:
        """Return the state of the linked phone: open, connecting or close."""
        found = mapping(_parse_json(_call(http, account, "GET", "/instance/connectionState")))
        return text(mapping(found.get("instance")).get("state")) or "unknown"

    def fetch_qr(self, *, account: Account, http: Http) -> str:
        """Return the QR code to scan as a data URL, or "" when the phone is linked already.

        The code is a login credential and is never logged.
        """
        found = mapping(_parse_json(_call(http, account, "GET", "/instance/connect", timeout=30.0)))
        if found.get("error"):  # comes with status 200
            raise ProviderError("the server could not start the connection", outcome=Outcome.RETRY)
        return text(found.get("base64"))

    def sample_webhook(self, *, account: Account, url: str, text: str, person: str, message_id: str) -> WebhookRequest:
        """Return a text message as version 2.3.7 sends it."""
        body = {
            "event": "messages.upsert",
            "instance": account.external_id,
            "data": {
                "key": {"remoteJid": f"{person.lstrip('+')}@s.whatsapp.net", "fromMe": False, "id": message_id},
                "pushName": "Test",
                "status": "DELIVERY_ACK",
                "message": {"conversation": text},
                "messageType": "conversation",
                "messageTimestamp": int(time.time()),
                "source": "unknown",
            },
            "destination": url,
            "date_time": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "apikey": None,
        }
        headers = {"content-type": "application/json"}
        if secret := account.credentials.get("webhook_secret"):
            headers["x-webhook-secret"] = secret
        return WebhookRequest(method="POST", url=url, headers=headers, body=json.dumps(body).encode())


def _is_valid_token(token: str, key: str) -> bool:
    """Return True for an HS256 token of Evolution's webhook sender that has not expired."""
    options: Any = {"require": ["exp"], "verify_exp": False, "verify_iat": False}
    try:
        claims = jwt.decode(token, key, algorithms=["HS256"], options=options)
    except (jwt.PyJWTError, ValueError, TypeError):
        return False
    expires = claims.get("exp")
    fresh = isinstance(expires, int | float) and expires + LEEWAY >= time.time()
    return fresh and claims.get("app") == "evolution" and claims.get("action") == "webhook"


def _build_webhook(url: str, headers: Mapping[str, str], names: list[str]) -> dict[str, Any]:
    settings = {"enabled": True, "url": url, "headers": headers, "byEvents": False, "base64": True, "events": names}
    return {"webhook": settings}


def _build_request(message: OutboundMessage) -> tuple[str, dict[str, Any]]:
    """Return the name of the call and its body in version 2."""
    number: dict[str, Any] = {"number": _evolution_identity.recipient(message.recipient)}
    quoted = {"quoted": {"key": {"id": message.reply_to}}} if message.reply_to else {}
    if message.kind == Kind.TEXT:
        return "sendText", number | {"text": numbered(message.text, message.buttons), "linkPreview": False} | quoted
    if message.kind in {Kind.AUDIO, Kind.VOICE}:
        return "sendWhatsAppAudio", number | {"audio": _encode_file(message)} | quoted
    if message.kind == Kind.REACTION:
        key = {"id": message.reply_to, "remoteJid": _evolution_identity.jid(message.recipient), "fromMe": False}
        return "sendReaction", {"key": key, "reaction": message.text}
    if message.kind not in MEDIA_TYPES:
        raise ProviderError(f"this provider cannot send {message.kind}", outcome=Outcome.PERMANENT)
    caption = numbered(message.text, message.buttons)  # linked phones show no buttons
    optional = {"mimetype": message.mime_type, "fileName": message.file_name, "caption": caption}
    body = {"mediatype": MEDIA_TYPES[message.kind], "media": _encode_file(message)}
    return "sendMedia", number | body | {name: value for name, value in optional.items() if value} | quoted


def _encode_file(message: OutboundMessage) -> str:
    """Return the file itself in base64, or its URL. Raise ProviderError when there is neither."""
    if not (message.content or message.media_url):
        raise ProviderError(f"{message.kind} without a file", outcome=Outcome.PERMANENT)
    return base64.b64encode(message.content).decode() if message.content else message.media_url


def _call(http: Http, account: Account, method: str, path: str, **options: Any) -> HttpResponse:
    """Make one call for this instance. Raise ProviderError with the meaning of any answer that is not a 2xx."""
    url = f"{account.base_url}{path}/{quote(account.external_id, safe='')}"
    headers = {"apikey": account.credentials.get("api_key", "")}
    try:
        answer = http.request(method, url, headers=headers, **options)
    except NotSent as error:
        raise ProviderError("the server is not reachable", outcome=Outcome.RETRY, whole_channel=True) from error
    except HttpError as error:
        code = "too_large" if isinstance(error, ResponseTooLarge) else ""
        raise ProviderError("no usable answer", outcome=Outcome.UNCERTAIN, code=code) from error
    if not 200 <= answer.status < 300:
        raise _evolution_errors.meaning(answer)
    return answer


def _parse_json(answer: HttpResponse) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _fetch_stored_file(media: Media, http: Http, max_bytes: int) -> Download:
    """Fetch the file from the server's object store. It is on another host, so our API key is not sent."""
    try:
        answer = http.request("GET", media.url, timeout=60.0, max_bytes=max_bytes, follow=3)
    except ResponseTooLarge as error:
        raise ProviderError("the file is too large", outcome=Outcome.PERMANENT, code="too_large") from error
    except HttpError as error:
        raise ProviderError("the stored file cannot be fetched", outcome=Outcome.RETRY) from error
    if answer.status != 200:
        raise ProviderError(
            f"the stored file: HTTP {answer.status}", outcome=Outcome.PERMANENT, code=str(answer.status)
        )
    return Download(content=answer.content, mime_type=media.mime_type, file_name=media.file_name)


def _decode_file(encoded: str, mime_type: str, file_name: str, max_bytes: int) -> Download:
    if len(encoded) > max_bytes * 4 // 3 + 1000:
        raise ProviderError("the file is too large", outcome=Outcome.PERMANENT, code="too_large")
    try:
        content = base64.b64decode(encoded.rpartition(",")[2])
    except (binascii.Error, ValueError):
        content = b""
    if not content:
        raise ProviderError("the server has no such file", outcome=Outcome.PERMANENT, code="no_file")
    if len(content) > max_bytes:
        raise ProviderError("the file is too large", outcome=Outcome.PERMANENT, code="too_large")
    return Download(content=content, mime_type=mime_type, file_name=file_name)
