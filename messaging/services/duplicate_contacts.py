"""Find contacts that are one person with two spellings of a number, and merge them where it is certain.

They are from before numbers were compared by their canonical spelling (common.text.phone_numbers). What is not certain
is only reported: a person merges it in the list of contacts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from common.errors import NotPossible
from common.text.phone_numbers import RULES, canonical
from messaging.models import Contact, ContactAddress, ContactMerge
from messaging.providers.base import Address, AddressKind
from messaging.services.contacts import DOUBLE, link_addresses
from messaging.services.merging import merge_contacts
from tenants.models import AuditEntry, Tenant

ACCOUNT_KINDS = (AddressKind.LID, AddressKind.BSUID)  # of which an account has one


@dataclass(frozen=True, kw_only=True)
class DuplicateContacts:
    """Two contacts by their ids; `why_not` says why they are not merged, "" when they are or would be."""

    kept: int
    other: int
    why_not: str = ""


def merge_doubles(*, tenant: Tenant, by: str, is_dry_run: bool = True) -> Iterator[DuplicateContacts]:
    """Merge the doubles of a tenant into the older contact, each pair separately, and yield all that were found.

    A dry run changes nothing. Otherwise contacts with another spelling only get the canonical one too.
    """
    seen: set[tuple[int, int]] = set()
    for contacts in _by_number(tenant):
        kept = contacts[0]
        for other in contacts[1:]:
            if (kept.pk, other.pk) in seen:
                continue  # they share two numbers
            seen.add((kept.pk, other.pk))
            why_not = _why_not(kept, other)
            if not why_not and not is_dry_run:
                try:
                    merge_contacts(kept=kept, merged=other, by=by)
                except NotPossible as error:
                    why_not = str(error)
            yield DuplicateContacts(kept=kept.pk, other=other.pk, why_not=why_not)
    yield from _told_by_the_provider(tenant)
    if not is_dry_run:
        _add_canonical(tenant)


def _by_number(tenant: Tenant) -> Iterator[list[Contact]]:
    """Yield the contacts of each number that more than one has, the oldest first, as they are now."""
    holders: dict[str, set[int]] = defaultdict(set)
    for contact_id, value in _numbers(tenant).values_list("contact_id", "value").iterator():
        holders[canonical(value)].add(contact_id)
    for number in sorted(number for number, found in holders.items() if len(found) > 1):
        # Loaded again: a merge for another number may have made them one.
        rows = Contact.objects.of(tenant).filter(pk__in=holders[number], merged_into=None)
        found = list(rows.prefetch_related("addresses").order_by("pk"))
        if len(found) > 1:
            yield found


def _numbers(tenant: Tenant) -> QuerySet:
    """Return the numbers of countries with a rule, of contacts that are not merged away."""
    codes = Q()
    for code in {rule.code for rule in RULES}:
        codes |= Q(value__startswith=f"+{code}")
    rows = ContactAddress.objects.of(tenant).filter(kind=AddressKind.PHONE, contact__merged_into=None)
    found: QuerySet = rows.filter(codes)
    return found


def _why_not(kept: Contact, other: Contact) -> str:
    if ContactMerge.objects.filter(kept=kept, merged=other, undone_at__isnull=False).exists():
        return "they were merged before, and somebody undid it"
    for kind in ACCOUNT_KINDS:
        one, two = ({row.value for row in contact.addresses.all() if row.kind == kind} for contact in (kept, other))
        if one and two and not one & two:
            return f"the provider knows them as two accounts ({kind})"
    return ""


def _told_by_the_provider(tenant: Tenant) -> Iterator[DuplicateContacts]:
    """Yield those whom a provider treats as one person, where no rule about numbers makes it certain."""
    entries = AuditEntry.objects.filter(tenant=tenant, action=DOUBLE, subject_type=Contact._meta.label_lower)
    pairs = {tuple(sorted((int(entry.subject_id), int(entry.details["other"])))) for entry in entries}
    for first, second in sorted(pairs):
        rows = Contact.objects.of(tenant).filter(pk__in=(first, second), merged_into=None)
        found = list(rows.prefetch_related("addresses").order_by("pk"))
        numbers = [
            {canonical(row.value) for row in contact.addresses.all() if row.kind == AddressKind.PHONE}
            for contact in found
        ]
        if len(found) == 2 and not numbers[0] & numbers[1]:
            yield DuplicateContacts(
                kept=first, other=second, why_not="only the provider takes them for one person: look, and merge by hand"
            )


def _add_canonical(tenant: Tenant) -> None:
    for row in _numbers(tenant).select_related("contact"):
        if canonical(row.value) != row.value:
            address = Address(kind=AddressKind.PHONE, value=row.value, external_id=row.external_id)
            link_addresses(contact=row.contact, addresses=[address])
