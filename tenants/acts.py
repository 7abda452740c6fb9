"""What people do in the back office, in the audit: each change by a form, and each action of a superuser.

Actions of members are verbs, which write their own entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest

from tenants.backoffice import TenantAdmin, is_operator, tenant_id
from tenants.models import Tenant
from tenants.verbs import record


def remember(
    sender: type[Model], *, page: Any, request: HttpRequest, rows: Sequence[Model], act: str, message: Any, **_: Any
) -> None:
    """Write one entry for each row; which fields were changed, not what they hold."""
    if act == "did" and not is_operator(request):
        return
    for row in rows:
        tenant = tenant_id(row, page.tenant_path) if isinstance(page, TenantAdmin) else None
        record(
            tenant=Tenant.objects.filter(pk=tenant).first() if tenant else None,
            actor=request.user.get_username(),
            action=f"admin_{act}",
            subject=row,
            what=str(message) if act == "did" else _fields(message),
        )


def _fields(message: Any) -> list[str]:
    """The names of changed fields in Django's description of a change."""
    steps = message if isinstance(message, list) else []
    return [name for step in steps for part in step.values() for name in part.get("fields", [])]
