"""The core service that asks for decisions: takes signed callbacks, proves them, and shows what it believed.

The signature is checked with the independent package `standardwebhooks`, as a customer would. What does not verify is
answered 401 and shown as refused; one id that comes twice is one callback.
"""

from typing import Any

from standardwebhooks import Webhook

from simulator.call import Call, Note, RefusedError, Reply
from simulator.services.base import Service
from simulator.world import world

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
KEPT = 200


class Core(Service):
    """Takes decisions on any path."""

    name = "core"
    routes = (("POST", r"/.+", "take"),)

    def error(self, status: int, text: str = "") -> Reply:
        return Reply(status=status, body={"error": text or "no"})

    def take(self, call: Call) -> Reply:
        """POST /{path}: 204 for a genuine callback."""
        given = {name: call.headers.get(name, "") for name in HEADERS}
        secret = str(world.config.core.get("signing_secret") or "")
        if not secret:
            raise RefusedError(self.error(503, "no signing secret is known"))
        try:
            body: Any = Webhook(secret).verify(call.body, given)
        except Exception:  # noqa: BLE001 - the package raises several kinds; none of them is a genuine callback
            raise RefusedError(self.error(401, "the signature does not verify")) from None
        kind = str(body.get("type", ""))
        return Reply(status=204, body=b"", note=Note(kind=kind, text=call.readable, reference=given["webhook-id"]))


def callbacks() -> list[dict[str, Any]]:
    """What was believed and what was refused, the latest first; a repeated id counts its times."""
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
