"""Who somebody is: one contact, however many names the wires use."""

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

DOUBLE = "contacts_seem_one"  # the provider takes two contacts for one person
Name = tuple[str, str]  # the kind and the value of an address


@transaction.atomic(savepoint=False)
def resolve_contact(*, tenant: Tenant, person: Person, words: str = "") -> Contact:
    """The contact that any of the person's addresses belongs to, created when none does; new addresses are linked.

    A new one has the language of these first words, where they tell it. Two webhooks of the same new person may run at
    once, and in two spellings of one number: the address constraint decides whose contact stays, since the canonical
    spelling is an address of each contact with a number.
    """
    contact = find_contact(tenant=tenant, person=person, words=words)
    note_name(contact=contact, person=person)
    return contact


def find_contact(*, tenant: Tenant, person: Person, words: str = "") -> Contact:
    """As resolve_contact, without the name: it locks no contact that was there before.

    Whoever locks a conversation too locks it before the contact.
    """
    rows = _known(tenant, person.addresses)
    contact = rows[0].contact if rows else _new_contact(tenant, person, words)
    contact = kept_instead(contact) or contact
    if rows and not {(row.kind, row.value) for row in rows} >= _names(person.addresses).keys():
        link_addresses(contact=contact, addresses=person.addresses)
    return contact


def note_name(*, contact: Contact, person: Person) -> None:
    """Keep the name that a person is shown by, while the contact has none."""
    if person.name and not contact.name:
        contact.name = clean(person.name)[:200]
        contact.save(update_fields=["name"])


def kept_instead(contact: Contact) -> Contact | None:
    """The contact that this one was merged into, by way of others where that was merged further; None: it was not."""
    kept = None
    while contact.merged_into is not None:
        kept = contact = contact.merged_into
    return kept


def link_addresses(*, contact: Contact, addresses: Iterable[Address]) -> None:
    """Note that a contact is known by these addresses too; one that belongs to somebody else stays theirs.

    So does another spelling of somebody else's number.
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
        # Somebody may have taken the number just now: then its other spelling is theirs too.
        theirs = _spellings_of_others(contact, spelt)
        _insert(contact, {name: fresh[name] for name in fresh.keys() - first if canonical(name[1]) not in theirs})


def news_of(*, conversation: Conversation, known_as: Sequence[Address]) -> Address | None:
    """The name by which the provider says that it knows the person, when it is not the one that was sent to."""
    same = [address for address in known_as if str(address.kind) == conversation.recipient_kind]
    for address in (*same, *known_as)[:1]:
        if address.kind == AddressKind.PHONE and same:
            return address if digits_of(address.value) != digits_of(conversation.recipient) else None
        return address if address.external_id != conversation.recipient else None
    return None


@transaction.atomic
def learn_address(*, conversation: Conversation, address: Address) -> None:
    """Keep the name by which the provider says that it knows the person of a conversation (`wa_id`, `jid`).

    Messages go to that name from now on. One that is another contact's is only noted: see `merge_doubles`.
    """
    contact = conversation.contact
    link_addresses(contact=contact, addresses=[address])
    kind, values = str(address.kind), spellings(address.value)
    theirs = ContactAddress.objects.filter(tenant=contact.tenant_id, kind=kind, value__in=values)
    other = theirs.exclude(contact=contact).values_list("contact_id", flat=True).first()
    if other is not None:
        _note_double(contact, other)
    elif str(address.kind) == conversation.recipient_kind:
        # Unless a message has come meanwhile, whose sender is the newer word.
        was = Conversation.objects.filter(pk=conversation.pk, recipient=conversation.recipient)
        was.update(recipient=address.external_id[:200])


LIMITS = {"name": 200, "language": 10}


@transaction.atomic
def edit_contact(*, contact: Contact, by: str, name: str | None = None, language: str | None = None) -> bool:
    """Change what a person is called and spoken to in; what is None stays. False when nothing changed.

    A language that is set here stays whatever the person writes; an empty one is found from talk again.
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
    """Stop everything automatic for this person; False when that was so already."""
    changed = Contact.objects.filter(pk=contact.pk, opted_out_at=None).update(opted_out_at=timezone.now())
    if changed:
        record(tenant=contact.tenant, actor=by, action="opted_out", subject=contact)
    return bool(changed)


@transaction.atomic
def opt_back_in(*, contact: Contact, by: str) -> bool:
    """Undo an opt-out; False when there was none."""
    changed = Contact.objects.filter(pk=contact.pk, opted_out_at__isnull=False).update(opted_out_at=None)
    if changed:
        record(tenant=contact.tenant, actor=by, action="opted_in", subject=contact)
    return bool(changed)


@transaction.atomic
def note_marketing(*, contact: Contact, is_wanted: bool) -> bool:
    """Note what the person told the network about marketing; False when that was known."""
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
    # Whoever was first has one of the addresses, and committed it before ours could be written.
    others = [row.contact for row in _known(tenant, person.addresses) if row.contact_id != mine.pk]
    if others:
        mine.delete()
        link_addresses(contact=others[0], addresses=person.addresses)
        return others[0]
    events.contact_created(mine)
    return mine


def _insert(contact: Contact, names: Mapping[Name, str]) -> None:
    # In one order everywhere: two webhooks that insert the same names must not wait for each other. The canonical
    # spelling of a number comes before the others: who has it has the number.
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
    """What to look for and to keep: each address, and the canonical spelling of each number; what to send to."""
    found: dict[Name, str] = {}
    for address in addresses:
        found[(str(address.kind), address.value[:200])] = address.external_id[:200]
    for (kind, value), external_id in list(found.items()):
        if kind == AddressKind.PHONE:
            found.setdefault((kind, canonical(value)), external_id)
    return found


def _known(tenant: Tenant, addresses: Sequence[Address]) -> list[ContactAddress]:
    """Which of the names are known: those that were given first, then other spellings of the numbers among them.

    So each spelling goes on with its own contact where there were two before their numbers were compared.
    """
    names = _names(addresses)
    given = {(str(address.kind), address.value[:200]) for address in addresses}
    wanted = dict.fromkeys((kind, spelling) for kind, value in names for spelling in (value, *spellings(value)))
    values = {f"value{number}": value for number, (_, value) in enumerate(wanted)}
    rows = [row for row in _by_values(len(values)).all(tenant=tenant.pk, **values) if (row.kind, row.value) in wanted]
    return sorted(rows, key=lambda row: (row.kind, row.value) not in given)


def _spellings_of_others(contact: Contact, names: Iterable[Name]) -> set[str]:
    """Which of these numbers another contact has in any spelling, by their canonical ones."""
    values = {spelling for _, value in names for spelling in spellings(value)}
    rows = ContactAddress.objects.filter(tenant=contact.tenant_id, kind=AddressKind.PHONE, value__in=values)
    return {canonical(value) for value in rows.exclude(contact=contact).values_list("value", flat=True)}


def _note_double(contact: Contact, other: int) -> None:
    """Write into the audit, once, that the provider takes two contacts for one person."""
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
