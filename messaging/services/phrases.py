"""What the desk is set up with by people: labels and canned replies."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, models, transaction

from common.text.plain import clean
from messaging.models import CannedReply, Label
from tenants.models import Tenant
from tenants.services import NameTaken, record


@transaction.atomic
def put_label(*, tenant: Tenant, by: str, label: Label | None = None, **fields: Any) -> Label:
    """Make a label, or change one; raises NameTaken."""
    row = label or Label(tenant=tenant)
    _put(row, fields, f"There is a label {fields.get('name')} already.")
    record(tenant=tenant, actor=by, action="label_changed" if label else "label_made", subject=row)
    return row


@transaction.atomic
def put_reply(*, tenant: Tenant, by: str, reply: CannedReply | None = None, **fields: Any) -> CannedReply:
    """Make a canned reply, or change one; raises NameTaken."""
    row = reply or CannedReply(tenant=tenant)
    _put(row, fields, f"There is a canned reply /{fields.get('shortcut')} already.")
    record(tenant=tenant, actor=by, action="reply_changed" if reply else "reply_made", subject=row)
    return row


@transaction.atomic
def delete_phrase(*, phrase: Label | CannedReply, by: str) -> None:
    """Remove a label, from all sessions too, or a canned reply."""
    action = "label_deleted" if isinstance(phrase, Label) else "reply_deleted"
    record(tenant=phrase.tenant, actor=by, action=action, subject=phrase)
    phrase.delete()


def _put(row: models.Model, fields: dict[str, Any], taken: str) -> None:
    for name, value in fields.items():
        setattr(row, name, clean(value).strip())
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise NameTaken(taken) from None
