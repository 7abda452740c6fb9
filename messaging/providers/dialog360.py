"""360dialog, a partner that offers Meta's Cloud API. Each number has its own API key.

The channel's external id is the number's phone number id.

Source: provider notes "360dialog", sections 1 to 6. The bodies are those of Meta. Webhooks have no signature: they are
verified by a header that we choose ourselves when we register the webhook.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from common.text.marks import gettext_noop as _
from messaging.providers._cloud_client import PHONE_NUMBER_ID, CloudClient
from messaging.providers._cloud_templates import approved
from messaging.providers._errors import fetch
from messaging.providers._foreign import mapping
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
from messaging.providers.meta import sample

SECRET_HEADER = "X-Webhook-Secret"  # noqa: S105 - a header's name


class Dialog360(CloudClient):
    """WhatsApp through 360dialog. Bodies of its retired On-Premises API, which name no channel, are parsed as well."""

    name = "dialog360"
    label = "360dialog"
    proofs = ("webhook_secret",)
    # After five failed requests for one file within an hour 360dialog blocks further ones for an hour (provider notes,
    # section 7).
    file_pauses = (5, 60, 600, 4200, 4200, 7200, 14400, 21600)
    checks_secret_before_body = True
    credential_names = ("api_key", "webhook_secret")
    required_credentials = ("api_key", "webhook_secret")
    can_list_templates = True
    credential_settings = {"api_key": "WHATSAPP_API_KEY", "webhook_secret": "WHATSAPP_WEBHOOK_SECRET"}
    base_url_setting = "DIALOG360_URL"
    guide = ConnectGuide(
        external_id=PHONE_NUMBER_ID,
        fetch=(_("In the 360dialog Hub: the number, then API key."),),
        paste=(
            _("Make a webhook secret here: 360dialog signs nothing, so this header is the proof."),
            _("Press “Register the webhook”: the desk tells 360dialog the address and the header."),
        ),
        own_secret="webhook_secret",  # noqa: S106 - a name
        own_secret_label=_("webhook secret"),
        header="X-Webhook-Secret",
    )

    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Check our own secret in the header. A signature of Meta would prove nothing here."""
        secrets = credentials.every("webhook_secret")
        if not secrets:
            raise MissingSecret("the channel has no webhook_secret")
        received = request.headers.get(SECRET_HEADER.lower(), "").encode("utf-8", "replace")
        matches = [hmac.compare_digest(received, secret.encode()) for secret in secrets]
        if not any(matches):
            raise InvalidSignature(f"{SECRET_HEADER} is missing or wrong")

    def authorization(self, account: Account) -> dict[str, str]:
        """Return the header with the number's API key."""
        key = account.credentials.get("api_key")
        if not key:
            raise ProviderError("dialog360: the channel has no api_key", outcome=Outcome.AUTH)
        return {"D360-API-KEY": key}

    def number_url(self, account: Account) -> str:
        """Return the base URL itself, since the API key says which number it is."""
        return account.base_url

    def lookup_url(self, reference: str, account: Account) -> str:
        """Return the URL of the file's id."""
        return f"{account.base_url}/{quote(reference, safe='')}"

    def file_request(self, url: str, account: Account) -> tuple[str, Mapping[str, str]]:
        """Return the file's URL with our base URL in place of Meta's host, and the header with the API key."""
        return rewritten(url, account), self.authorization(account)

    def register_webhook(self, *, url: str, account: Account, http: Http) -> str:
        """Set the webhook with POST /v1/configs/webhook, with our secret as a header."""
        secret = account.credentials.get("webhook_secret")
        if not secret:
            raise ProviderError("dialog360: the channel has no webhook_secret", outcome=Outcome.PERMANENT)
        self.accepted(self.post(http, account, "v1/configs/webhook", {"url": url, "headers": {SECRET_HEADER: secret}}))
        return "360dialog sends this number's webhooks to us."

    def list_templates(self, *, account: Account, http: Http) -> list[ApprovedTemplate]:
        """Fetch the approved templates with GET /v1/configs/templates, which returns a list or an object around it."""
        url = f"{account.base_url}/v1/configs/templates?limit=1000"
        answer = fetch(http, url, provider=self.name, headers=self.authorization(account))
        self.accepted(answer)
        try:
            found = answer.json()
        except (ValueError, RecursionError):
            found = None
        listed = found if isinstance(found, list) else mapping(found).get("waba_templates")
        return list(approved(listed, provider=self.name))

    def check_account(self, *, account: Account, http: Http) -> str:
        """Fetch the webhook settings with our API key and return "open"."""
        url = f"{account.base_url}/v1/configs/webhook"
        self.accepted(fetch(http, url, provider=self.name, headers=self.authorization(account)))
        return "open"

    def sample_webhook(self, *, account: Account, url: str, text: str, person: str, message_id: str) -> WebhookRequest:
        """Return one text message with the secret in its header."""
        headers = {
            "content-type": "application/json",
            SECRET_HEADER.lower(): account.credentials["webhook_secret"],
        }
        body = json.dumps(sample(account, text=text, person=person, message_id=message_id)).encode()
        return WebhookRequest(method="POST", url=url, headers=headers, body=body)


def rewritten(url: str, account: Account) -> str:
    """Return the file's path and query under our base URL, so that no other host gets the API key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ProviderError("dialog360: the file's address cannot be read", outcome=Outcome.PERMANENT) from None
    return f"{account.base_url}/{parts.path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")
