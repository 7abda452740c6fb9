"""Whether a contact is somebody whose word decides."""

from __future__ import annotations

from collections.abc import Iterable

from messaging.models import Contact, ContactAddress
from tenants.approver_lookup import approver_lookup
from tenants.models import Tenant


def speaks_as_approver(tenant: Tenant, contacts: Iterable[Contact], values: Iterable[str] = ()) -> bool:
    """Whether an approver decides from an address of one of these contacts, or from one of these addresses."""
    own = ContactAddress.objects.filter(contact__in=list(contacts)).values_list("value", flat=True)
    return approver_lookup().speaks_from(tenant, [*own, *values])
