"""The API as a program calls it."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from tenants import services as tenants
from tenants.models import Tenant


class ApiCaller:
    """Calls /api/ with a key of one tenant."""

    def __init__(
        self, tenant: Tenant, scopes: tuple[str, ...] = ("*",), *, name: str = "tests", approvers: tuple[str, ...] = ()
    ) -> None:
        self.client = Client(raise_request_exception=False)
        _, self.key = tenants.create_api_key(tenant=tenant, name=name, scopes=scopes, approvers=approvers)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/{path}", query, headers=self.headers())

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str) -> Any:
        data = raw if raw is not None else json.dumps({} if body is None else body).encode()
        return self.client.generic(
            "POST", f"/api/{path}", data, content_type="application/json", headers=self.headers() | headers
        )

    def patch(self, path: str, body: Any) -> Any:
        return self._send("PATCH", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self._send("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self._send("DELETE", path, {})

    def _send(self, method: str, path: str, body: Any) -> Any:
        data = json.dumps(body).encode()
        return self.client.generic(
            method, f"/api/{path}", data, content_type="application/json", headers=self.headers()
        )

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}
