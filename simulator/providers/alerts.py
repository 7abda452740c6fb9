"""A chat room's incoming webhook, as Slack's: takes `{"text": ...}` and answers "ok"."""

from simulator.call import Call, Note, RefusedError, Reply
from simulator.providers.base import Service


class Alerts(Service):
    """Receives what the desk tells its people."""

    name = "alerts"
    routes = (("POST", r"/(?P<room>.+)", "take"),)

    def error(self, status: int, text: str = "") -> Reply:
        known = {400: "invalid_payload", 404: "no_service", 429: "rate_limited"}
        return Reply(status=status, body=text or known.get(status, "server_error"))

    def take(self, call: Call, room: str) -> Reply:
        """POST /{room}."""
        text = call.json.get("text") if isinstance(call.json, dict) else None
        if not isinstance(text, str) or not text:
            raise RefusedError(self.error(400, "no_text"))
        return Reply(body="ok", note=Note(kind="alert", to=room, text=text))


ALERTS = Alerts()
