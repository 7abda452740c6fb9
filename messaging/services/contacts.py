"""Find or create the contact of a person, whichever addresses the providers use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from django.db import transaction
from django.utils import timezone

from common.db.compiled import CompiledQuery, Slot
from common.text.language import detect
from common.text.phone_numbers import canonical, digits_of, spellings
from common.text.plain import clean
from common.work.rows import literals
from messaging.models import Contact, ContactAddress, Conversation
from messaging.providers.base import Address, AddressKind, Person
from messaging.services import events
from tenants.models import AuditEntry, Tenant
from tenants.services import record

DOUBLE = "contacts_seem_one"  # the provider treats two contacts as one person
Name = tuple[str, str]  # the kind and the value of an address


@transaction.atomic(savepoint=False)
def resolve_contact(*, tenant: Tenant, person: Person, words: str = "") -> Contact:
    """Return the contact with any of the person's addresses, created when there is none; new addresses are linked.

    A new contact gets the language of these first words, where they show it. Two webhooks of the same new person may
    run in parallel, with two spellings of one number: the unique constraint on addresses decides, because the canonical
    spelling is an address of each contact with a number.
    """
    contact = find_contact(tenant=tenant, person=person, words=words)
    store_name(contact=contact, person=person)
    return contact


def find_contact(*, tenant: Tenant, person: Person, words: str = "") -> Contact:
    """Like resolve_contact, without the name: it locks no existing contact.

    Code that also locks a conversation locks it before the contact.
    """
    rows = _known(tenant, person.addresses)
    contact = rows[0].contact if rows else _new_contact(tenant, person, words)
    contact = find_merged_into(contact) or contact
    if rows and not {(row.kind, row.value) for row in rows} >= _names(person.addresses).keys():
        link_addresses(contact=contact, addresses=person.addresses)
    return contact


def store_name(*, contact: Contact, person: Person) -> None:
    """Store the display name of a person, when the contact has none."""
    if person.name and not contact.name:
        contact.name = clean(person.name)[:200]
        contact.save(update_fields=["name"])


def find_merged_into(contact: Contact) -> Contact | None:
    """Return the contact that this one was merged into, also over several merges; None when it was not merged."""
    kept = None
    while contact.merged_into is not None:
        kept = contact = contact.merged_into
    return kept


def link_addresses(*, contact: Contact, addresses: Iterable[Address]) -> None:
    """Add addresses to a contact; an address of another contact stays there.

    So does another spelling of another contact's number.
    """
    known = {(address.kind, address.value) for address in contact.addresses.all()}
    fresh = {name: external_id for name, external_id in _names(addresses).items() if name not in known}
    spelt = {name for name in fresh if name[0] == AddressKind.PHONE and len(spellings(name[1])) > 1}
    if spelt:
        theirs = _spellings_of_others(contact, spelt)
        fresh = {name: external_id for name, external_id in fresh.items() if canonical(name[1]) not in theirs}
    first = {name: external_id for name, external_id in fresh.items() if canonical(name[1]) == name[1]}
    _insert(contact, first)
    if len(first) < len(fresh):
        # Another contact may have got the number just now: then its other spelling belongs to it too.
        theirs = _spellings_of_others(contact, spelt)
        _insert(contact, {name: fresh[name] for name in fresh.keys() - first if canonical(name[1]) not in theirs})


def changed_address(*, conversation: Conversation, known_as: Sequence[Address]) -> Address | None:
    """Return the address that the provider names for the person, when it is not the one that was used."""
    same = [address for address in known_as if str(address.kind) == conversation.recipient_kind]
    for address in (*same, *known_as)[:1]:
        if address.kind == AddressKind.PHONE and same:
            return address if digits_of(address.value) != digits_of(conversation.recipient) else None
        return address if address.external_id != conversation.recipient else None
    return None


@transaction.atomic
def store_provider_address(*, conversation: Conversation, address: Address) -> None:
    """Store the address that the provider names for the person of a conversation (`wa_id`, `jid`).

    Messages go to that address from now on. An address of another contact is only recorded: see `merge_doubles`.
    """
    contact = conversation.contact
    link_addresses(contact=contact, addresses=[address])
    kind, values = str(address.kind), spellings(address.value)
    theirs = ContactAddress.objects.filter(tenant=contact.tenant_id, kind=kind, value__in=values)
    other = theirs.exclude(contact=contact).values_list("contact_id", flat=True).first()
    if other is not None:
        _record_double(contact, other)
    elif str(address.kind) == conversation.recipient_kind:
        # Unless a message has arrived meanwhile, whose sender is newer information.
        was = Conversation.objects.filter(pk=conversation.pk, recipient=conversation.recipient)
        was.update(recipient=address.external_id[:200])


LIMITS = {"name": 200, "language": 10}


@transaction.atomic
def update_contact_details(*, contact: Contact, by: str, name: str | None = None, language: str | None = None) -> bool:
    """Change a contact's name and language; None leaves a value unchanged. Returns False when nothing changed.

    A language that is set here stays whatever the person writes; an empty one is detected from messages again.
    """
    row = Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    given = {"name": name, "language": language}
    changed = [
        field for field, value in given.items() if value is not None and clean(value).strip() != getattr(row, field)
    ]
    for field in changed:
        setattr(row, field, clean(given[field] or "").strip()[: LIMITS[field]])
    if changed:
        row.language_is_fixed = bool(row.language) if "language" in changed else row.language_is_fixed
        row.save(update_fields=[*changed, "language_is_fixed"])
        record(tenant=row.tenant, actor=by, action="contact_edited", subject=row, changed=changed)
    return bool(changed)


@transaction.atomic
def opt_out(*, contact: Contact, by: str) -> bool:
    """Stop all automatic messages to this person; returns False when that was so already."""
    changed = Contact.objects.filter(pk=contact.pk, opted_out_at=None).update(opted_out_at=timezone.now())
    if changed:
        record(tenant=contact.tenant, actor=by, action="opted_out", subject=contact)
    return bool(changed)


@transaction.atomic
def opt_back_in(*, contact: Contact, by: str) -> bool:
    """Undo an opt-out; returns False when there was none."""
    changed = Contact.objects.filter(pk=contact.pk, opted_out_at__isnull=False).update(opted_out_at=None)
    if changed:
        record(tenant=contact.tenant, actor=by, action="opted_in", subject=contact)
    return bool(changed)


@transaction.atomic
def store_marketing_preference(*, contact: Contact, is_wanted: bool) -> bool:
    """Store the person's marketing preference from the provider; returns False when it was known."""
    before = Contact.objects.filter(pk=contact.pk, marketing_stopped_at__isnull=not is_wanted)
    changed = before.update(marketing_stopped_at=None if is_wanted else timezone.now())
    if changed:
        action = "marketing_wanted" if is_wanted else "marketing_stopped"
        record(tenant=contact.tenant, actor="provider", action=action, subject=contact)
    return bool(changed)


def _new_contact(tenant: Tenant, person: Person, words: str) -> Contact:
    mine: Contact = Contact.objects.create(
        tenant=tenant,
        name=clean(person.name)[:200],
        language=detect(words),
        is_group=any(address.kind == AddressKind.GROUP for address in person.addresses),
    )
    _insert(mine, _names(person.addresses))
    # The other transaction has one of the addresses, and committed it before ours could be inserted.
    others = [row.contact for row in _known(tenant, person.addresses) if row.contact_id != mine.pk]
    if others:
        mine.delete()
        link_addresses(contact=others[0], addresses=person.addresses)
        return others[0]
    events.emit_contact_created(mine)
    return mine


def _insert(contact: Contact, names: Mapping[Name, str]) -> None:
    # Always in one order: two webhooks that insert the same names must not wait for each other. The canonical spelling
    # of a number comes first, because it decides who has the number.
    ordered = sorted(names, key=lambda name: (name[0], canonical(name[1]), canonical(name[1]) != name[1], name[1]))
    ContactAddress.objects.bulk_create(
        [
            ContactAddress(
                tenant_id=contact.tenant_id, contact=contact, kind=name[0], value=name[1], external_id=names[name]
            )
            for name in ordered
        ],
        ignore_conflicts=True,
    )


def _names(addresses: Iterable[Address]) -> dict[Name, str]:
    """Return the names to search and store.

    Each address, and the canonical spelling of each number, with the value to send to.
    """
    found: dict[Name, str] = {}
    for address in addresses:
        found[(str(address.kind), address.value[:200])] = address.external_id[:200]
    for (kind, value), external_id in list(found.items()):
        if kind == AddressKind.PHONE:
            found.setdefault((kind, canonical(value)), external_id)
    return found


def _known(tenant: Tenant, addresses: Sequence[Address]) -> list[ContactAddress]:
    """Return the known ones: those given first, then other spellings of the numbers among them.

    So each spelling stays with its own contact where there were two before numbers were compared.
    """
    names = _names(addresses)
    given = {(str(address.kind), address.value[:200]) for address in addresses}
    wanted = dict.fromkeys((kind, spelling) for kind, value in names for spelling in (value, *spellings(value)))
    values = {f"value{number}": value for number, (_, value) in enumerate(wanted)}
    rows = [row for row in _by_values(len(values)).all(tenant=tenant.pk, **values) if (row.kind, row.value) in wanted]
    return sorted(rows, key=lambda row: (row.kind, row.value) not in given)


def _spellings_of_others(contact: Contact, names: Iterable[Name]) -> set[str]:
    """Return those of these numbers that another contact has in any spelling, by their canonical ones."""
    values = {spelling for _, value in names for spelling in spellings(value)}
    rows = ContactAddress.objects.filter(tenant=contact.tenant_id, kind=AddressKind.PHONE, value__in=values)
    return {canonical(value) for value in rows.exclude(contact=contact).values_list("value", flat=True)}


def _record_double(contact: Contact, other: int) -> None:
    """Record in the audit, once, that the provider treats two contacts as one person."""
    noted = AuditEntry.objects.filter(
        tenant=contact.tenant_id, action=DOUBLE, subject_type=Contact._meta.label_lower, subject_id=str(contact.pk)
    )
    if all(entry.details.get("other") != other for entry in noted):
        record(tenant=contact.tenant, actor="provider", action=DOUBLE, subject=contact, other=other)


@cache
def _by_values(count: int) -> CompiledQuery[ContactAddress]:
    slots = [Slot(f"value{number}") for number in range(count)]
    kinds = literals(AddressKind)  # all of them: the index has the kind before the value
    return CompiledQuery(
        lambda: (
            ContactAddress.objects.filter(tenant=Slot("tenant"), kind__in=kinds, value__in=slots)
            .select_related("contact")
            .order_by("contact_id")
        )
    )
