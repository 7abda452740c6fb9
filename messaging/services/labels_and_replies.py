"""Labels and canned replies."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, models, transaction

from common.text.plain import clean
from messaging.models import CannedReply, Label
from tenants.models import Tenant
from tenants.services import NameTaken, record


@transaction.atomic
def save_label(*, tenant: Tenant, by: str, label: Label | None = None, **fields: Any) -> Label:
    """Create a label, or save a changed one; raises NameTaken."""
    row = label or Label(tenant=tenant)
    _save(row, fields, f"There is a label {fields.get('name')} already.")
    record(tenant=tenant, actor=by, action="label_changed" if label else "label_made", subject=row)
    return row


@transaction.atomic
def save_reply(*, tenant: Tenant, by: str, reply: CannedReply | None = None, **fields: Any) -> CannedReply:
    """Create a canned reply, or save a changed one; raises NameTaken."""
    row = reply or CannedReply(tenant=tenant)
    _save(row, fields, f"There is a canned reply /{fields.get('shortcut')} already.")
    record(tenant=tenant, actor=by, action="reply_changed" if reply else "reply_made", subject=row)
    return row


@transaction.atomic
def delete_phrase(*, phrase: Label | CannedReply, by: str) -> None:
    """Delete a label, from all conversations too, or a canned reply."""
    action = "label_deleted" if isinstance(phrase, Label) else "reply_deleted"
    record(tenant=phrase.tenant, actor=by, action=action, subject=phrase)
    phrase.delete()


def _save(row: models.Model, fields: dict[str, Any], taken: str) -> None:
    for name, value in fields.items():
        setattr(row, name, clean(value).strip())
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise NameTaken(taken) from None
