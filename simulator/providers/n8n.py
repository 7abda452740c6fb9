"""An n8n server with one active workflow per path (wire/n8n.md)."""

import hmac
import json
from typing import Any

from simulator.exchange import RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.poster import Webhook
from simulator.providers.base import Service
from simulator.world import world

STARTED = {"message": "Workflow got started"}
REQUIRED = ("type", "version", "id", "timestamp", "tenant", "conversation", "contact", "message", "history", "reply")


class N8n(Service):
    """Answers by script, else says back what was said; a script with `callback` answers later."""

    name = "n8n"
    routes = (("POST", r"/webhook/(?P<workflow>.+)", "run"),)

    def error(self, status: int, text: str = "") -> ServiceResponse:
        known = {403: "Authorization data is wrong!", 404: "The requested webhook is not registered."}
        message = text or known.get(status, "Error in workflow")
        return ServiceResponse(status=status, body={"code": status, "message": message})

    def run(self, call: ServiceRequest, workflow: str) -> ServiceResponse:
        """POST /webhook/{path}: check the contract of section 3, answer as section 4 allows."""
        key = str(world.config.n8n.get("api_key") or "")
        given = call.bearer or call.headers.get("X-N8N-API-KEY", "")
        if key and not hmac.compare_digest(key.encode(), given.encode()):
            raise RefusedError(self.error(403))
        body = call.json
        if not isinstance(body, dict) or any(name not in body for name in REQUIRED):
            raise RefusedError(self.error(400, f"the body must have {', '.join(REQUIRED)}"))
        if len(body["history"]) > 20:
            raise RefusedError(self.error(400, "history has more than 20 entries"))
        if call.headers.get("webhook-id") != call.headers.get("Idempotency-Key"):
            raise RefusedError(self.error(400, "Idempotency-Key must equal webhook-id"))
        text = str(body["message"].get("text") or "")
        reference = call.headers.get("Idempotency-Key", "")
        note = RequestNote(kind="n8n", to=str(body["contact"].get("phone") or ""), text=text, reference=reference)
        return self._answer(body, text, note)

    def _answer(self, body: dict[str, Any], text: str, note: RequestNote) -> ServiceResponse:
        script = world.scripts.next(self.name)
        if script is None:
            return ServiceResponse(body={"reply": f"You said: {text}"}, note=note)
        world.stopping.wait(float(script.get("delay") or 0))
        if "callback" in script:
            webhook = _callback(body, script["callback"])
            for _ in range(int(script.get("repeat") or 1)):
                world.poster.later(float(script.get("after") or 0.1), lambda: world.poster.post(webhook))
            return ServiceResponse(body=STARTED, note=note)
        if "raw" in script:
            return ServiceResponse(status=script.get("status", 200), body=str(script["raw"]), note=note)
        answered = script.get("body", {"reply": script["text"]} if "text" in script else None)
        body_ = b"" if answered is None else answered
        return ServiceResponse(
            status=script.get("status", 200), body=body_, headers=script.get("headers", {}), note=note
        )


def _callback(body: dict[str, Any], content: Any) -> Webhook:
    answer = content if isinstance(content, dict) else {"reply": str(content)}
    answer = {"message_id": body["message"].get("id")} | answer
    return Webhook(
        service="n8n",
        url=str(body["reply"]["url"]),
        body=json.dumps(answer).encode(),
        headers={"Content-Type": "application/json"},
        kind="n8n:callback",
        text=str(answer.get("reply", "")),
        readable=answer,
    )


N8N = N8n()
