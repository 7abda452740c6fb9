"""Store an incoming message in its conversation once, and offer it to the handlers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, DateTimeField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils import timezone

from common import context
from common.db.compiled import CompiledQuery, CompiledUpdate, Slot
from common.text.plain import MAX_TEXT, clean, truncate
from common.work.queue import enqueue
from common.work.rows import State, literals
from messaging import handlers
from messaging.models import Channel, Contact, Conversation, Direction, MediaFile, Message, Purpose
from messaging.models.conversations import ConversationStatus
from messaging.providers.base import Address, InboundMessage, Kind, Media, Person
from messaging.services import events
from messaging.services.contacts import find_contact, find_merged_into, store_name
from messaging.services.language import language_text, update_language
from messaging.services.previews import is_answered_since, is_silent, preview_fields
from messaging.services.takeover import find_and_lock_conversation, lock_conversation, lock_conversation_by_id

logger = logging.getLogger("frontdesk.messaging")


class HandlingFailed(Exception):
    """A handler raised in the transaction that stores the message: store it again without running handlers."""


LATE = timedelta(minutes=1)  # a later message may have been answered before it arrived
_SENT_AT = Slot("sent_at", DateTimeField())
_IS_ASSISTANT = Q(purpose=Purpose.ASSISTANT)


@transaction.atomic(savepoint=False)
def receive(*, channel: Channel, inbound: InboundMessage, at_once: bool = False) -> Message | None:
    """Store a customer's message once and offer it to the handlers; returns None when it exists already.

    `at_once` offers it in this transaction, which must be rolled back when that raises HandlingFailed; otherwise a
    separate task does.
    """
    words = language_text(inbound)
    conversation = open_conversation(channel=channel, inbound=inbound, words=words)
    sent_at = moment(inbound.sent_at)
    is_late = inbound.is_history or sent_at < timezone.now() - timedelta(hours=settings.ANSWER_MAX_AGE_HOURS)
    message = Message.objects.insert_once(
        **message_fields(conversation, inbound),
        direction=Direction.IN,
        purpose=Purpose.CUSTOMER,
        is_late=is_late,
        request_id=context.current().request_id,
        traceparent=context.current().traceparent,
    )
    if message is None:
        return None
    update_language(conversation=conversation, words=words, before=message.pk)
    store_media(message=message, media=inbound.media)
    _store_more_media(conversation, inbound)
    answers = _show_inbound(message, inbound, sent_at)
    if answers["has_held"]:
        _REOPEN.run(conversation=conversation.pk)
    events.emit_received(message, conversation)
    if at_once:
        _handle_at_once(message, answers)
    else:
        enqueue("messaging.handle", message.pk)
    return message


def handle(message: Message) -> None:
    """Offer a message to INBOUND_HANDLERS in order until one takes it, and settle it, in one transaction."""
    with transaction.atomic():
        message.conversation = lock_conversation_by_id(message.conversation_id)
        message.channel, message.tenant = message.conversation.channel, message.conversation.tenant
        _log_handled(message, _offer(message, load_handler_annotations(message.conversation)))


def load_handler_annotations(conversation: Conversation) -> Mapping[str, Any]:
    """Return the annotations that `handlers.call_handlers` needs of a conversation."""
    return vars(_CONCERNS.get(pk=conversation.pk))


def _handle_at_once(message: Message, answers: Mapping[str, Any]) -> None:
    try:
        taken_by = _offer(message, answers)
    except Exception as error:
        raise HandlingFailed from error
    _log_handled(message, taken_by)


def _offer(message: Message, answers: Mapping[str, Any]) -> str:
    """Return the name of the handler that took the message, and settle the message."""
    taken_by = handlers.call_handlers(message, answers)
    if message.token is None:
        # Nobody else has seen the row yet.
        message.data["handled_by"] = taken_by
        ended = {"state": State.DONE, "last_error": ""} if taken_by else _unanswered(message)
        _END.run(pk=message.pk, data=message.data, **ended)
    elif taken_by:
        # An edit may have come meanwhile: its facts stay.
        data = Message.objects.select_for_update(no_key=True).values_list("data", flat=True).get(pk=message.pk)
        message.settle(State.DONE, data={**data, "handled_by": taken_by})
    else:
        message.settle(State.IGNORED, reason=_why_unanswered(message))
    return taken_by


def _unanswered(message: Message) -> dict[str, str]:
    message.data.pop("handled_by")
    return {"state": State.IGNORED, "last_error": _why_unanswered(message)}


def _log_handled(message: Message, taken_by: str) -> None:
    ids = {"tenant_id": message.tenant_id, "conversation_id": message.conversation_id, "message_id": message.pk}
    logger.info("handled", extra={**ids, "provider": message.channel.provider, "handled_by": taken_by})


def open_conversation(*, channel: Channel, inbound: InboundMessage, words: str = "") -> Conversation:
    """Return the conversation of a message, created with the first message; the row is locked.

    A new contact gets the language of `words`.
    """
    person = inbound.sender
    if inbound.group is not None:
        person = Person(addresses=(inbound.group,), name=str(inbound.data.get("group_name", "")))
    contact: Contact | None = find_contact(tenant=channel.tenant, person=person, words=words)
    while contact is not None:
        conversation, contact = _open(channel, contact, _answer_to(inbound))
    store_name(contact=conversation.contact, person=person)
    return conversation


def _open(channel: Channel, contact: Contact, address: Address) -> tuple[Conversation, Contact | None]:
    """Lock the conversation of a contact; the second value is the right contact when this one was merged just now.

    A merge locks the conversations and then the contacts. Code with the conversation's lock sees the merge by loading
    the contact again; code that creates a conversation, which no merge could lock, by the contact's lock.
    """
    conversation, is_new = find_and_lock_conversation(channel=channel, contact=contact), False
    if conversation is None:
        conversation, is_new = Conversation.objects.get_or_create(
            channel=channel,
            contact=contact,
            defaults={
                "tenant_id": channel.tenant_id,
                "recipient_kind": str(address.kind),
                "recipient": address.external_id[:200],
            },
        )
        conversation = lock_conversation(conversation)
        now = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    else:
        now = _CONTACT.get(pk=contact.pk)
    kept = find_merged_into(now)
    if kept is not None and is_new:
        conversation.delete()
    return conversation, kept


def message_fields(conversation: Conversation, inbound: InboundMessage) -> dict[str, Any]:
    """Return the fields of the message's row that come from the provider."""
    return {
        "conversation": conversation,
        "channel": conversation.channel,
        "tenant": conversation.tenant,
        "kind": str(inbound.kind),
        "text": clean(truncate(inbound.text)),
        "data": _data(inbound),
        "external_id": inbound.external_id[:255],
        "reply_to": inbound.reply_to[:255],
        "author_name": clean(inbound.sender.name)[:200] if inbound.group else "",
        "sent_at": moment(inbound.sent_at),
    }


def store_media(*, message: Message, media: Media | None) -> MediaFile | None:
    """Store the reference to a file; a task downloads it."""
    if media is None:
        return None
    row: MediaFile = MediaFile.objects.create(
        tenant_id=message.tenant_id,
        message=message,
        reference=media.reference[:500],
        url=media.url,
        mime_type=media.mime_type[:100],
        file_name=clean(media.file_name)[:255],
        sha256=media.sha256[:64],
        size=media.size,
        seconds=media.seconds,
        inline=media.inline_base64,
        transcript=clean(truncate(media.transcript)),
    )
    enqueue("messaging.fetch_media", row.pk)
    return row


def _show_inbound(message: Message, inbound: InboundMessage, sent_at: datetime) -> Mapping[str, Any]:
    address = _answer_to(inbound)
    facts: dict[str, Any] = {
        "pk": message.conversation_id,
        "now": timezone.now(),
        "sent_at": sent_at,
        "kind": str(address.kind),
        "recipient": address.external_id[:200],
    }
    is_late = facts["now"] - sent_at > LATE
    is_answered = is_late and is_answered_since(conversation=message.conversation, asked_at=sent_at)
    if inbound.is_history or is_answered or is_silent(message):
        answers = _NOTE_SILENT.update_returning(**facts)
    else:
        answers = _NOTE_INBOUND.update_returning(**facts, **preview_fields(message))
    assert answers is not None  # the row is locked
    return answers


def _held_by_the_window() -> Any:
    return Message.objects.filter(state__in=literals([State.HELD]), held_by="window", direction=Direction.OUT)


def _questions() -> dict[str, Any]:
    return {
        "has_held": Exists(_held_by_the_window().filter(conversation=OuterRef("pk"))),
        **handlers.handler_annotations(),
    }


_CONTACT: CompiledQuery[Contact] = CompiledQuery(lambda: Contact.objects.filter(pk=Slot("pk")))
_CONCERNS: CompiledQuery[Conversation] = CompiledQuery(
    lambda: Conversation.objects.only("pk").annotate(**handlers.handler_annotations()).filter(pk=Slot("pk"))
)
_NOTED: dict[str, Any] = {
    "unread": F("unread") + 1,
    "last_message_at": Slot("now"),
    "last_inbound_at": Greatest(Coalesce(F("last_inbound_at"), _SENT_AT), _SENT_AT),
    "recipient_kind": Slot("kind"),
    "recipient": Slot("recipient"),
}
_NOTE_SILENT: CompiledUpdate[Conversation] = CompiledUpdate(
    lambda: Conversation.objects.filter(pk=Slot("pk")), asks=_questions, **_NOTED
)
# The message is shown, it waits for an answer, and the conversation is open again.
_NOTE_INBOUND: CompiledUpdate[Conversation] = CompiledUpdate(
    lambda: Conversation.objects.filter(pk=Slot("pk")),
    asks=_questions,
    **_NOTED,
    last_text=Slot("last_text"),
    last_purpose=Slot("last_purpose"),
    waiting_since=Coalesce(F("waiting_since"), _SENT_AT),
    status=ConversationStatus.OPEN,
    snoozed_until=None,
)
_END: CompiledUpdate[Message] = CompiledUpdate(
    lambda: Message.objects.filter(pk=Slot("pk")),
    state=Slot("state"),
    last_error=Slot("last_error"),
    data=Slot("data"),
)
# The customer wrote, so the reply window is open: held messages of people go out now, in order. What the assistant had
# to say is answered again, together with the new message.
_REOPEN: CompiledUpdate[Message] = CompiledUpdate(
    lambda: _held_by_the_window().filter(conversation=Slot("conversation")),
    state=Case(When(_IS_ASSISTANT, then=Value(State.IGNORED)), default=Value(State.QUEUED)),
    last_error=Case(When(_IS_ASSISTANT, then=Value("the customer wrote again")), default=Value("")),
    held_by="",
    attempts=0,
    due_at=Now(),
)


def _store_more_media(conversation: Conversation, inbound: InboundMessage) -> None:
    """Store further files of the same message as messages of their own, which are not handled again."""
    for number, media in enumerate(inbound.more_media, start=1):
        fields = message_fields(conversation, inbound) | {
            "external_id": f"{inbound.external_id[:250]}#{number}",
            "kind": media_kind(media.mime_type),
            "text": "",
        }
        message = Message.objects.insert_once(
            **fields, direction=Direction.IN, purpose=Purpose.CUSTOMER, state=State.DONE
        )
        if message is not None:
            store_media(message=message, media=media)


def media_kind(mime_type: str) -> str:
    """Return our word for a kind of file."""
    family = mime_type.split("/", maxsplit=1)[0]
    return family if family in ("image", "video", "audio") else "document"


def moment(sent_at: datetime | None) -> datetime:
    """Return the provider's time, or ours when it gave none or one in the future."""
    now = timezone.now()
    return min(sent_at, now) if sent_at is not None else now


def _answer_to(inbound: InboundMessage) -> Address:
    if inbound.group is not None:
        return inbound.group
    return inbound.sender.addresses[0]


def _data(inbound: InboundMessage) -> dict[str, Any]:
    data = dict(inbound.data)
    if inbound.is_mention:
        data["is_mention"] = True
    if inbound.group is not None:
        data["is_group"] = True
    if len(inbound.text) > MAX_TEXT:
        data["written_characters"] = len(inbound.text)  # longer than any message: the rest is only in the stored body
    return data


def _why_unanswered(message: Message) -> str:
    if message.is_late:
        return "too old on arrival to be answered"
    if message.kind in (Kind.UNSUPPORTED, Kind.SYSTEM):
        return f"kept and shown, not answered: {message.kind}"
    return "no handler took it"
