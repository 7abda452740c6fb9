"""Edits, deletions and what changes about a person."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from common.text import clean, cut
from messaging.models import Channel, Message
from messaging.providers.base import ContactUpdate, MessageChange
from messaging.verbs.contacts import link_addresses, note_marketing, resolve_contact
from messaging.verbs.previews import note_change


class TargetMissing(Exception):
    """The message that changes is not here yet; the item is tried again."""


@transaction.atomic
def change_message(*, channel: Channel, change: MessageChange) -> Message:
    """Show an edit or a deletion; the first text stays in `data`. Raises TargetMissing."""
    found = Message.objects.called(change.target, channel=channel)
    message: Message | None = found.select_for_update(no_key=True).first()
    if message is None:
        raise TargetMissing("the message that changes is not known")
    moment = change.at or timezone.now()
    if change.is_deleted:
        message.deleted_at = message.deleted_at or moment
    elif message.edited_at is None or message.edited_at < moment:
        message.data = {**message.data, "first_text": message.data.get("first_text", message.text)}
        message.text = clean(cut(change.text))
        message.edited_at = moment
    message.save(update_fields=["deleted_at", "data", "text", "edited_at"])
    note_change(message=message)
    return message


@transaction.atomic
def update_contact(*, channel: Channel, update: ContactUpdate) -> None:
    """Link a person's new addresses to the contact, and note what the person prefers."""
    if not update.person.addresses:
        return
    contact = resolve_contact(tenant=channel.tenant, person=update.person)
    link_addresses(contact=contact, addresses=update.new_addresses)
    if update.opted_out is not None:
        note_marketing(contact=contact, is_wanted=not update.opted_out)
