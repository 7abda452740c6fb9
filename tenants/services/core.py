"""Set up tenants, switch outbound messages, and record who did what."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.db import models, transaction

from common import context
from common.db.compiled import CompiledQuery
from tenants import proofs
from tenants.models import AuditEntry, OutboundSwitch, Tenant


class NameTaken(ValueError):
    """Something of this name exists already; the text says what to do."""


def record(
    *, tenant: Tenant | None, actor: str, action: str, subject: models.Model | None = None, **details: Any
) -> AuditEntry:
    """Add an audit entry: who did what to which row. Details hold ids and settings, never texts or secrets.

    It takes no lock, so that busy paths may call it: beat seals the entries in order seconds later (tenants.audit).
    """
    entry = AuditEntry(
        tenant=tenant,
        actor=actor[:100],
        action=action,
        subject_type=subject._meta.label_lower if subject is not None else "",
        # A key's id contains its hash, which the audit does not need: the prefix identifies it.
        subject_id=str(subject.pk)[:50] if subject is not None else "",
        details=proofs.canonical_value(details),
    )
    entry.proof = proofs.make_proof(proofs.canonical_text(vars(entry)))
    entry.save()
    _remember_subject(entry)
    return entry


def is_recorded(subject: models.Model) -> bool:
    """Return whether an entry about this row was written in the current request: one act needs one entry."""
    request_id, subjects = _subjects.get()
    key = (subject._meta.label_lower, str(subject.pk)[:50])
    return bool(request_id) and request_id == context.current().request_id and key in subjects


# The rows about which entries were written in the current request.
_subjects: ContextVar[tuple[str, set[tuple[str, str]]]] = ContextVar("audit_subjects", default=("", set()))


def _remember_subject(entry: AuditEntry) -> None:
    request_id, subjects = _subjects.get()
    if request_id != context.current().request_id:
        subjects = set()
        _subjects.set((context.current().request_id, subjects))
    subjects.add((entry.subject_type, entry.subject_id))


@transaction.atomic
def set_up_tenant(*, slug: str, name: str, timezone: str | None = None, language: str | None = None) -> Tenant:
    """Create the tenant, or update it; fields that are not given stay. Raises ValidationError."""
    tenant = Tenant.objects.filter(slug=slug).first() or Tenant(slug=slug)
    tenant.name = name
    tenant.timezone = timezone or tenant.timezone
    tenant.language = language or tenant.language
    tenant.full_clean()
    tenant.save()
    return tenant


@transaction.atomic
def change_tenant(*, tenant: Tenant, by: str, **changes: Any) -> Tenant:
    """Change a tenant's name, time zone, language and so on. Raises ValidationError."""
    row = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    for name, value in changes.items():
        setattr(row, name, value)
    row.full_clean()
    row.save(update_fields=list(changes))
    record(tenant=row, actor=by, action="tenant_changed", subject=row, changed=sorted(changes))
    return row


def outbound_is_on() -> bool:
    """Return whether the installation's kill switch allows messages; no row means it was never used."""
    return not _SWITCHED_OFF.all()


_SWITCHED_OFF: CompiledQuery[OutboundSwitch] = CompiledQuery(lambda: OutboundSwitch.objects.filter(is_on=False))


@transaction.atomic
def switch_outbound(*, on: bool, by: str, reason: str = "") -> OutboundSwitch:
    """Set the installation's kill switch."""
    switch, _ = OutboundSwitch.objects.update_or_create(
        pk=1, defaults={"is_on": on, "changed_by": by[:100], "reason": reason[:200]}
    )
    record(tenant=None, actor=by, action="outbound_on" if on else "outbound_off", reason=reason[:200])
    return switch
