"""iMessage through a Photon bridge: a small service on a Mac with the API described in the provider notes.

Source: provider notes "iMessage through Photon", sections 2 (sending, errors) and 3 (receiving, signatures). Apple has
no such API: the base URL is that of the service that the operator runs around Photon's kit.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

from common.http.client import HttpError, NotSent
from common.text.marks import gettext_noop as _
from messaging.providers import _imessage_events
from messaging.providers._foreign import load, mapping, text
from messaging.providers._text import numbered
from messaging.providers.base import (
    Account,
    AddressKind,
    ConnectGuide,
    Credentials,
    Http,
    HttpResponse,
    InvalidSignature,
    Item,
    Kind,
    MissingSecret,
    OutboundMessage,
    Outcome,
    Provider,
    ProviderError,
    RawItem,
    Sent,
    WebhookRequest,
)

STALE = 300  # seconds
DUPLICATE_WAIT = 5.0  # seconds to wait when the bridge answers that it is still sending the same message
OUTCOMES = {401: Outcome.AUTH, 409: Outcome.RETRY, 429: Outcome.RETRY, 408: Outcome.UNCERTAIN}


class IMessage(Provider):
    """iMessage; the channel's external id is our own iMessage address."""

    name = "imessage"
    label = "iMessage (Photon)"
    network = "imessage"
    proofs = ("webhook_secret",)
    honours_reference = True  # sent as Idempotency-Key
    can_quote = True
    max_text = 10_000
    messages_per_second = 1.0  # Apple publishes no limit and blocks accounts that look automated
    credential_names = ("base_url", "api_key", "webhook_secret")
    required_credentials = ("webhook_secret",)
    credential_settings = {
        "base_url": "PHOTON_BASE_URL",
        "api_key": "PHOTON_API_KEY",
        "webhook_secret": "PHOTON_WEBHOOK_SECRET",
    }
    base_url_credential = "base_url"
    owner_setting = "PHOTON_TO"
    accepts_email = True
    question_settings = ("IMSG_BUCKET_CAPACITY", "IMSG_BUCKET_REFILL_PER_MIN")
    guide = ConnectGuide(
        external_id=_("your own address"),
        fetch=(_("A Photon bridge on a Mac; its address is set by the operator with setup_channel."),),
        paste=(_("Make a webhook secret here."), _("Give the bridge the webhook address and the secret.")),
        own_secret="webhook_secret",  # noqa: S106 - a name
        own_secret_label=_("webhook secret"),
        header="X-Webhook-Secret",
    )

    def external_address(self, number: str) -> str:
        """Return a number as Apple writes it."""
        return number

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Check the v0 signature of Photon or Spectrum over time and body, or else the kit's header with the secret."""
        secrets = credentials.every("webhook_secret")
        if not secrets:
            raise MissingSecret("the channel has no webhook_secret")
        for family in ("photon", "spectrum"):
            signature = request.headers.get(f"x-{family}-signature")
            if signature is not None:
                stamp = request.headers.get(f"x-{family}-timestamp", "")
                return _check_signature(signature, stamp, request.body, secrets)
        if not _matches(request.headers.get("x-webhook-secret", ""), secrets):
            raise InvalidSignature("no signature and no secret")
        return None

    def split(self, body: bytes) -> list[RawItem]:
        """Split a body into its messages, and a message with several files into one item per file. Raise BadBody."""
        return _imessage_events.split(body)

    def channels_named(self, body: bytes) -> set[str]:
        """Return no names, since the webhook URL decides the channel. Raise BadBody for a body that is not JSON."""
        load(body, max_parts=_imessage_events.MAX_PARTS)
        return set()

    def parse(self, item: RawItem) -> Item:
        """Turn one message into a value class. Raise Unparsable."""
        return _imessage_events.parse(item)

    def send(self, message: OutboundMessage, account: Account, http: Http) -> Sent:
        """Send a text. The bridge may return no id for it."""
        if message.kind != Kind.TEXT:
            raise ProviderError(f"this provider cannot send {message.kind}", outcome=Outcome.PERMANENT)
        body = {
            "to": message.recipient.external_id or message.recipient.value,
            "text": numbered(message.text, message.buttons),
        }
        if message.recipient.kind == AddressKind.EMAIL:
            body["service"] = "iMessage"  # for a phone the bridge decides between iMessage and SMS
        if message.reply_to:
            body["replyTo"] = message.reply_to
        headers = {"Idempotency-Key": message.reference, **_authorization_header(account)}
        answer = _call(http, "POST", f"{account.base_url}/send", headers=headers, json=body, timeout=10.0)
        found = _parse_json(answer)
        if mapping(found).get("ok") is False:  # a refusal that comes with status 200
            raise _build_error(answer, found)
        if mapping(found).get("ok") is not True:
            raise ProviderError("the answer is not the bridge's", outcome=Outcome.UNCERTAIN)
        return Sent(external_id=text(mapping(found.get("data")).get("id")))

    def check_account(self, *, account: Account, http: Http) -> str:
        """Ask whether the bridge is reachable and return "open". Raise ProviderError."""
        _call(http, "GET", f"{account.base_url}/health", headers=_authorization_header(account))
        return "open"

    def sample_webhook(self, *, account: Account, url: str, text: str, person: str, message_id: str) -> WebhookRequest:
        """Return a signed `new-message` as photon-hq/webhook sends it."""
        data = {
            "guid": message_id,
            "text": text,
            "handle": {"address": person, "service": "iMessage"},
            "chats": [{"guid": f"iMessage;-;{person}"}],
            "attachments": [],
            "dateCreated": int(time.time() * 1000),
            "isFromMe": False,
        }
        body = json.dumps({"event": "new-message", "data": data}).encode()
        stamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "x-photon-timestamp": stamp,
            "x-photon-signature": _sign(account.credentials["webhook_secret"], stamp, body),
        }
        return WebhookRequest(method="POST", url=url, headers=headers, body=body)


def _sign(secret: str, stamp: str, body: bytes) -> str:
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def _check_signature(signature: str, stamp: str, body: bytes, secrets: list[str]) -> None:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 15) or abs(time.time() - int(stamp)) > STALE:
        raise InvalidSignature("the timestamp is missing or stale")
    if not _matches(signature, [_sign(secret, stamp, body) for secret in secrets]):
        raise InvalidSignature("the signature does not fit")


def _matches(value: str, expected: list[str]) -> bool:
    encoded = value.encode("utf-8", "surrogateescape")
    return any(hmac.compare_digest(encoded, each.encode()) for each in expected)


def _authorization_header(account: Account) -> dict[str, str]:
    key = account.credentials.get("api_key", "")
    return {"Authorization": f"Bearer {key}"} if key else {}  # a bridge in a trusted network may need no key


def _call(http: Http, method: str, url: str, **options: Any) -> HttpResponse:
    try:
        answer = http.request(method, url, **options)
    except NotSent as error:
        raise ProviderError("the bridge is not reachable", outcome=Outcome.RETRY, whole_channel=True) from error
    except HttpError as error:
        raise ProviderError("no answer from the bridge", outcome=Outcome.UNCERTAIN) from error
    if answer.status != 200:
        raise _build_error(answer, _parse_json(answer))
    return answer


def _parse_json(answer: HttpResponse) -> Any:
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None


def _build_error(answer: HttpResponse, body: Any) -> ProviderError:
    """Return the error of an answer, by the table of section 2.

    Statuses below 500 are final, with the exceptions in OUTCOMES.
    """
    error = mapping(mapping(body).get("error"))
    code = text(error.get("code"))
    default = Outcome.UNCERTAIN if answer.status >= 500 else Outcome.PERMANENT
    return ProviderError(
        f"HTTP {answer.status} {code} {text(error.get('message'))[:200]}".strip(),
        outcome=OUTCOMES.get(answer.status, default),
        code=code or str(answer.status),
        retry_after=DUPLICATE_WAIT if answer.status == 409 else answer.retry_after,
        whole_channel=answer.status == 429,
    )
