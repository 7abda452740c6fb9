"""Edits and deletions of messages, and changes of a contact."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import DateTimeField, F, Max, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.module_loading import import_string

from common.text.phone_numbers import spellings
from common.text.plain import clean, truncate
from messaging.models import Channel, Conversation, Direction, Message
from messaging.models.conversations import ConversationStatus
from messaging.providers.base import ContactUpdate, MessageChange
from messaging.services.contacts import link_addresses, resolve_contact, store_marketing_preference
from messaging.services.previews import is_silent, refresh_waiting, show_change
from messaging.services.takeover import lock_conversation_by_id

NO_WORD = re.compile(r"[\W_]+")


class TargetMissing(Exception):
    """The changed message is not stored yet; the item is tried again."""


@transaction.atomic
def change_message(*, channel: Channel, change: MessageChange) -> Message:
    """Store an edit or a deletion; the first text stays in `data`. Raises TargetMissing.

    An edited message of a customer is unread again and waits for an answer, also when the old text was answered; a
    deleted one waits no longer. CHANGE_HANDLERS are called.
    """
    found = Message.objects.called(change.target, channel=channel).select_related("conversation").first()
    if found is None or not _is_allowed(found, change):
        raise TargetMissing("the message that changes is not known")
    conversation = lock_conversation_by_id(found.conversation_id)  # before the message: the order of all other code
    message: Message = Message.objects.called(change.target, channel=channel).select_for_update(no_key=True).get()
    message.conversation = conversation
    moment = change.at or timezone.now()
    was = _visible_text(message)
    if change.is_deleted:
        message.deleted_at = message.deleted_at or moment
    elif message.edited_at is None or message.edited_at < moment:
        message.data = {**message.data, "first_text": message.data.get("first_text", message.text)}
        message.edited_at = moment
        if change.is_unreadable:
            message.data["edit_unreadable"] = True
        else:
            message.text = clean(truncate(change.text))
            message.data.pop("edit_unreadable", None)
    is_news = message.direction == Direction.IN and not is_silent(message) and _visible_text(message) != was
    if is_news and message.deleted_at is None:
        newest = Message.objects.filter(conversation=conversation).aggregate(newest=Max("pk"))["newest"]
        message.data = {**message.data, "changed_after": newest}
    message.save(update_fields=["deleted_at", "data", "text", "edited_at"])
    show_change(message=message)
    if is_news and not _is_old(message, moment):
        _notify_handlers(message, moment)
    return message


def _is_allowed(message: Message, change: MessageChange) -> bool:
    """Return whether the change came from the chat and the side that wrote the message, where the body says so."""
    if change.chat is None:
        return True
    values = [spelling for address in change.chat.addresses for spelling in spellings(address.value)]
    is_theirs = message.conversation.contact.addresses.filter(value__in=values).exists()
    return is_theirs and (message.direction == Direction.OUT) == change.from_owner


def _visible_text(message: Message) -> tuple[str, ...]:
    """Return the text of a message as a reader sees it: changes of case, markup and spaces do not count."""
    if message.deleted_at is not None:
        return ("taken back",)
    return tuple(NO_WORD.sub(" ", message.text.casefold()).split()) or (message.text,)


def _is_old(message: Message, moment: datetime) -> bool:
    return message.is_late or moment < timezone.now() - timedelta(hours=settings.ANSWER_MAX_AGE_HOURS)


def _notify_handlers(message: Message, moment: datetime) -> None:
    conversation = message.conversation
    if message.deleted_at is not None:
        refresh_waiting(conversation=conversation)
    else:
        # What people read a minute ago is not what stands there now.
        Conversation.objects.filter(pk=conversation.pk).update(
            unread=F("unread") + 1,
            waiting_since=Coalesce(F("waiting_since"), Value(moment, DateTimeField())),
            status=ConversationStatus.OPEN,
            snoozed_until=None,
        )
    for name in settings.CHANGE_HANDLERS:
        import_string(name)(message)


@transaction.atomic
def update_contact(*, channel: Channel, update: ContactUpdate) -> None:
    """Link a person's new addresses to the contact, and store the person's preferences."""
    if not update.person.addresses:
        return
    contact = resolve_contact(tenant=channel.tenant, person=update.person)
    link_addresses(contact=contact, addresses=update.new_addresses)
    if update.opted_out is not None:
        store_marketing_preference(contact=contact, is_wanted=not update.opted_out)
