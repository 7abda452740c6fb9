"""The core service that asks for decisions: receives signed callbacks, verifies them, and shows the result.

The signature is checked with the independent package `standardwebhooks`, as a customer would. What does not verify is
answered 401 and shown as refused; one id that comes twice is one callback.
"""

from typing import Any

from standardwebhooks import Webhook

from simulator.exchange import RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.providers.base import Service
from simulator.world import world

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
KEPT = 200


class Core(Service):
    """Receives decisions on any path."""

    name = "core"
    routes = (("POST", r"/.+", "receive"),)

    def error(self, status: int, text: str = "") -> ServiceResponse:
        return ServiceResponse(status=status, body={"error": text or "no"})

    def receive(self, call: ServiceRequest) -> ServiceResponse:
        """POST /{path}: 204 for a genuine callback."""
        given = {name: call.headers.get(name, "") for name in HEADERS}
        if not knows_secret():
            raise RefusedError(self.error(503, "no signing secret is known"))
        body = next((body for secret in _secrets_for(call) if (body := _verified(secret, call.body, given))), None)
        if body is None:
            raise RefusedError(self.error(401, "the signature does not verify"))
        kind = str(body.get("type", ""))
        return ServiceResponse(
            status=204, body=b"", note=RequestNote(kind=kind, text=call.readable, reference=given["webhook-id"])
        )


def knows_secret() -> bool:
    """Return whether a secret is known, so that callbacks can be verified."""
    return any(_known().values())


def _known() -> dict[str, str]:
    """Return the secret of each tenant by its slug; under "" the secret of all others."""
    core = world.config.core
    own = core.get("signing_secrets")
    secrets = {str(slug): str(secret) for slug, secret in own.items()} if isinstance(own, dict) else {}
    return {"": str(core.get("signing_secret") or "")} | secrets


def _secrets_for(call: ServiceRequest) -> list[str]:
    """Return the secrets that may verify a body: only that of the tenant it names; no tenant signs for another."""
    known, body = _known(), call.json if isinstance(call.json, dict) else {}
    data = body.get("data")
    slug = str(data.get("tenant") or "") if isinstance(data, dict) else ""
    found = [known.get(slug, known[""])] if slug else list(known.values())
    return [secret for secret in found if secret]


def _verified(secret: str, body: bytes, given: dict[str, str]) -> dict[str, Any] | None:
    try:
        found: Any = Webhook(secret).verify(body, given)
    except Exception:  # noqa: BLE001 - the package raises several kinds; none of them is a genuine callback
        return None
    return found if isinstance(found, dict) else None


def callbacks() -> list[dict[str, Any]]:
    """Return verified and refused callbacks, the latest first; a repeated id is one entry with a count."""
    found: dict[str, dict[str, Any]] = {}
    for record in world.records.since(0, service="core", direction="in"):
        name = record["reference"] if record["accepted"] else f"refused {record['seq']}"
        entry = found.setdefault(name, {"id": record["reference"], "times": 0})
        data = record["raw"].get("data", {}) if isinstance(record["raw"], dict) else {}
        entry |= {
            "verified": record["accepted"], "status": record["status"], "at": record["at"], "type": record["kind"],
            "data": data, "times": entry["times"] + 1,
        }  # fmt: skip
    return list(reversed(found.values()))[:KEPT]


CORE = Core()
