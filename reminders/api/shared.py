"""Functions that several views of this API use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError

from messaging.models import Contact
from reminders import services as reminders
from tenants.models import Tenant
from tenants.problems import Conflict


def call_service(service: Callable[[], Any]) -> Any:
    """Call the service; turn ReminderRefused into an error of the field that is wrong, or into a conflict."""
    try:
        return service()
    except reminders.ReminderRefused as error:
        if not error.field:
            raise Conflict(str(error)) from None
        name = {"first_on": "first", "quiet_from": "quiet"}.get(error.field, error.field)
        raise ValidationError({name: [str(error)]}) from None


def get_contact(tenant: Tenant, pk: int) -> Contact:
    """Return the tenant's contact with this id, or raise 404."""
    row: Contact = get_object_or_404(_contacts(tenant), pk=pk)
    return row


def named_contact(tenant: Tenant, pk: int) -> Contact:
    """Return the contact that a body names; raises ValidationError."""
    row = _contacts(tenant).filter(pk=pk, merged_into=None).first()
    if row is None:
        raise ValidationError({"contact": ["There is no contact with this id."]})
    return row


def _contacts(tenant: Tenant) -> QuerySet[Contact]:
    rows: QuerySet[Contact] = Contact.objects.of(tenant).select_related("tenant")
    return rows
