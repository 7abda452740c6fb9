"""Somebody's own server that is told of events by signed webhooks (wire/standard-webhooks.md); keeps what it gets.

It checks no signature, since it knows no secret: the record holds all that a check needs (`text` is the body as it
came, `reference` the id, `id` the time and the signatures).
"""

from simulator.call import Call, Note, RefusedError, Reply
from simulator.providers.base import Service

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class Receiver(Service):
    """Takes webhooks on any path."""

    name = "receiver"
    routes = (("POST", r"/.+", "take"),)

    def error(self, status: int, text: str = "") -> Reply:
        return Reply(status=status, body={"error": text or "no"})

    def take(self, call: Call) -> Reply:
        """POST /{path}: 204, unless a header of the standard is missing."""
        missing = [name for name in HEADERS if not call.headers.get(name)]
        if missing:
            raise RefusedError(self.error(400, f"missing {', '.join(missing)}"))
        event_id, at, signatures = (call.headers[name] for name in HEADERS)
        note = Note(kind="webhook", text=call.readable, reference=event_id, id=f"{at} {signatures}")
        return Reply(status=204, body=b"", note=note)


RECEIVER = Receiver()
