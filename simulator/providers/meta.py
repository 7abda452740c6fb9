"""Meta's Graph API for WhatsApp (wire/meta-cloud.md)."""

import hashlib
import hmac
from typing import Any

from simulator.config import ChannelEntry
from simulator.exchange import RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.providers.base import MessagingService
from simulator.providers.cloud import TEMPLATES, CloudService, meta_bytes
from simulator.providers.cloud_check import cloud_error
from simulator.providers.forms import uploaded
from simulator.world import world

VERSION = r"/v\d+\.\d+"
USAGE = {"facebook-api-version": "v21.0", "x-app-usage": '{"call_count":1,"total_cputime":1,"total_time":1}'}


class MetaService(CloudService):
    """Graph API: one access token per channel, `Authorization: Bearer`."""

    name = "meta"
    routes = (
        ("POST", VERSION + r"/(?P<number>\w+)/messages", "send"),
        ("POST", VERSION + r"/(?P<number>\w+)/media", "upload"),
        ("POST", VERSION + r"/(?P<waba>\w+)/subscribed_apps", "subscribe"),
        ("GET", VERSION + r"/(?P<waba>\w+)/message_templates", "templates"),
        ("GET", r"/lookaside/whatsapp_business/attachments/?", "fetch"),
        ("GET", VERSION + r"/(?P<node>\d+)", "read"),
        ("POST", VERSION + r"/(?P<number>\d+)", "configure"),
    )

    def error(self, status: int, text: str = "") -> ServiceResponse:
        if status in (401, 403):
            return _token_error()
        if status == 429:
            details = "Message failed to send because there were too many messages sent from this phone number"
            return cloud_error(429, 130429, "Rate limit hit", details + " in a short period of time")
        if status >= 500:
            details = "Message failed to send due to an unknown error"
            return cloud_error(status, 131000, "Something went wrong", details)
        return cloud_error(status, 100, "Invalid parameter", text or "Parameter value is not valid")

    def send(self, call: ServiceRequest, number: str) -> ServiceResponse:
        """POST /{phone_number_id}/messages."""
        reply = self.take(call, self._channel(call, number))
        return ServiceResponse(body=reply.body, headers=USAGE, sent=reply.sent, note=reply.note)

    def upload(self, call: ServiceRequest, number: str) -> ServiceResponse:
        """POST /{phone_number_id}/media, multipart."""
        self._channel(call, number)
        fields, medium = uploaded(call)
        if medium is None or fields.get("messaging_product") != "whatsapp" or not fields.get("type"):
            raise RefusedError(self.error(400, "file, type and messaging_product=whatsapp are required"))
        return ServiceResponse(body={"id": medium.id}, note=RequestNote(kind="upload", id=medium.id))

    def read(self, call: ServiceRequest, node: str) -> ServiceResponse:
        """GET /{media_id}, or GET /{phone_number_id} as a check of the number."""
        self._any_token(call)
        channel = world.config.channel(node, self.name)
        if channel:
            body = {"id": node, "display_phone_number": channel.display, "verified_name": channel.name}
            return ServiceResponse(body=body | {"quality_rating": "GREEN"}, note=RequestNote(kind="number"))
        if call.query.get("phone_number_id"):
            self._channel(call, call.query["phone_number_id"])
        address = f"{call.base}/lookaside/whatsapp_business/attachments/"
        found = self.lookup(node, address, full=True)
        if found is None:
            raise self._unknown(node)
        return found

    def fetch(self, call: ServiceRequest) -> ServiceResponse:
        """GET the short-lived address, with the bearer token."""
        self._any_token(call)
        found = self.download(call)
        if found is None:
            raise RefusedError(ServiceResponse(status=404, body="The media is gone.", content_type="text/plain"))
        return found

    def subscribe(self, call: ServiceRequest, waba: str) -> ServiceResponse:
        """POST /{waba_id}/subscribed_apps, with or without a callback override."""
        self._any_token(call)
        body = call.json if isinstance(call.json, dict) else {}
        if ("override_callback_uri" in body) != ("verify_token" in body):
            raise RefusedError(self.error(400, "override_callback_uri and verify_token go together"))
        return ServiceResponse(body={"success": True}, note=RequestNote(kind="subscribe", id=waba))

    def templates(self, call: ServiceRequest, waba: str) -> ServiceResponse:
        """GET /{waba_id}/message_templates, two to a page."""
        self._any_token(call)
        start = int(call.query.get("after", "0"))
        page: dict[str, Any] = {"data": TEMPLATES[start : start + 2], "paging": {"cursors": {"after": str(start + 2)}}}
        if start + 2 < len(TEMPLATES):
            page["paging"]["next"] = f"{call.base}/next"
        return ServiceResponse(body=page, note=RequestNote(kind="templates", id=waba))

    def configure(self, call: ServiceRequest, number: str) -> ServiceResponse:
        """POST /{phone_number_id} with a webhook_configuration."""
        self._channel(call, number)
        if not isinstance(call.json, dict) or not isinstance(call.json.get("webhook_configuration"), dict):
            raise RefusedError(self.error(400, "webhook_configuration is required"))
        return ServiceResponse(body={"success": True}, note=RequestNote(kind="configure", id=number))

    def sign(self, channel: ChannelEntry, content: Any, url: str) -> tuple[bytes, dict[str, str]]:
        body = meta_bytes(content)
        digest = hmac.new(channel.secret("app_secret").encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "User-Agent": "facebookexternalua"}
        return body, headers | {"X-Hub-Signature-256": f"sha256={digest}"}

    def _channel(self, call: ServiceRequest, number: str) -> ChannelEntry:
        channel = world.config.channel(number, self.name)
        if channel is None:
            self._any_token(call)
            raise self._unknown(number)
        if not call.bearer or not hmac.compare_digest(call.bearer, channel.secret("access_token")):
            raise RefusedError(_token_error())
        return channel

    def _any_token(self, call: ServiceRequest) -> None:
        if not call.bearer or all(call.bearer != c.secret("access_token") for c in world.config.of(self.name)):
            raise RefusedError(_token_error())

    def _unknown(self, node: str) -> RefusedError:
        title = f"Unsupported request. Object with ID '{node}' does not exist, cannot be loaded due to missing"
        return RefusedError(cloud_error(400, 100, f"{title} permissions, or does not support this operation"))


def _token_error() -> ServiceResponse:
    error = {"message": "Error validating access token: Session has expired", "type": "OAuthException", "code": 190}
    return ServiceResponse(
        status=401, body={"error": error | {"error_subcode": 463, "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam"}}
    )


WIRE: MessagingService = MetaService()
