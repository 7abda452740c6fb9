"""Meta's WhatsApp Cloud API; the channel's external id is the phone number id.

Source: provider notes "Meta WhatsApp Cloud API", sections 1 (handshake), 2 (signature), 8 (REST) and 9 (errors). The
API has no idempotency key. Our reference in `biz_opaque_callback_data` comes back in every status of the message.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from common.text.marks import gettext_noop as _
from messaging.providers._cloud_client import PHONE_NUMBER_ID, CloudClient
from messaging.providers._cloud_templates import approved
from messaging.providers._errors import answer_object, call, fetch
from messaging.providers._foreign import mapping, text
from messaging.providers.base import (
    Account,
    ApprovedTemplate,
    ConnectGuide,
    Credentials,
    Http,
    InvalidSignature,
    MissingSecret,
    Outcome,
    ProviderError,
    WebhookRequest,
)

# Hosts of files that may get the access token. A file on any other host is fetched without it.
MEDIA_HOSTS = (".fbsbx.com", ".facebook.com", ".fbcdn.net", ".whatsapp.net", ".whatsapp.com")


def handshake(query: Mapping[str, str], tokens: Sequence[str]) -> str | None:
    """Return the challenge to answer when Meta asks with one of these verify tokens, else None (answered with 403)."""
    received = query.get("hub.verify_token", "").encode("utf-8", "replace")
    matches = [hmac.compare_digest(received, token.encode()) for token in tokens if token]
    if query.get("hub.mode") != "subscribe" or not any(matches):
        return None
    return query.get("hub.challenge") or None


def signature(secret: str, body: bytes) -> str:
    """Return the value of X-Hub-Signature-256 for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


MAX_PAGES = 20  # of templates, 100 to a page


class Meta(CloudClient):
    """WhatsApp through Meta itself."""

    name = "meta"
    label = "Meta WhatsApp Cloud API"
    proofs = ("app_secret",)
    credential_names = ("access_token", "app_secret", "verify_token", "waba_id")
    required_credentials = ("access_token", "app_secret")
    can_list_templates = True
    credential_settings = {
        "access_token": "WHATSAPP_ACCESS_TOKEN",
        "app_secret": "WHATSAPP_APP_SECRET",
        "verify_token": "WHATSAPP_VERIFY_TOKEN",
    }
    base_url_setting = "META_GRAPH_URL"
    shared_routes = {"webhook": "by_app"}
    guide = ConnectGuide(
        external_id=PHONE_NUMBER_ID,
        fetch=(
            _("In Meta's app dashboard: an app of the type Business with the product WhatsApp."),
            _("A system user's permanent token with whatsapp_business_messaging and whatsapp_business_management."),
            _("The app secret: App settings, Basic."),
            _("The WhatsApp Business Account id: WhatsApp, API setup."),
        ),
        paste=(
            _("App dashboard, WhatsApp, Configuration: paste the webhook address and the verify token, and verify."),
            _("Subscribe to the field messages, and to smb_message_echoes if the owner writes on their own phone."),
            _("Or let the desk do it: press “Register the webhook”."),
        ),
        own_secret="verify_token",  # noqa: S106 - a name
        own_secret_label=_("verify token"),
    )

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Check the HMAC-SHA256 signature of the raw body, made with the app secret."""
        secrets = credentials.every("app_secret")
        if not secrets:
            raise MissingSecret("the channel has no app_secret")
        received = request.headers.get("x-hub-signature-256", "").encode("utf-8", "replace")
        matches = [hmac.compare_digest(received, signature(secret, request.body).encode()) for secret in secrets]
        if not any(matches):
            raise InvalidSignature("X-Hub-Signature-256 is missing or wrong")

    def authorization(self, account: Account) -> dict[str, str]:
        """Return the header with the access token."""
        token = account.credentials.get("access_token")
        if not token:
            raise ProviderError("meta: the channel has no access_token", outcome=Outcome.AUTH)
        return {"Authorization": f"Bearer {token}"}

    def number_url(self, account: Account) -> str:
        """Return the URL of the phone number's node."""
        return _node_url(account, account.external_id)

    def lookup_url(self, reference: str, account: Account) -> str:
        """Return the URL of the file's node. The parameter makes Meta check that the file belongs to this number."""
        return f"{_node_url(account, reference)}?phone_number_id={quote(account.external_id, safe='')}"

    def file_request(self, url: str, account: Account) -> tuple[str, Mapping[str, str]]:
        """Return the file's URL unchanged, and the header with the token for Meta's own hosts alone."""
        return url, self.authorization(account) if _can_get_token(url, account) else {}

    def register_webhook(self, *, url: str, account: Account, http: Http) -> str:
        """Set our URL in the WABA's subscription. Meta then verifies it by a handshake."""
        waba, token = account.credentials.get("waba_id"), account.credentials.get("verify_token")
        if not waba or not token:
            reason = "meta: set waba_id and verify_token, or register in the app dashboard"
            raise ProviderError(reason, outcome=Outcome.PERMANENT)
        body = {"override_callback_uri": url, "verify_token": token}
        headers = self.authorization(account)
        answer = call(
            http, "POST", f"{_node_url(account, waba)}/subscribed_apps", provider=self.name, headers=headers, json=body
        )
        self.accepted(answer)
        return "Meta sends this account's webhooks to us."

    def list_templates(self, *, account: Account, http: Http) -> list[ApprovedTemplate]:
        """Fetch the WABA's approved templates, page by page."""
        waba = account.credentials.get("waba_id")
        if not waba:
            raise ProviderError("meta: set waba_id to read the templates", outcome=Outcome.PERMANENT)
        address = f"{_node_url(account, waba)}/message_templates?fields=name,language,status,components&limit=100"
        found: list[ApprovedTemplate] = []
        after = ""
        for _page in range(MAX_PAGES):
            answer = fetch(http, address + after, provider=self.name, headers=self.authorization(account))
            self.accepted(answer)
            page = answer_object(answer)
            found += approved(page.get("data"), provider=self.name)
            paging = mapping(page.get("paging"))
            cursor = text(mapping(paging.get("cursors")).get("after"))
            if not paging.get("next") or not cursor:
                break
            after = f"&after={quote(cursor, safe='')}"
        return found

    def check_account(self, *, account: Account, http: Http) -> str:
        """Fetch the phone number with our token and return "open", or "unknown"."""
        answer = fetch(
            http, _node_url(account, account.external_id), provider=self.name, headers=self.authorization(account)
        )
        self.accepted(answer)
        return "open" if answer_object(answer).get("id") else "unknown"

    def sample_webhook(self, *, account: Account, url: str, text: str, person: str, message_id: str) -> WebhookRequest:
        """Return one signed text message."""
        body = json.dumps(sample(account, text=text, person=person, message_id=message_id)).encode()
        headers = {
            "content-type": "application/json",
            "x-hub-signature-256": signature(account.credentials["app_secret"], body),
        }
        return WebhookRequest(method="POST", url=url, headers=headers, body=body)


def sample(account: Account, *, text: str, person: str, message_id: str) -> dict[str, Any]:
    """Return one text message in Meta's format."""
    digits = person.removeprefix("+")
    message = {"from": digits, "id": message_id, "timestamp": str(int(time.time())), "type": "text"}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": account.external_id, "phone_number_id": account.external_id},
        "contacts": [{"profile": {"name": "Test"}, "wa_id": digits}],
        "messages": [message | {"text": {"body": text}}],
    }
    entry = {"id": account.credentials.get("waba_id", "0"), "changes": [{"value": value, "field": "messages"}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}


def _node_url(account: Account, node: str) -> str:
    return "/".join(part for part in (account.base_url, account.version, quote(node, safe="")) if part)


def _can_get_token(url: str, account: Account) -> bool:
    try:
        target, ours = urlsplit(url), urlsplit(account.base_url)
    except ValueError:
        return False
    host = target.hostname or ""
    return host == ours.hostname or (target.scheme == "https" and host.endswith(MEDIA_HOSTS))
