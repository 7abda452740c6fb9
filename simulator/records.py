"""Everything the simulator was sent (direction "in") and everything it posted (direction "out")."""

import threading
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from simulator.people import person_key

KEPT = 100_000
SECRETS = {
    "access_token", "api_key", "apikey", "auth_token", "authorization", "headers", "hash", "jwt_key", "pin",
    "token", "verify_token", "webhook_secret", "x-webhook-secret",
}  # fmt: skip


@dataclass(kw_only=True)
class Record:
    """One HTTP request, one way or the other."""

    service: str
    direction: str = "in"
    method: str = "POST"
    path: str = ""
    status: int = 0
    accepted: bool = False
    channel: str = ""
    to: str = ""
    text: str = ""
    kind: str = ""
    reference: str = ""
    id: str = ""
    raw: Any = None
    seconds: float = 0.0  # until the product answered what was posted to it
    seq: int = 0
    at: float = 0.0


class Records:
    """A list that only grows, asked by cursor."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._items: list[Record] = []
        self._seq = 0

    def add(self, record: Record) -> Record:
        """Number and keep a record."""
        record.at, record.raw = time.time(), without_secrets(record.raw)
        with self._lock:
            self._seq += 1
            record.seq = self._seq
            self._items.append(record)
            if len(self._items) > KEPT:
                del self._items[: KEPT // 2]
        return record

    def since(self, seq: int = 0, *, service: str = "", to: str = "", direction: str = "") -> list[dict[str, Any]]:
        """Return the records after `seq`, filtered."""
        with self._lock:
            first = self._items[0].seq if self._items else 1
            items = self._items[max(0, seq + 1 - first) :]
        wanted = person_key(to)
        return [
            asdict(item)
            for item in items
            if service in ("", item.service) and direction in ("", item.direction) and (not to or item.to == wanted)
        ]

    def clear(self) -> None:
        """Forget the records; numbering goes on."""
        with self._lock:
            self._items.clear()


def without_secrets(value: Any) -> Any:
    """Copy JSON without credentials, with long strings (base64 media) cut."""
    if isinstance(value, Mapping):
        return {k: "[hidden]" if str(k).lower() in SECRETS else without_secrets(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    if isinstance(value, str) and len(value) > 20_000:
        return f"{value[:200]}... ({len(value)} characters)"
    return value
