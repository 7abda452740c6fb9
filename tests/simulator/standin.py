"""A stand-in for the product: keeps every webhook and checks its proof without the simulator's own code."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl

import jwt
from twilio.request_validator import RequestValidator

from tests.support.sockets import Listener

META_SECRET = "meta-app-secret-0123456789abcdef"
SHARED_SECRET = "shared-secret-for-tests"
PHOTON_SECRET = "photon-webhook-secret-for-tests"
TWILIO_TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC00000000000000000000000000000000"
JWT_KEY = "evolution-jwt-key-for-tests-0123456789"


@dataclass
class Hook:
    """One request the simulator posted."""

    path: str
    headers: dict[str, str]
    raw: bytes
    proven: bool

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw.decode(), keep_blank_values=True))


@dataclass
class Product:
    """The running stand-in; `answers` holds statuses to give before going back to 200."""

    url: str
    hooks: list[Hook] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def of(self, path: str) -> list[Hook]:
        return [hook for hook in self.hooks if hook.path.startswith(path)]

    def config(self) -> dict[str, Any]:
        """A simulator config with one channel per provider."""
        common = {"name": "Demo", "tenant": "demo", "owner": ["+15550100200"], "display": "+15550100100"}
        providers = {
            "meta": ("106540352242922", {"access_token": "meta-token", "app_secret": META_SECRET, "waba_id": "10229"}),
            "dialog360": ("206540352242922", {"api_key": "d360-key", "webhook_secret": SHARED_SECRET}),
            "evolution": ("clinic-demo", {"api_key": "evo-key", "webhook_secret": SHARED_SECRET}),
            "twilio": ("+15550100100", {"account_sid": ACCOUNT, "auth_token": TWILIO_TOKEN}),
            "imessage": ("desk@clinic.example", {"api_key": "photon-key", "webhook_secret": PHOTON_SECRET}),
        }
        channels = [
            common | {"provider": name, "external_id": external_id, "token": "t", "credentials": credentials}
            | {"webhook_url": f"{self.url}/webhooks/{name}/t"}
            for name, (external_id, credentials) in providers.items()
        ]  # fmt: skip
        jwt_channel = channels[2] | {"external_id": "jwt-demo", "webhook_url": f"{self.url}/webhooks/evolution/jwt"}
        jwt_channel["credentials"] = {"api_key": "evo-key-2", "jwt_key": JWT_KEY}
        return {"product_url": self.url, "channels": [*channels, jwt_channel], "n8n": {"api_key": "n8n-key"}}


@contextmanager
def running_product() -> Iterator[Product]:
    """Run the stand-in on a free port."""
    product = Product(url="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            headers = dict(self.headers.items())
            product.hooks.append(Hook(self.path, headers, raw, proven(product.url + self.path, headers, raw)))
            status = product.answers.pop(0) if product.answers else 200
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"no" if status != 200 else b"ok")

        def log_message(self, *args: Any) -> None:
            pass

    server = Listener(("127.0.0.1", 0), Handler)
    product.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield product
    finally:
        server.shutdown()
        server.server_close()


def proven(url: str, headers: dict[str, str], raw: bytes) -> bool:
    """Check a webhook as the pages of the providers require of a receiver."""
    if "/webhooks/meta/" in url or url.endswith("/webhook"):
        digest = hmac.new(META_SECRET.encode(), raw, hashlib.sha256).hexdigest()
        return headers.get("X-Hub-Signature-256") == f"sha256={digest}"
    if "/webhooks/twilio/" in url:
        form = dict(parse_qsl(raw.decode(), keep_blank_values=True))
        return RequestValidator(TWILIO_TOKEN).validate(url, form, headers.get("X-Twilio-Signature", ""))
    if "/webhooks/imessage/" in url:
        base = b"v0:" + headers.get("X-Photon-Timestamp", "").encode() + b":" + raw
        digest = hmac.new(PHOTON_SECRET.encode(), base, hashlib.sha256).hexdigest()
        return headers.get("X-Photon-Signature") == f"v0={digest}"
    if url.endswith("/webhooks/evolution/jwt"):
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        claims = jwt.decode(token, JWT_KEY, algorithms=["HS256"])
        return claims["app"] == "evolution" and claims["action"] == "webhook"
    return headers.get("X-Webhook-Secret") == SHARED_SECRET
