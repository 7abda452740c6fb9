"""What operators do with messages: write, mark as read, send again, discard."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.work.acts import wake_up_row
from common.work.queue import enqueue
from common.work.rows import State
from messaging.models import Conversation, Direction, Message, MessageTemplate, Purpose
from messaging.providers.base import Kind, Outcome
from messaging.queries import provider_of
from messaging.services import attachments
from messaging.services.attachments import Attachment
from messaging.services.inbox_state import assign, clear_writing
from messaging.services.sending import SendRefused, send
from messaging.services.templates import MAX_VALUE, fill_template
from tenants.models import Member
from tenants.services import record

MAX_AHEAD = timedelta(days=180)
PLACES = re.compile(r"\{\{(\d+)\}\}")


class KeyReused(Exception):
    """The idempotency key was used before, for something else."""


@dataclass(frozen=True, kw_only=True)
class OutgoingDraft:
    """What an operator wants to send: a text, a file with or without text, or an approved template."""

    text: str = ""
    attachment: Attachment | None = None
    template: MessageTemplate | None = None
    variables: tuple[str, ...] = ()
    quoted: Message | None = None
    due_at: datetime | None = None

    @property
    def fingerprint(self) -> str:
        """Return a value that is equal for the same draft, whenever it is sent."""
        more: list[Any] = [
            self.attachment.fingerprint if self.attachment else "",
            self.template.pk if self.template else 0,
            self.variables,
            self.quoted.pk if self.quoted else 0,
            self.due_at.isoformat() if self.due_at else "",
        ]
        said = f"{self.text}\0{json.dumps(more)}" if any(more) else self.text
        return hashlib.sha256(said.encode()).hexdigest()


def write_message(
    *, conversation: Conversation, author: str, text: str = "", key: str = "", member: Member | None = None, **more: Any
) -> tuple[Message, bool]:
    """Send what an operator wrote, and pause the assistant; the second value is False when `key` has sent this before.

    Args: member: who wrote, when it was a member: an unassigned conversation is assigned to them. more: as in
    OutgoingDraft: a file, a template with its variables, a quoted message, a time to send it.

    Raises KeyReused; SendRefused for a person who opted out, and for what the provider cannot send.
    """
    letter = OutgoingDraft(text=text, **more)
    dedupe_key = f"written:{hashlib.sha256(key.encode()).hexdigest()}" if key else f"written:{uuid.uuid4()}"
    first = Message.objects.filter(channel_id=conversation.channel_id, dedupe_key=dedupe_key).first()
    if first is not None:
        _same_or_raise(first, conversation, letter)
        return first, False
    fields = _draft_fields(conversation, letter)
    # Before the transaction: a slow disk must not hold the conversation's lock.
    stored = attachments.store_file(letter.attachment) if letter.attachment else ""
    try:
        message, is_new = _add_to_outbox(conversation, letter, fields, dedupe_key, author, stored=stored, member=member)
    except BaseException:
        if stored:
            attachments.delete_file(stored)
        raise
    if stored and not is_new:
        attachments.delete_file(stored)
    return message, is_new


def mark_read(*, conversation: Conversation) -> bool:
    """Mark the conversation as read by a person; returns False when nothing was unread."""
    return bool(Conversation.objects.filter(pk=conversation.pk, unread__gt=0).update(unread=0))


@transaction.atomic
def send_again(*, message: Message, by: str) -> bool:
    """Put a held, dead or uncertain message back into the outbox; returns False when its state does not allow it.

    For a message that may have been sent already, or was written before a take-over, this is the person's decision to
    send it (while a person has the conversation, the assistant's messages are still held back).
    """
    row = Message.objects.select_for_update(no_key=True).get(pk=message.pk)
    if row.direction != Direction.OUT or row.state not in (State.HELD, State.DEAD, State.UNCERTAIN):
        return False
    row.tries.filter(outcome=Outcome.UNCERTAIN).update(outcome="overruled")
    Message.objects.filter(pk=row.pk).requeue(
        held_by="", external_id="", delivery="", delivery_rank=0, error_code="", fence=row.conversation.fence
    )
    record(tenant=row.tenant, actor=by, action="sent_again", subject=row)
    enqueue("messaging.deliver", row.pk)
    return True


def retry_message(message: Message, by: str) -> bool:
    """Send a message again, or handle one of a customer again; returns False when its state does not allow it."""
    if message.direction == Direction.OUT:
        return send_again(message=message, by=by)
    if not Message.objects.filter(pk=message.pk).retryable().requeue():
        return False
    wake_up_row(message)
    return True


@transaction.atomic
def cancel_scheduled(*, message: Message, by: str) -> bool:
    """Cancel a scheduled message; returns False when it was sent, or is being sent."""
    planned = Message.objects.filter(pk=message.pk, state=State.QUEUED, scheduled_at__isnull=False, attempts=0)
    if not planned.update(state=State.IGNORED, last_error=f"cancelled by {by}"[:500]):
        return False
    record(tenant=message.tenant, actor=by, action="schedule_cancelled", subject=message)
    return True


@transaction.atomic
def _add_to_outbox(
    conversation: Conversation,
    letter: OutgoingDraft,
    fields: dict[str, Any],
    dedupe_key: str,
    author: str,
    *,
    stored: str,
    member: Member | None,
) -> tuple[Message, bool]:
    mark, mime_type = uuid.uuid4().hex, fields.pop("mime_type", "")
    message = send(
        conversation=conversation,
        purpose=Purpose.OPERATOR,
        dedupe_key=dedupe_key,
        author=author,
        reply_to=letter.quoted.external_id if letter.quoted else "",
        scheduled_at=letter.due_at,
        **fields | {"data": fields.get("data", {}) | {"fingerprint": letter.fingerprint, "mark": mark}},
    )
    _same_or_raise(message, conversation, letter)
    is_new = message.data.get("mark") == mark
    if is_new:
        if letter.attachment is not None:
            attachments.add_media_row(message=message, attachment=letter.attachment, mime_type=mime_type, stored=stored)
        mark_read(conversation=conversation)
        if member is not None:
            _record_member(conversation, member, author)
    return message, is_new


def _draft_fields(conversation: Conversation, letter: OutgoingDraft) -> dict[str, Any]:
    """Return the fields of the message from the draft; raises SendRefused for what cannot be sent."""
    provider = provider_of(conversation.channel)
    if conversation.contact.opted_out_at is not None:
        raise SendRefused(_("the person wants no more messages"))
    if len(letter.text) > provider.max_text:
        raise SendRefused(_("this channel carries up to %s characters") % provider.max_text)
    if letter.due_at is not None and not timezone.now() < letter.due_at < timezone.now() + MAX_AHEAD:
        raise SendRefused(_("the time must lie ahead, within %s days") % MAX_AHEAD.days)
    if letter.quoted is not None:
        _quotable(conversation, letter.quoted)
    if letter.template is not None:
        return _from_template(conversation, letter, letter.template)
    if letter.attachment is not None:
        kind, mime_type = attachments.check_attachment(letter.attachment, provider, text=letter.text)
        return {"text": letter.text, "kind": kind, "mime_type": mime_type}
    if not letter.text.strip():
        raise SendRefused(_("there is nothing to send"))
    return {"text": letter.text}


def _quotable(conversation: Conversation, quoted: Message) -> None:
    if quoted.conversation_id != conversation.pk:
        raise SendRefused(_("the quoted message is not of this session"))
    if not provider_of(conversation.channel).can_quote:
        raise SendRefused(_("this channel carries no quotes"))
    if not quoted.external_id:
        raise SendRefused(_("the quoted message has not reached the provider yet"))


def _from_template(conversation: Conversation, letter: OutgoingDraft, template: MessageTemplate) -> dict[str, Any]:
    if not provider_of(conversation.channel).can_send_template or letter.attachment is not None:
        raise SendRefused(
            _("this channel sends no templates") if letter.attachment is None else _("a template carries no file")
        )
    if template.channel_id != conversation.channel_id or not template.is_active:
        raise SendRefused(_("the template is not one of this channel"))
    wanted = len(set(PLACES.findall(template.text)))
    chosen = fill_template(name=template.name, language=template.language, variables=letter.variables)
    if chosen is None or len(chosen["variables"]) != wanted:
        raise SendRefused(_("the template needs %s values, each with words in it") % wanted)
    variables = chosen["variables"]
    if any(len(value) > MAX_VALUE for value in variables):
        raise SendRefused(_("a value of a template has up to %s characters") % MAX_VALUE)
    # Each placeholder once and in the approved text: placeholders inside a value are not replaced.
    words = PLACES.sub(lambda found: dict(enumerate(variables, start=1)).get(int(found[1]), ""), template.text)
    return {"text": words, "kind": Kind.TEMPLATE, "data": {"template": chosen}}


def _same_or_raise(message: Message, conversation: Conversation, letter: OutgoingDraft) -> None:
    if message.conversation_id != conversation.pk or message.data.get("fingerprint") != letter.fingerprint:
        raise KeyReused


def _record_member(conversation: Conversation, member: Member, by: str) -> None:
    clear_writing(conversation=conversation, member=member)
    if not Conversation.objects.filter(pk=conversation.pk, assignee__isnull=False).exists():
        assign(conversation=conversation, member=member, by=by)
