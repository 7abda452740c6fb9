"""A tenant's own server that receives events by signed webhooks (wire/standard-webhooks.md) and records them.

It checks no signature, since it knows no secret: the record holds all that a check needs (`text` is the body as it
came, `reference` the id, `id` the time and the signatures).
"""

from simulator.exchange import RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.providers.base import Service

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


class Receiver(Service):
    """Receives webhooks on any path."""

    name = "receiver"
    routes = (("POST", r"/.+", "receive"),)

    def error(self, status: int, text: str = "") -> ServiceResponse:
        return ServiceResponse(status=status, body={"error": text or "no"})

    def receive(self, call: ServiceRequest) -> ServiceResponse:
        """POST /{path}: 204, unless a header of the standard is missing."""
        missing = [name for name in HEADERS if not call.headers.get(name)]
        if missing:
            raise RefusedError(self.error(400, f"missing {', '.join(missing)}"))
        event_id, at, signatures = (call.headers[name] for name in HEADERS)
        note = RequestNote(kind="webhook", text=call.readable, reference=event_id, id=f"{at} {signatures}")
        return ServiceResponse(status=204, body=b"", note=note)


RECEIVER = Receiver()
