"""Proofs of the audit: that we wrote a row, and the link from one sealed row to the next.

Nothing here imports a model, so that a migration may use it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

FACTS = ("tenant_id", "at", "actor", "action", "subject_type", "subject_id", "details")


def canonical_value(value: Any) -> Any:
    """Return the value as both databases return it: JSON, and whole numbers without a decimal point."""
    if isinstance(value, Mapping):
        return {str(name): canonical_value(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [canonical_value(item) for item in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value if value is None or isinstance(value, (str, int)) else str(value)


def canonical_text(facts: Mapping[str, Any]) -> bytes:
    """Return the facts of an audit entry as one unambiguous text."""
    values = [facts[name] for name in FACTS]
    values[1] = _moment(facts["at"])
    return json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def make_proof(text: bytes) -> str:
    """Return the proof that this installation wrote the text; only with the key it can be made."""
    return _proof(text, settings.FIELD_ENCRYPTION_KEYS[0])


def is_proven(text: bytes, proof: str) -> bool | None:
    """Return whether the proof fits; None when its key is not known any more."""
    for key in settings.FIELD_ENCRYPTION_KEYS:
        if proof.partition(":")[0] == _name(key):
            return hmac.compare_digest(proof, _proof(text, key))
    return None


def seal_digest(*, chain: int, position: int, previous: str, text: bytes, proof: str) -> str:
    """Return the digest of a sealed entry, which the next entry of its chain contains."""
    head = f"{chain}\n{position}\n{previous}\n{proof}\n".encode()
    return hashlib.sha256(head + text).hexdigest()


def _proof(text: bytes, key: str) -> str:
    own = hashlib.sha256(f"frontdesk audit {key}".encode()).digest()
    return f"{_name(key)}:{hmac.new(own, text, 'sha256').hexdigest()}"


def _name(key: str) -> str:
    return hashlib.sha256(f"frontdesk audit key {key}".encode()).hexdigest()[:8]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
