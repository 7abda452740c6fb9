"""API keys: created, changed and revoked, never beyond what the person may do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from tenants.approver_lookup import approver_lookup
from tenants.declarations import SCOPES
from tenants.models import ApiKey, Tenant
from tenants.reach import OPERATOR, Reach
from tenants.rights import EVERYTHING
from tenants.services.core import NameTaken, record

MAX_APPROVERS = 20


class BeyondReach(ValueError):
    """A key has, or would have, more rights than the person who creates, changes or revokes it; the text says which."""


@transaction.atomic
def create_api_key(
    *,
    tenant: Tenant,
    name: str,
    scopes: Sequence[str],
    approvers: Sequence[str] = (),
    by: str = "command",
    reach: Reach = OPERATOR,
    expires_at: datetime | None = None,
    replaces: bool = True,
) -> tuple[ApiKey, str]:
    """Create a key, replacing a live one of the same name; the second value is the key, shown once and not stored.

    Raises BeyondReach for a key with more rights than its creator, NameTaken for a name that is not to be replaced, and
    ValueError for a scope or an approver that does not exist.
    """
    scopes, approvers = list(scopes), list(approvers)
    check_key(tenant=tenant, scopes=scopes, approvers=approvers, reach=reach)
    live = ApiKey.objects.filter(tenant=tenant, name=name, revoked=False)
    if not replaces and live.exists():
        raise NameTaken(f"There is a live key {name} already: revoke it, or choose another name.")
    live.update(revoked=True)
    fields = {"scopes": scopes, "approvers": approvers, "expiry_date": expires_at}
    try:
        with transaction.atomic():
            api_key, key = ApiKey.objects.create_key(tenant=tenant, name=name, **fields)
    except IntegrityError:  # somebody else was faster
        raise NameTaken(f"A key {name} was made in this moment.") from None
    record(tenant=tenant, actor=by, action="api_key_created", subject=api_key, scopes=scopes, approvers=approvers)
    return api_key, key  # type: ignore[return-value]  # the library names its base class


@transaction.atomic
def change_api_key(*, key: ApiKey, by: str, reach: Reach, **changes: Any) -> ApiKey:
    """Change the name, scopes, approvers or expiry_date of a key.

    Raises BeyondReach when the key has more rights than the person, before or after; NameTaken; ValueError.
    """
    row: ApiKey = ApiKey.objects.select_related("tenant").select_for_update(of=("self",), no_key=True).get(pk=key.pk)
    check_reach(key=row, reach=reach)
    for name, value in changes.items():
        setattr(row, name, value)
    check_key(tenant=row.tenant, scopes=row.scopes, approvers=row.approvers, reach=reach)
    others = ApiKey.objects.filter(tenant=row.tenant, name=row.name, revoked=False).exclude(pk=row.pk)
    if not row.revoked and others.exists():
        raise NameTaken(f"There is a live key {row.name} already: choose another name.")
    row.save()
    facts = {"scopes": row.scopes, "approvers": row.approvers}
    record(tenant=row.tenant, actor=by, action="api_key_changed", subject=row, **facts)
    return row


@transaction.atomic
def revoke_api_key(*, key: ApiKey, by: str, reach: Reach = OPERATOR) -> bool:
    """Revoke a key for good; returns False when it was revoked already.

    Raises BeyondReach for a key with more rights.
    """
    check_reach(key=key, reach=reach)
    if not ApiKey.objects.filter(pk=key.pk, revoked=False).update(revoked=True):
        return False
    record(tenant=key.tenant, actor=by, action="api_key_revoked", subject=key)
    return True


def check_key(*, tenant: Tenant, scopes: Sequence[str], approvers: Sequence[str], reach: Reach) -> None:
    """Raise ValueError for a scope or approver that does not exist, BeyondReach for one that the person cannot give."""
    unknown = [scope for scope in scopes if scope != EVERYTHING and scope not in SCOPES]
    if unknown or not scopes:
        raise ValueError(f"unknown scope {', '.join(unknown) or '(none)'}; use * or some of {', '.join(SCOPES)}")
    strangers = sorted(set(approvers) - approver_lookup().names(tenant)) if approvers else []
    if strangers:
        raise ValueError(f"there is no approver {', '.join(strangers)}")
    if beyond := reach.beyond(scopes=scopes, approvers=approvers):
        raise BeyondReach(f"A key can do no more than who makes it: {', '.join(beyond)}.")


def check_reach(*, key: ApiKey, reach: Reach) -> None:
    """Raise BeyondReach for a key with more rights than this."""
    if beyond := reach.beyond(scopes=key.scopes, approvers=key.approvers):
        raise BeyondReach(f"This key is above you: {', '.join(beyond)}.")
