"""Whether a contact is an approver."""

from __future__ import annotations

from collections.abc import Iterable

from messaging.models import Contact, ContactAddress
from tenants.approver_lookup import approver_lookup
from tenants.models import Tenant


def is_approver(tenant: Tenant, contacts: Iterable[Contact], values: Iterable[str] = ()) -> bool:
    """Return True when an approver decides from an address of one of these contacts, or from one of `values`."""
    addresses = ContactAddress.objects.filter(contact__in=list(contacts)).values_list("value", flat=True)
    return approver_lookup().speaks_from(tenant, [*addresses, *values])
