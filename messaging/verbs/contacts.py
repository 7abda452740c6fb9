"""Who somebody is: one contact, however many names the wires use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from django.db import transaction
from django.utils import timezone

from common.language import detect
from common.prepared import Prepared, Slot
from common.text import clean
from common.work import written
from messaging.models import Contact, ContactAddress
from messaging.providers.base import Address, AddressKind, Person
from messaging.verbs import events
from tenants.models import Tenant
from tenants.verbs import record


@transaction.atomic(savepoint=False)
def resolve_contact(*, tenant: Tenant, person: Person, words: str = "") -> Contact:
    """The contact that any of the person's addresses belongs to, created when none does; new addresses are linked.

    A new one has the language of these first words, where they tell it.
    Two webhooks of the same new person may run at once: the address constraint decides whose contact stays.
    """
    contact, is_linked = _known(tenant, person.addresses)
    if contact is None:
        contact = Contact.objects.create(
            tenant=tenant,
            name=clean(person.name)[:200],
            language=detect(words),
            is_group=any(address.kind == AddressKind.GROUP for address in person.addresses),
        )
        mine = contact
        link_addresses(contact=contact, addresses=person.addresses)
        contact = _known(tenant, person.addresses)[0] or contact
        if contact.pk != mine.pk:
            mine.delete()
            link_addresses(contact=contact, addresses=person.addresses)
        else:
            events.contact_created(mine)
        return contact
    if not is_linked:
        link_addresses(contact=contact, addresses=person.addresses)
    if person.name and not contact.name:
        contact.name = clean(person.name)[:200]
        contact.save(update_fields=["name"])
    return contact


def link_addresses(*, contact: Contact, addresses: Iterable[Address]) -> None:
    """Note that a contact is known by these addresses too; one that belongs to somebody else stays theirs."""
    known = {(address.kind, address.value) for address in contact.addresses.all()}
    fresh = [address for address in addresses if (str(address.kind), address.value) not in known]
    ContactAddress.objects.bulk_create(
        [
            ContactAddress(
                tenant_id=contact.tenant_id,
                contact=contact,
                kind=str(address.kind),
                value=address.value[:200],
                external_id=address.external_id[:200],
            )
            # In one order everywhere: two webhooks that insert the same names must not wait for each other.
            for address in sorted(fresh, key=lambda address: (str(address.kind), address.value))
        ],
        ignore_conflicts=True,
    )


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


def _known(tenant: Tenant, addresses: Sequence[Address]) -> tuple[Contact | None, bool]:
    """The contact that one of the addresses belongs to, and whether all of them are known already."""
    kinds = {(str(address.kind), address.value[:200]) for address in addresses}
    values = {f"value{number}": address.value[:200] for number, address in enumerate(addresses)}
    rows = [row for row in _by_values(len(values)).all(tenant=tenant.pk, **values) if (row.kind, row.value) in kinds]
    return (rows[0].contact, len(rows) == len(kinds)) if rows else (None, False)


@cache
def _by_values(count: int) -> Prepared[ContactAddress]:
    slots = [Slot(f"value{number}") for number in range(count)]
    kinds = written(AddressKind)  # all of them: the index has the kind before the value
    return Prepared(
        lambda: (
            ContactAddress.objects.filter(tenant=Slot("tenant"), kind__in=kinds, value__in=slots)
            .select_related("contact")
            .order_by("contact_id")
        )
    )
