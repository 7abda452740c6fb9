"""Create and update approvers."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from approvals.models import Approver, ApproverAddress
from messaging.models import Channel
from tenants.models import Tenant
from tenants.services import record


@transaction.atomic
def set_up_approver(
    *, tenant: Tenant, name: str, by: str, channel: Channel | None = None, address: str = "", **fields: Any
) -> Approver:
    """Create an approver, or update the given fields; a new address is added to the existing ones.

    Raises ValidationError.
    """
    row: Approver = Approver.objects.of(tenant).filter(name=name).first() or Approver(tenant=tenant, name=name)
    is_new = row.pk is None
    before = {field: getattr(row, field) for field in fields}
    for field, value in fields.items():
        setattr(row, field, value)
    row.full_clean()
    row.save()
    is_changed = any(getattr(row, field) != value for field, value in before.items())
    if channel is not None:
        place = ApproverAddress(tenant=tenant, approver=row, channel=channel, address=address)
        place.clean()
        known = ApproverAddress.objects.filter(channel=channel, canonical=place.canonical).first()
        if known is None or known.approver_id != row.pk:
            place.place = row.addresses.count() + 1
            place.full_clean()
            place.save()
            is_changed = True
    if is_new or is_changed:
        record(tenant=tenant, actor=by, action="approver_made" if is_new else "approver_changed", subject=row)
    return row
