"""Audit entries for the back office: each change by a form, each retry and discard, and each action of a superuser.

One act is one entry: where the service behind a page has written its own, none is added. Other actions of members are
such services.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from tenants.backoffice import TenantAdmin, is_operator, tenant_id
from tenants.models import Tenant
from tenants.services import record
from tenants.services.core import is_recorded


def record_act(
    sender: type[Model], *, page: Any, request: HttpRequest, rows: Sequence[Model], act: str, message: Any, **_: Any
) -> None:
    """Write one audit entry for each row: which fields were changed, not their values."""
    if act == "did" and not is_operator(request):
        return
    for row in rows:
        if is_recorded(row):
            continue
        what = str(message) if act == "did" else _fields(message)
        by = request.user.get_username()
        record(tenant=_tenant_of(row, page), actor=by, action=f"admin_{act}", subject=row, what=what)


def record_row_act(sender: type[Model], *, row: Model, act: str, by: str, **_: Any) -> None:
    """Write one audit entry for a work row that was retried or discarded, if its service has written none."""
    if not is_recorded(row):
        record(tenant=_tenant_of(row, admin.site._registry.get(sender)), actor=by, action=act, subject=row)


def _tenant_of(row: Model, page: Any) -> Tenant | None:
    tenant = tenant_id(row, page.tenant_path) if isinstance(page, TenantAdmin) else None
    return Tenant.objects.filter(pk=tenant).first() if tenant else None


def _fields(message: Any) -> list[str]:
    """Return the names of changed fields in Django's description of a change."""
    steps = message if isinstance(message, list) else []
    return [name for step in steps for part in step.values() for name in part.get("fields", [])]
