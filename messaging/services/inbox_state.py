"""The state of a conversation in the inbox: assignee, snooze, open or closed, labels, notes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import NotPossible
from common.text.plain import clean
from messaging.models import Conversation, ConversationLabel, Label, Note, Writing
from messaging.models.conversations import ConversationStatus, PausedBy
from messaging.services import events
from messaging.services.takeover import lock_conversation, pause
from tenants.models import Member
from tenants.services import record

MAX_NOTE = 4000
MAX_SNOOZE = timedelta(days=366)


@transaction.atomic
def assign(*, conversation: Conversation, member: Member | None, by: str) -> Conversation:
    """Assign the conversation to a member, or to nobody. Raises NotPossible for a member of another tenant."""
    row = lock_conversation(conversation)
    if member is not None and member.tenant_id != row.tenant_id:
        raise NotPossible(_("the member belongs to another business"))
    if row.assignee_id == (member.pk if member is not None else None):
        return row
    row.assignee = member
    row.save(update_fields=["assignee"])
    record(tenant=row.tenant, actor=by, action="assigned", subject=row, member=member.pk if member else None)
    events.emit_assigned(row, by)
    return row


@transaction.atomic
def take_over(
    *,
    conversation: Conversation,
    by: str,
    member: Member | None = None,
    reason: str = "",
    until: datetime | None = None,
) -> Conversation:
    """Pause the assistant on behalf of an operator, and assign the conversation to them."""
    if member is not None:
        assign(conversation=conversation, member=member, by=by)
    return pause(conversation=conversation, by=PausedBy.OPERATOR, actor=by, reason=reason, until=until)


@transaction.atomic
def snooze(*, conversation: Conversation, until: datetime, by: str) -> Conversation:
    """Hide the conversation until a time, or until the customer writes. Raises NotPossible for a time in the past."""
    if not timezone.now() < until < timezone.now() + MAX_SNOOZE:
        raise NotPossible(_("the time must lie ahead, within a year"))
    return _set_status(conversation, ConversationStatus.SNOOZED, by=by, snoozed_until=until)


@transaction.atomic
def close(*, conversation: Conversation, by: str) -> Conversation:
    """Close the conversation; the customer's next message opens it again."""
    return _set_status(conversation, ConversationStatus.CLOSED, by=by, waiting_since=None, unread=0)


@transaction.atomic
def reopen(*, conversation: Conversation, by: str) -> Conversation:
    """Open the conversation again."""
    return _set_status(conversation, ConversationStatus.OPEN, by=by)


def wake_snoozed(*, limit: int = 1000) -> int:
    """Open every conversation whose snooze is over; returns how many."""
    due = Conversation.objects.filter(status=ConversationStatus.SNOOZED, snoozed_until__lte=Now()).values_list(
        "pk", flat=True
    )
    # The condition is checked again: one that was snoozed for longer just now stays hidden.
    woken = Conversation.objects.filter(
        pk__in=list(due[:limit]), status=ConversationStatus.SNOOZED, snoozed_until__lte=Now()
    )
    return woken.update(status=ConversationStatus.OPEN, snoozed_until=None)


@transaction.atomic
def add_label(*, conversation: Conversation, label: Label, by: str) -> bool:
    """Add a label; returns False when it was there. Raises NotPossible for a label of another tenant."""
    if label.tenant_id != conversation.tenant_id:
        raise NotPossible(_("the label belongs to another business"))
    _row, is_new = ConversationLabel.objects.get_or_create(
        conversation=conversation, label=label, defaults={"tenant_id": conversation.tenant_id}
    )
    if is_new:
        record(tenant=conversation.tenant, actor=by, action="labelled", subject=conversation, label=label.pk)
    return is_new


@transaction.atomic
def remove_label(*, conversation: Conversation, label: Label, by: str) -> bool:
    """Remove a label; returns False when it was not there."""
    gone, _ = ConversationLabel.objects.of(conversation.tenant).filter(conversation=conversation, label=label).delete()
    if gone:
        record(tenant=conversation.tenant, actor=by, action="unlabelled", subject=conversation, label=label.pk)
    return bool(gone)


@transaction.atomic
def add_note(*, conversation: Conversation, text: str, author: str) -> Note:
    """Add a note for other members; it is never sent. Raises NotPossible for an empty or too long text."""
    words = clean(text).strip()
    if not words or len(words) > MAX_NOTE:
        raise NotPossible(_("a note has 1 to %s characters") % MAX_NOTE)
    note: Note = Note.objects.create(
        tenant_id=conversation.tenant_id, conversation=conversation, author=author[:100], text=words
    )
    record(tenant=conversation.tenant, actor=author, action="noted", subject=conversation)
    return note


def record_writing(*, conversation: Conversation, member: Member) -> None:
    """Record that this member is writing now: others who open the conversation are warned."""
    Writing.objects.update_or_create(
        conversation=conversation,
        member=member,
        defaults={"tenant_id": conversation.tenant_id, "seen_at": timezone.now()},
    )


def clear_writing(*, conversation: Conversation, member: Member) -> None:
    """Record that this member has sent or discarded the text."""
    Writing.objects.filter(conversation=conversation, member=member).delete()


def _set_status(conversation: Conversation, status: ConversationStatus, *, by: str, **changes: Any) -> Conversation:
    row = lock_conversation(conversation)
    was = row.status
    for name, value in {"status": status, "snoozed_until": None, **changes}.items():
        setattr(row, name, value)
    row.save(update_fields=["status", "snoozed_until", *changes])
    if was != status:
        record(tenant=row.tenant, actor=by, action=f"session_{status}", subject=row)
    return row
