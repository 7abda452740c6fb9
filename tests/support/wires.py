"""The ids that the captured bodies name, secrets for the channels, and the proofs that providers send along."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.test import Client

from messaging.models import Channel

EXTERNAL_IDS = {
    "meta": "106540352242922",
    "dialog360": "106540352242922",
    "evolution": "clinic-demo",
    "twilio": "+15550100100",
    "imessage": "owner-mac",
}
SECRETS: dict[str, dict[str, str]] = {
    "meta": {
        "access_token": "meta-access-token",
        "app_secret": "meta-app-secret-0123456789abcdef",
        "verify_token": "meta-verify-token",
        "waba_id": "102290129340398",
    },
    "dialog360": {"api_key": "d360-key", "webhook_secret": "d360-webhook-secret-0123456789"},
    "evolution": {
        "server_url": "http://127.0.0.1:9",
        "api_key": "evolution-key",
        "webhook_secret": "evolution-webhook-secret-01234567",
    },
    "twilio": {"account_sid": "AC00000000000000000000000000000000", "auth_token": "0123456789abcdef0123456789abcdef"},
    "imessage": {
        "base_url": "http://127.0.0.1:9",
        "api_key": "photon-key",
        "webhook_secret": "photon-webhook-secret-for-tests",
    },
}
PUBLIC_URL = "https://frontdesk.example.test"


class WebhookPoster:
    """Posts bodies as the providers do."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __call__(self, channel: Channel, body: Any, *, path: str = "", raw: bytes | None = None) -> Any:
        """Post `body` (an object; form fields for Twilio) with a right proof; returns Django's response."""
        path = path or f"/webhooks/{channel.provider}/{channel.token}"
        if channel.provider == "twilio":
            return self._form(channel, body, path)
        data = raw if raw is not None else json.dumps(body).encode()
        headers = proof(channel.provider, data, SECRETS[channel.provider])
        return self.client.generic("POST", path, data, content_type="application/json", headers=headers)

    def _form(self, channel: Channel, fields: Mapping[str, Any], path: str) -> Any:
        data = urlencode(fields, doseq=True)
        signature = twilio_signature(PUBLIC_URL + path, fields, SECRETS["twilio"]["auth_token"])
        return self.client.generic(
            "POST",
            path,
            data,
            content_type="application/x-www-form-urlencoded",
            headers={"X-Twilio-Signature": signature},
        )


def simulator_config(channels: Iterable[Channel], product_url: str = "http://127.0.0.1:9") -> dict[str, Any]:
    """What the simulator must know of the channels to play their providers."""
    return {
        "product_url": product_url,
        "channels": [
            {
                "provider": channel.provider,
                "name": channel.name,
                "tenant": channel.tenant.slug,
                "external_id": channel.external_id,
                "display": "+15550100100",
                "token": channel.token,
                "webhook_url": f"{product_url}/webhooks/{channel.provider}/{channel.token}",
                "credentials": dict(channel.credentials),
                "owner": channel.owner_addresses,
            }
            for channel in channels
        ],
    }


def proof(provider: str, body: bytes, secrets: Mapping[str, str]) -> dict[str, str]:
    """The headers that prove a JSON body, computed here and not by the product."""
    if provider == "meta":
        return {"X-Hub-Signature-256": "sha256=" + _hmac(secrets["app_secret"], body)}
    if provider == "imessage":
        stamp = str(int(time.time()))
        signature = _hmac(secrets["webhook_secret"], b"v0:" + stamp.encode() + b":" + body)
        return {"X-Photon-Signature": f"v0={signature}", "X-Photon-Timestamp": stamp}
    return {"X-Webhook-Secret": secrets["webhook_secret"]}


def twilio_signature(url: str, fields: Mapping[str, Any], token: str) -> str:
    """X-Twilio-Signature by the rule of its page: the URL, then each name and value, sorted by name."""
    pairs = []
    for name in sorted(fields):
        values = fields[name] if isinstance(fields[name], list) else [fields[name]]
        pairs += [f"{name}{value}" for value in sorted(set(values))]
    digest = hmac.new(token.encode(), (url + "".join(pairs)).encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _hmac(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
