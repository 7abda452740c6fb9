"""What the assistant may say, kept by people and programs."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from assistant.models import KnowledgeEntry
from common.text.plain import clean
from tenants.models import Tenant
from tenants.services import NameTaken, record


@transaction.atomic
def put_entry(*, tenant: Tenant, by: str, entry: KnowledgeEntry | None = None, **fields: Any) -> KnowledgeEntry:
    """Write an entry, or change one; raises NameTaken for a title that another one has."""
    row = entry or KnowledgeEntry(tenant=tenant)
    for name, value in fields.items():
        setattr(row, name, clean(value).strip() if isinstance(value, str) else value)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise NameTaken("There is an entry with this title already.") from None
    record(tenant=tenant, actor=by, action="knowledge_changed" if entry else "knowledge_written", subject=row)
    return row


@transaction.atomic
def delete_entry(*, entry: KnowledgeEntry, by: str) -> None:
    """Say it no longer."""
    record(tenant=entry.tenant, actor=by, action="knowledge_deleted", subject=entry)
    entry.delete()
