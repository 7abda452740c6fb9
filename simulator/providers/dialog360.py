"""360dialog: Meta's bodies behind one key per number (wire/dialog360.md)."""

import hmac
from typing import Any

from simulator.config import ChannelEntry
from simulator.exchange import RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.providers.base import MessagingService, compact
from simulator.providers.cloud import TEMPLATES, CloudService
from simulator.providers.cloud_check import cloud_error
from simulator.providers.forms import uploaded
from simulator.world import world

LOOKASIDE = "https://lookaside.fbsbx.com/whatsapp_business/attachments/"  # the caller must put our host there


class Dialog360Service(CloudService):
    """No version and no phone id in the path; `D360-API-KEY` says which number."""

    name = "dialog360"
    routes = (
        ("POST", r"/messages", "send"),
        ("POST", r"/media", "upload"),
        ("GET", r"/v1/configs/webhook", "show_webhook"),
        ("POST", r"/v1/configs/webhook", "set_webhook"),
        ("GET", r"/v1/configs/templates", "templates"),
        ("GET", r"/whatsapp_business/attachments/?", "fetch"),
        ("GET", r"/(?P<media_id>\d+)", "read"),
    )

    def __init__(self) -> None:
        self._webhooks: dict[str, dict[str, Any]] = {}

    def error(self, status: int, text: str = "") -> ServiceResponse:
        if status == 429:
            return cloud_error(403, 130429, "Rate limit hit", "Too many messages sent from this phone number")
        texts = {400: "Bad request", 401: "Invalid api_key", 403: "Endpoint is blocked", 404: "Not found"}
        message = text or texts.get(status, "Internal server error")
        meta = {"developer_message": message, "http_code": status, "success": False}
        return ServiceResponse(status=status, body={"meta": meta})

    def send(self, call: ServiceRequest) -> ServiceResponse:
        """POST /messages."""
        return self.take(call, self._channel(call))

    def upload(self, call: ServiceRequest) -> ServiceResponse:
        """POST /media, multipart."""
        self._channel(call)
        fields, medium = uploaded(call)
        if medium is None or fields.get("messaging_product") != "whatsapp" or not fields.get("type"):
            raise RefusedError(self.error(400, "file, type and messaging_product are required"))
        return ServiceResponse(body={"id": medium.id}, note=RequestNote(kind="upload", id=medium.id))

    def read(self, call: ServiceRequest, media_id: str) -> ServiceResponse:
        """GET /{media_id}: an address on Meta's host, useless until our host stands there."""
        self._channel(call)
        found = self.lookup(media_id, LOOKASIDE, full=False)
        if found is None:
            raise RefusedError(self.error(404, "Media not found"))
        return found

    def fetch(self, call: ServiceRequest) -> ServiceResponse:
        """GET the rewritten address, with the key."""
        self._channel(call)
        found = self.download(call)
        if found is None:
            raise RefusedError(self.error(404, "Media not found"))
        return found

    def show_webhook(self, call: ServiceRequest) -> ServiceResponse:
        """GET /v1/configs/webhook."""
        channel = self._channel(call)
        current = self._webhooks.get(channel.external_id, {"url": channel.webhook_url, "headers": {}})
        return ServiceResponse(body=current, note=RequestNote(kind="webhook"))

    def set_webhook(self, call: ServiceRequest) -> ServiceResponse:
        """POST /v1/configs/webhook."""
        channel, body = self._channel(call), call.json
        if not isinstance(body, dict) or not str(body.get("url") or "").startswith(("http://", "https://")):
            raise RefusedError(self.error(400, "url is missing or no web address"))
        if not isinstance(body.get("headers", {}), dict):
            raise RefusedError(self.error(400, "headers must be an object"))
        self._webhooks[channel.external_id] = {"url": body["url"], "headers": body.get("headers", {})}
        return ServiceResponse(body=self._webhooks[channel.external_id], note=RequestNote(kind="webhook"))

    def templates(self, call: ServiceRequest) -> ServiceResponse:
        """GET /v1/configs/templates."""
        self._channel(call)
        found = [entry | {"status": entry["status"].lower()} for entry in TEMPLATES]
        body = {"count": len(found), "total": len(found), "waba_templates": found}
        return ServiceResponse(body=body, note=RequestNote(kind="templates"))

    def sign(self, channel: ChannelEntry, content: Any, url: str) -> tuple[bytes, dict[str, str]]:
        body = content.encode() if isinstance(content, str) else compact(content)
        headers = {"Content-Type": "application/json"}
        secret = channel.secret("webhook_secret")
        return body, headers | ({"X-Webhook-Secret": secret} if secret else {})

    def _channel(self, call: ServiceRequest) -> ChannelEntry:
        key = call.headers.get("D360-API-KEY", "")
        for channel in world.config.of(self.name):
            if key and hmac.compare_digest(key.encode(), channel.secret("api_key").encode()):
                return channel
        raise RefusedError(self.error(401))


WIRE: MessagingService = Dialog360Service()
