"""`Idempotency-Key`: a repeated call gets the first one's response and does nothing.

The row of the key is written in the transaction of the call, so that there is never one without the other. A call that
is refused leaves no row: it did nothing and may be sent again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from django.db import OperationalError, transaction
from django.db.models.functions import Now
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from tenants.models import StoredAnswer, Tenant
from tenants.problems import InFlight, InvalidQuery, Unprocessable

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEPT = timedelta(hours=24)
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL: lock_timeout was reached


class IdempotentCall:
    """One creating call with its key; without a key the call is simply made."""

    def __init__(self, tenant: Tenant | None, request: Request) -> None:
        self.tenant = tenant
        self.key = request.headers.get(HEADER, "")
        if HEADER in request.headers and not 0 < len(self.key) <= MAX_KEY:
            raise InvalidQuery({HEADER: [f"1 to {MAX_KEY} characters."]})
        self.key_hash = _hash(self.key)
        self.request_hash = _fingerprint(request) if self.key else ""

    def stored_response(self) -> Response | None:
        """Return the response that this call got before; raises Unprocessable when another call used its key."""
        if not self.key:
            return None
        found = StoredAnswer.objects.filter(tenant=self.tenant, key_hash=self.key_hash).first()
        return self._again(found) if found is not None else None

    def make_once(self, make: Callable[[], Response], *, shown_once: Iterable[str] = ()) -> Response:
        """Make the call and store the response, in one transaction; or return the response of the first call.

        Args: shown_once: members of the response, such as a new secret, that are not stored.
        """
        if not self.key:
            with transaction.atomic():
                return make()
        with transaction.atomic():
            row, is_mine = self._insert()
            if not is_mine:
                return self._again(row)
            response = make()
            kept = {name: None if name in shown_once else value for name, value in (response.data or {}).items()}
            row.status, row.body = response.status_code, json.dumps(kept, cls=JSONEncoder)
            row.save(update_fields=["status", "body"])
            return response

    def _insert(self) -> tuple[StoredAnswer, bool]:
        """Insert the key's row. A second call waits here until the first has committed."""
        try:
            return StoredAnswer.objects.get_or_create(
                tenant=self.tenant, key_hash=self.key_hash, defaults={"request_hash": self.request_hash}
            )
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE:
                raise InFlight from None
            raise

    def _again(self, row: StoredAnswer) -> Response:
        if row.request_hash != self.request_hash:
            raise Unprocessable(f"This {HEADER} was used for another call.")
        status = 200 if row.status == 201 else row.status
        return Response(
            json.loads(row.body) if row.body else None, status=status, headers={"Idempotent-Replayed": "true"}
        )


def purge() -> int:
    """Delete responses that are old enough; returns how many."""
    old = StoredAnswer.objects.filter(created_at__lt=Now() - KEPT)
    return int(old.delete()[0])


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    return _hash(f"{request.method} {request.get_full_path()} {body}")


def _hash(text: Any) -> str:
    return hashlib.sha256(str(text).encode("utf-8", "surrogatepass")).hexdigest()
