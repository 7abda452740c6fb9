"""A chat room's incoming webhook, as Slack's: accepts `{"text": ...}` and answers "ok"."""

from simulator.exchange import RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.providers.base import Service


class Alerts(Service):
    """Receives the alerts that the product sends to a chat room."""

    name = "alerts"
    routes = (("POST", r"/(?P<room>.+)", "receive"),)

    def error(self, status: int, text: str = "") -> ServiceResponse:
        known = {400: "invalid_payload", 404: "no_service", 429: "rate_limited"}
        return ServiceResponse(status=status, body=text or known.get(status, "server_error"))

    def receive(self, call: ServiceRequest, room: str) -> ServiceResponse:
        """POST /{room}."""
        text = call.json.get("text") if isinstance(call.json, dict) else None
        if not isinstance(text, str) or not text:
            raise RefusedError(self.error(400, "no_text"))
        return ServiceResponse(body="ok", note=RequestNote(kind="alert", to=room, text=text))


ALERTS = Alerts()
