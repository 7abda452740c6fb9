"""Twilio: WhatsApp and SMS; the channel's external id is our number.

Source: provider notes "Twilio", sections 1 to 5. There is no idempotency key. Our reference comes back in the query of
the status URL that we send with each message.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from twilio.request_validator import RequestValidator, get_signature_algorithm

from common.text.marks import gettext_noop as _
from messaging.providers import _twilio_inbound
from messaging.providers._errors import answer_object, call, fetch, file_error
from messaging.providers._foreign import fingerprint, load, mapping, store_fields, text
from messaging.providers._limits import limit
from messaging.providers._media import MB, WHATSAPP, capped
from messaging.providers._text import numbered
from messaging.providers._twilio_errors import PROVIDER, failure, sent
from messaging.providers._twilio_templates import approved
from messaging.providers.base import (
    Account,
    Address,
    AddressKind,
    ApprovedTemplate,
    BadBody,
    ConnectGuide,
    Credentials,
    Download,
    Http,
    Ignored,
    InvalidSignature,
    Item,
    Kind,
    Media,
    MissingSecret,
    OutboundMessage,
    Outcome,
    Provider,
    ProviderError,
    RawItem,
    Sent,
    Unparsable,
    WebhookRequest,
    WebhookResponse,
)

MAX_FIELDS = 2000
MAX_PAGES = 20
QUERY = "_query"  # the field in which we add the callback's query string to the form, after the signature was checked
SENDABLE = {Kind.TEXT, Kind.BUTTON, Kind.LIST, Kind.TEMPLATE}
SENDABLE_FILES = {Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.VOICE, Kind.DOCUMENT, Kind.STICKER}
MEDIA_HOSTS = (".twilio.com",)


class Fields:
    """A form that may have a name several times, in the form that Twilio's validator expects."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getlist(self, name: str) -> list[str]:
        """Return all values of a name."""
        return self._values[name]


class Twilio(Provider):
    """WhatsApp and SMS through Twilio."""

    name = "twilio"
    label = "Twilio"
    proofs = ("auth_token",)
    max_body_bytes = 256 * 1024  # a form has at most 1,600 characters of text and ten URLs of files
    status_mark = b"MessageStatus="
    has_reference_echo = True
    can_send_media = True
    file_paths = ("/",)  # the base URL is TWILIO_API_URL of the settings: the real service or a simulator
    media_rules = capped(WHATSAPP, 5 * MB)
    can_show_typing = True
    can_send_template = True
    can_list_templates = True
    reply_window_hours = 24  # for WhatsApp; SMS has no reply window
    max_text = 1600
    credential_names = ("account_sid", "auth_token")
    required_credentials = ("account_sid", "auth_token")
    credential_settings = {"account_sid": "TWILIO_ACCOUNT_SID", "auth_token": "TWILIO_AUTH_TOKEN"}
    base_url_setting = "TWILIO_API_URL"
    external_id_setting = "TWILIO_WA_NUMBER"
    owner_setting = "OWNER_WA_NUMBER"
    get_signature_header = "X-Twilio-Signature"
    signs_query = True
    shared_routes = {"webhooks/whatsapp": "by_number", "webhooks/whatsapp/status": "by_number"}
    guide = ConnectGuide(
        external_id=_("the number, like +15550100100"),
        fetch=(_("In Twilio's console: account SID and auth token, and a WhatsApp sender or the sandbox."),),
        paste=(
            _("The sender's “When a message comes in”: paste the webhook address, method POST."),
            _("Twilio signs exactly this address: it must stand there as it stands here."),
        ),
    )

    def window_hours(self, recipient: str) -> int | None:
        """Return the reply window; SMS has none."""
        return self.reply_window_hours if recipient.startswith(_twilio_inbound.PREFIX) else None

    def external_address(self, number: str) -> str:
        """Return a number as Twilio writes it for WhatsApp."""
        return f"{_twilio_inbound.PREFIX}{number}"

    def clean_external_id(self, typed: str) -> str:
        """Return the number without Twilio's prefix."""
        return super().clean_external_id(typed).removeprefix(_twilio_inbound.PREFIX)

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Check the signature of the URL and the form, or of the URL that contains the hash of a JSON body."""
        tokens = credentials.every("auth_token")
        if not tokens:
            raise MissingSecret("the channel has no auth_token")
        received = request.headers.get("x-twilio-signature", "")
        if not received:
            raise InvalidSignature("X-Twilio-Signature is missing")
        algorithm = get_signature_algorithm(request.headers.get("x-twilio-webhooks-signature-settings", ""))
        try:
            signed = _signed_content(request)
            matches = [RequestValidator(token).validate(request.url, signed, received, algorithm) for token in tokens]
        except (ValueError, TypeError) as error:
            raise InvalidSignature("the request cannot be checked") from error
        if not any(matches):
            raise InvalidSignature("X-Twilio-Signature is wrong")

    def split(self, body: bytes) -> list[RawItem]:
        """Return the form as one item. Raise BadBody.

        For a GET webhook the body is its query string. The field `_query` holds the query of a status callback.
        """
        if body.lstrip()[:1] in {b"{", b"["}:
            limit(load(body))
            data = {"json": body[:100_000].decode("utf-8", "replace").replace("\x00", "")}
            return [RawItem(external_id=fingerprint(data), channel="", data=data)]
        form = _parse_form(body)
        query = form.pop(QUERY, "")
        status, sid = _twilio_inbound.status_word(form), _twilio_inbound.sid(form)
        external_id = f"{sid}:{status}" if sid and status else sid or fingerprint(form)
        return [
            RawItem(
                external_id=external_id[:400],
                channel=_twilio_inbound.channel(form),
                account=form.get("AccountSid", ""),
                data={"form": form, "query": query},
            )
        ]

    def parse(self, item: RawItem) -> Item:
        """Parse a status callback, which has a status other than "received", or else a message. Raise Unparsable."""
        if "json" in item.data:
            return Ignored(external_id=item.external_id, channel="", reason="a JSON event, not a message")
        form = item.data.get("form")
        if not isinstance(form, dict):
            raise Unparsable("no form")
        form = {text(name): text(value) for name, value in form.items()}
        if _twilio_inbound.status_word(form):
            return _twilio_inbound.status(item, form, text(item.data.get("query")))
        return _twilio_inbound.message(item, form)

    def send(self, message: OutboundMessage, account: Account, http: Http) -> Sent:
        """Send one message with POST Messages.json."""
        form = request_form(message, account)
        sid = quote(account.credentials.get("account_sid", ""), safe="")
        url = f"{account.base_url}/2010-04-01/Accounts/{sid}/Messages.json"
        return sent(call(http, "POST", url, provider=PROVIDER, headers=_authorization_header(account), form=form))

    def answer(self) -> WebhookResponse:
        """Return an empty XML document. Twilio would send a plain text answer to the person."""
        return WebhookResponse(body='<?xml version="1.0" encoding="UTF-8"?><Response/>', content_type="text/xml")

    def show_typing(self, *, conversation: Address, last_inbound: str, account: Account, http: Http) -> None:
        """Show "typing" on WhatsApp. The call names the message that is being answered; SMS has no such call."""
        if not last_inbound or not _is_whatsapp(conversation):
            return
        url = f"{account.messaging_url}/v3/Indicators/Typing.json"
        body = {"channel": "WHATSAPP", "messageId": last_inbound}
        answer = call(http, "POST", url, provider=PROVIDER, headers=_authorization_header(account), json=body)
        if not 200 <= answer.status < 300:
            raise failure(answer)

    def fetch_media(
        self, *, media: Media, account: Account, http: Http, max_bytes: int, message_id: str = ""
    ) -> Download:
        """Fetch the file's URL with our credentials. The storage host that it redirects to does not get them."""
        url = media.url or media.reference
        if not url:
            raise ProviderError("twilio: no address for the file", outcome=Outcome.PERMANENT)
        headers = _authorization_header(account) if _can_get_token(url, account) else {}
        answer = fetch(http, url, provider=PROVIDER, headers=headers, timeout=60.0, max_bytes=max_bytes, follow=3)
        if answer.status != 200:
            raise file_error(answer.status, provider=PROVIDER)
        mime_type = media.mime_type or answer.headers.get("content-type", "")
        return Download(content=answer.content, mime_type=mime_type, file_name=media.file_name)

    def list_templates(self, *, account: Account, http: Http) -> list[ApprovedTemplate]:
        """Fetch the account's approved contents, page by page, following links on Twilio's own host alone."""
        url = f"{account.content_url}/v1/ContentAndApprovals?PageSize=500"
        found: list[ApprovedTemplate] = []
        for _page in range(MAX_PAGES):
            answer = fetch(http, url, provider=PROVIDER, headers=_authorization_header(account))
            if answer.status != 200:
                raise failure(answer)
            page = answer_object(answer)
            found += approved(page.get("contents"))
            url = text(mapping(page.get("meta")).get("next_page_url"))
            if not url.startswith(f"{account.content_url}/"):
                break
        return found

    def sample_webhook(self, *, account: Account, url: str, text: str, person: str, message_id: str) -> WebhookRequest:
        """Return one signed WhatsApp message."""
        number = f"+{person.removeprefix('+')}"
        form = {
            "AccountSid": account.credentials["account_sid"],
            "ApiVersion": "2010-04-01",
            "Body": text,
            "From": f"{_twilio_inbound.PREFIX}{number}",
            "MessageSid": message_id,
            "NumMedia": "0",
            "ProfileName": "Test",
            "SmsStatus": "received",
            "To": f"{_twilio_inbound.PREFIX}{_twilio_inbound.plain(account.external_id)}",
            "WaId": number[1:],
        }
        signature = RequestValidator(account.credentials["auth_token"]).compute_signature(url, form)
        headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signature}
        return WebhookRequest(method="POST", url=url, headers=headers, body=urlencode(form).encode())


def request_form(message: OutboundMessage, account: Account) -> dict[str, str]:
    """Return the fields of a send. Raise ProviderError for a message that Twilio cannot send."""
    sender = account.external_id
    is_whatsapp = _is_whatsapp(message.recipient) or sender.startswith(_twilio_inbound.PREFIX)
    prefix = _twilio_inbound.PREFIX if is_whatsapp else ""
    to = message.recipient.external_id or message.recipient.value
    form = {"To": f"{prefix}{_twilio_inbound.plain(to)}"}
    if re.fullmatch(r"MG[0-9a-fA-F]{32}", sender):
        form["MessagingServiceSid"] = sender
    else:
        form["From"] = f"{prefix}{_twilio_inbound.plain(sender)}"
    form |= _build_content(message)
    if message.status_url:
        form["StatusCallback"] = message.status_url
    return form


def _build_content(message: OutboundMessage) -> dict[str, str]:
    if message.template:
        variables = {str(position): value for position, value in enumerate(message.template.variables, start=1)}
        content = {"ContentSid": message.template.name}
        return content | ({"ContentVariables": json.dumps(variables, ensure_ascii=False)} if variables else {})
    if message.kind in SENDABLE_FILES and message.media_url:
        return {"MediaUrl": message.media_url} | ({"Body": message.text} if message.text else {})
    if message.kind not in SENDABLE or message.kind is Kind.TEMPLATE:
        raise ProviderError(f"twilio cannot send {message.kind}", outcome=Outcome.PERMANENT)
    return {"Body": numbered(message.text, message.buttons)}


def _signed_content(request: WebhookRequest) -> Fields | str:
    """Return what is signed besides the URL: the form, or a JSON body whose hash is in the URL."""
    if request.method.upper() == "GET":
        return Fields([])
    if "json" not in request.headers.get("content-type", "").lower():
        return Fields(_parse_pairs(request.body))
    if "bodySHA256" not in dict(parse_qsl(urlsplit(request.url).query)):
        raise InvalidSignature("a JSON body that the signature does not cover")
    return request.body.decode()


def _parse_pairs(body: bytes) -> list[tuple[str, str]]:
    """Return every field unchanged. Empty, repeated and unknown fields are signed too."""
    return parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)


def _parse_form(body: bytes) -> dict[str, str]:
    """Return the form with the first value of each name. Raise BadBody."""
    try:
        pairs = _parse_pairs(body)
    except ValueError as error:
        raise BadBody("the body is not a form") from error
    if not pairs or b"=" not in body:
        raise BadBody("the body is not a form")
    return {store_fields(name): store_fields(value) for name, value in reversed(pairs)}


def _is_whatsapp(recipient: Address) -> bool:
    return recipient.kind is AddressKind.BSUID or recipient.external_id.startswith(_twilio_inbound.PREFIX)


def _authorization_header(account: Account) -> dict[str, str]:
    sid, token = account.credentials.get("account_sid"), account.credentials.get("auth_token")
    if not sid or not token:
        raise ProviderError("twilio: the channel has no account_sid and auth_token", outcome=Outcome.AUTH)
    return {"Authorization": "Basic " + base64.b64encode(f"{sid}:{token}".encode()).decode()}


def _can_get_token(url: str, account: Account) -> bool:
    try:
        target, ours = urlsplit(url), urlsplit(account.base_url)
    except ValueError:
        return False
    host = target.hostname or ""
    return host == ours.hostname or (target.scheme == "https" and host.endswith(MEDIA_HOSTS))
