"""Merge two contacts that are one person, and undo a merge.

Everything that refers to the contact is changed to the one that stays, in this app and in those above it: the
references are found by walking the models. The row of the merge stores each one, so that undoing uses the same list.
What would exist twice (the same label, the same fact) stays with the merged contact.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from common.errors import NotPossible
from messaging.models import Contact, ContactMerge, Conversation
from messaging.services.previews import refresh_preview
from tenants.services import record

BATCH = 500
TRIES = 5
STOPS = ("opted_out_at", "marketing_stopped_at")
KEPT_FACTS = ("name", "language", "language_is_fixed", *STOPS)
Moved = dict[str, list[list[Any]]]


@transaction.atomic
def merge_contacts(*, kept: Contact, merged: Contact, by: str) -> ContactMerge:
    """Move everything of `merged` to `kept`; raises NotPossible for two that cannot be one person.

    An opt-out under one of the names counts for both.
    """
    kept, merged = _locked(kept, merged)
    if kept.tenant_id != merged.tenant_id or kept.pk == merged.pk:
        raise NotPossible(_("these are not two contacts of one business"))
    if kept.merged_into_id or merged.merged_into_id:
        raise NotPossible(_("one of them was merged already"))
    if kept.is_group != merged.is_group:
        raise NotPossible(_("a group and a person are never the same"))
    before = {name: _plain(getattr(kept, name)) for name in KEPT_FACTS}
    moved: Moved = {}
    _move_conversations(merged, kept, moved)
    _move(Contact, merged.pk, kept.pk, moved)
    if merged.language_is_fixed and not kept.language_is_fixed:
        kept.language = merged.language
    for name in KEPT_FACTS:
        mine, other = getattr(kept, name), getattr(merged, name)
        setattr(kept, name, _newer(mine, other) if name in STOPS else mine or other)
    kept.save(update_fields=KEPT_FACTS)
    Contact.objects.filter(pk=merged.pk).update(merged_into=kept)
    row: ContactMerge = ContactMerge.objects.create(
        tenant_id=kept.tenant_id, kept=kept, merged=merged, moved=moved, before=before, by=by[:100]
    )
    record(tenant=kept.tenant, actor=by, action="contacts_merged", subject=kept, merged=merged.pk)
    return row


@transaction.atomic
def unmerge_contacts(*, merge: ContactMerge, by: str) -> ContactMerge:
    """Give the merged contact back all that it had; raises NotPossible when that was done, or must wait.

    What came after the merge stays with the contact that was kept. An opt-out then counts for both: nobody knows any
    more which of the two said it, and neither may be written to against their will.
    """
    row: ContactMerge = ContactMerge.objects.select_for_update(no_key=True).get(pk=merge.pk)
    kept, merged = _locked(row.kept, row.merged)
    if row.undone_at is not None:
        raise NotPossible(_("this was undone already"))
    if kept.merged_into_id:
        raise NotPossible(_("the contact was merged further: undo that first"))
    conversations: set[int] = set()
    for path, turned in row.moved.items():
        model, field = _named(path)
        for pk, origin, target in turned:
            # Only what is still where the merge has put it; what was moved by hand stays there.
            model._default_manager.filter(pk=pk, **{field: target}).update(**{field: origin})
            if field == "conversation_id":
                conversations |= {origin, target}
    for name, value in row.before.items():
        field_of: Any = Contact._meta.get_field(name)
        own = field_of.to_python(value)
        if name in STOPS:
            stands = getattr(kept, name)
            setattr(merged, name, _newer(getattr(merged, name), stands))
            own = _newer(own, stands)
        setattr(kept, name, own)
    kept.save(update_fields=list(row.before))
    merged.merged_into = None
    merged.save(update_fields=["merged_into", *STOPS])
    for conversation in Conversation.objects.filter(pk__in=conversations).order_by("pk"):
        refresh_preview(conversation=conversation)
    ContactMerge.objects.filter(pk=row.pk).update(undone_at=Now(), undone_by=by[:100])
    record(tenant=row.tenant, actor=by, action="contacts_unmerged", subject=kept, merged=merged.pk)
    row.refresh_from_db()
    return row


def _move_conversations(merged: Contact, kept: Contact, moved: Moved) -> None:
    """Move messages into one conversation where both wrote on one channel, and leave the other one empty."""
    for source in Conversation.objects.filter(contact=merged).order_by("pk"):
        target = Conversation.objects.filter(contact=kept, channel_id=source.channel_id).first()
        if target is None:
            continue
        _move(Conversation, source.pk, target.pk, moved)
        # What the assistant is writing there answers half of the conversation, so it is never sent.
        Conversation.objects.filter(pk=source.pk).update(
            fence=models.F("fence") + 1, unread=0, waiting_since=None, status="closed"
        )
        Conversation.objects.filter(pk=target.pk).update(
            unread=models.F("unread") + source.unread, status="open", snoozed_until=None
        )
        _write_to_the_latest(source, target, moved)
        refresh_preview(conversation=target)


def _write_to_the_latest(source: Conversation, target: Conversation, moved: Moved) -> None:
    """Set the address that the person wrote from last, with the reply window of that message."""
    if source.last_inbound_at is None or (target.last_inbound_at or source.last_inbound_at) > source.last_inbound_at:
        return
    changes = {name: getattr(source, name) for name in ("recipient_kind", "recipient", "last_inbound_at")}
    for name, value in changes.items():
        was = _plain(getattr(target, name))
        moved.setdefault(f"{Conversation._meta.label}.{name}", []).append([target.pk, was, _plain(value)])
    Conversation.objects.filter(pk=target.pk).update(**changes)


def _move(model: type[models.Model], origin: int, target: int, moved: Moved) -> None:
    for other, field in _references(model):
        rows = other._default_manager.filter(**{field: origin}).order_by("pk")
        pks = list(rows.values_list("pk", flat=True))
        # Where a constraint may refuse some, they are changed one by one, and those that exist already stay.
        size = 1 if _may_refuse(other, field) else BATCH
        for start in range(0, len(pks), size):
            batch = pks[start : start + size]
            if _turn(other, field, batch, target):
                moved.setdefault(f"{other._meta.label}.{field}", []).extend([pk, origin, target] for pk in batch)


def _turn(model: type[models.Model], field: str, pks: list[int], target: int) -> bool:
    try:
        with transaction.atomic():
            model._default_manager.filter(pk__in=pks).update(**{field: target})
    except IntegrityError:  # the other one has the same already
        return False
    return True


def _references(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Yield (model, column) of everything that refers to this model, except the merges themselves."""
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        is_column = relation.field.concrete and not relation.many_to_many
        if is_column and other is not ContactMerge and other is not Contact:
            yield other, relation.field.attname


def _may_refuse(model: type[models.Model], field: str) -> bool:
    """Return whether a constraint may forbid that two rows refer to the same."""
    column = model._meta.get_field(field.removesuffix("_id"))
    unique = (found.fields for found in model._meta.constraints if isinstance(found, models.UniqueConstraint))
    return bool(getattr(column, "unique", False)) or any(column.name in fields for fields in unique)


def _named(path: str) -> tuple[type[models.Model], str]:
    label, _, field = path.rpartition(".")
    return apps.get_model(label), field


def _locked(*contacts: Contact) -> list[Contact]:
    """Lock the contacts after all their conversations, each in one order, and return them.

    An incoming message locks its conversation and may then write to the contact. Code that creates a conversation holds
    the contact's lock until it is seen here: then all locks are released and taken again, with the new one's. Raises
    NotPossible when that happens again and again.
    """
    pks = [contact.pk for contact in contacts]
    theirs = Conversation.objects.filter(contact__in=pks).order_by("pk").values_list("pk", flat=True)
    for _try in range(TRIES):
        savepoint = transaction.savepoint()
        locked = list(theirs.select_for_update(no_key=True))
        rows = Contact.objects.select_for_update(no_key=True).filter(pk__in=pks)
        found = {row.pk: row for row in rows.order_by("pk")}
        if set(theirs) <= set(locked):
            transaction.savepoint_commit(savepoint)
            return [found[pk] for pk in pks]
        transaction.savepoint_rollback(savepoint)
    raise NotPossible(_("they are writing just now: try again in a moment"))


def _newer(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
