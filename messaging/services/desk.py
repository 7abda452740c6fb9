"""Where a conversation lies on the desk: whose it is, until when it sleeps, what it is about."""

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
from messaging.models.conversations import PausedBy, Status
from messaging.services import events
from messaging.services.takeover import lock, pause
from tenants.models import Member
from tenants.services import record

MAX_NOTE = 4000
MAX_SNOOZE = timedelta(days=366)


@transaction.atomic
def assign(*, conversation: Conversation, member: Member | None, by: str) -> Conversation:
    """Give the conversation to a member, or to nobody. Raises NotPossible for a member of another tenant."""
    row = lock(conversation)
    if member is not None and member.tenant_id != row.tenant_id:
        raise NotPossible(_("the member belongs to another business"))
    if row.assignee_id == (member.pk if member is not None else None):
        return row
    row.assignee = member
    row.save(update_fields=["assignee"])
    record(tenant=row.tenant, actor=by, action="assigned", subject=row, member=member.pk if member else None)
    events.assigned(row, by)
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
    """Pause the assistant by an operator's hand; the conversation becomes theirs."""
    if member is not None:
        assign(conversation=conversation, member=member, by=by)
    return pause(conversation=conversation, by=PausedBy.OPERATOR, actor=by, reason=reason, until=until)


@transaction.atomic
def snooze(*, conversation: Conversation, until: datetime, by: str) -> Conversation:
    """Put the conversation away until a time, or until the customer writes. Raises NotPossible for a time gone by."""
    if not timezone.now() < until < timezone.now() + MAX_SNOOZE:
        raise NotPossible(_("the time must lie ahead, within a year"))
    return _put(conversation, Status.SNOOZED, by=by, snoozed_until=until)


@transaction.atomic
def close(*, conversation: Conversation, by: str) -> Conversation:
    """Nothing more is to be done; the next message of the customer opens it again."""
    return _put(conversation, Status.CLOSED, by=by, waiting_since=None, unread=0)


@transaction.atomic
def reopen(*, conversation: Conversation, by: str) -> Conversation:
    """Put the conversation back on the desk."""
    return _put(conversation, Status.OPEN, by=by)


def wake_snoozed(*, limit: int = 1000) -> int:
    """Open every conversation whose time has come; returns how many."""
    due = Conversation.objects.filter(status=Status.SNOOZED, snoozed_until__lte=Now()).values_list("pk", flat=True)
    # The condition again: one that was put away for longer just now stays away.
    woken = Conversation.objects.filter(pk__in=list(due[:limit]), status=Status.SNOOZED, snoozed_until__lte=Now())
    return woken.update(status=Status.OPEN, snoozed_until=None)


@transaction.atomic
def add_label(*, conversation: Conversation, label: Label, by: str) -> bool:
    """Put a label on; False when it is there. Raises NotPossible for a label of another tenant."""
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
    """Take a label off; False when it is not there."""
    gone, _ = ConversationLabel.objects.of(conversation.tenant).filter(conversation=conversation, label=label).delete()
    if gone:
        record(tenant=conversation.tenant, actor=by, action="unlabelled", subject=conversation, label=label.pk)
    return bool(gone)


@transaction.atomic
def add_note(*, conversation: Conversation, text: str, author: str) -> Note:
    """Tell the other members something; it is never sent. Raises NotPossible for an empty or endless text."""
    words = clean(text).strip()
    if not words or len(words) > MAX_NOTE:
        raise NotPossible(_("a note has 1 to %s characters") % MAX_NOTE)
    note: Note = Note.objects.create(
        tenant_id=conversation.tenant_id, conversation=conversation, author=author[:100], text=words
    )
    record(tenant=conversation.tenant, actor=author, action="noted", subject=conversation)
    return note


def note_writing(*, conversation: Conversation, member: Member) -> None:
    """This member is writing just now: others who open the conversation are warned."""
    Writing.objects.update_or_create(
        conversation=conversation,
        member=member,
        defaults={"tenant_id": conversation.tenant_id, "seen_at": timezone.now()},
    )


def stop_writing(*, conversation: Conversation, member: Member) -> None:
    """This member has sent it, or thrown it away."""
    Writing.objects.filter(conversation=conversation, member=member).delete()


def _put(conversation: Conversation, status: Status, *, by: str, **changes: Any) -> Conversation:
    row = lock(conversation)
    was = row.status
    for name, value in {"status": status, "snoozed_until": None, **changes}.items():
        setattr(row, name, value)
    row.save(update_fields=["status", "snoozed_until", *changes])
    if was != status:
        record(tenant=row.tenant, actor=by, action=f"session_{status}", subject=row)
    return row
