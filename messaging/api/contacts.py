"""The API of contacts: who writes, under which names, and who is the same person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import NotPossible
from common.text.phone_numbers import parse_number
from messaging import services as messaging
from messaging.api import examples
from messaging.api.more_fields import (
    AddressIn,
    ContactDetailOut,
    ContactIn,
    ContactQuery,
    MergeIn,
    MergeOut,
    UnmergeIn,
)
from messaging.models import Contact, ContactMerge
from messaging.providers.base import Address, AddressKind
from messaging.queries.approvers import is_approver
from messaging.queries.search import find_contacts
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.approver_lookup import EDIT_APPROVERS
from tenants.models import Tenant
from tenants.problems import Conflict

NEEDS = {"GET": "contacts.see"}


class Contacts(TenantView):  # GET /api/contacts
    """All people and groups that write to the business, the newest first; merged ones are not among them."""

    needs = NEEDS

    @describe("List contacts", gives=ContactDetailOut, asks=ContactQuery, is_page=True, answer=examples.CONTACT_DETAIL)
    def get(self, request: Request) -> Response:
        rows = contacts_of(self.tenant).filter(merged_into=None)
        if "q" in (asked := self.validated_query(ContactQuery)):
            found = find_contacts(self.tenant, asked["q"], limit=500).prefetch_related(None)
            rows = rows.filter(pk__in=list(found.values_list("pk", flat=True)))
        return self.paginated(rows, ("-id",), ContactDetailOut)


class ContactView(TenantView):
    """Base of the views of one contact."""

    needs = NEEDS

    def contact(self, pk: int) -> Contact:
        """Return the tenant's contact with this id, or raise 404."""
        row: Contact = get_object_or_404(contacts_of(self.tenant), pk=pk)
        return row

    def refuse_seats(self, contacts: list[Contact], values: Iterable[str] = ()) -> None:
        """Raise PermissionDenied when an approver would get one more address: only an owner decides that."""
        if not self.caller.may(EDIT_APPROVERS) and is_approver(self.tenant, contacts, values):
            raise PermissionDenied("An approver decides from one of these addresses: this needs the role owner.")


class OneContact(ContactView):  # GET, PATCH /api/contacts/<pk>
    """One person or group."""

    needs = NEEDS | {"PATCH": "contacts.act"}  # name and language, which the page of a session lets agents write

    @describe("Read a contact", gives=ContactDetailOut, answer=examples.CONTACT_DETAIL)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ContactDetailOut(self.contact(pk)).data)

    @describe(
        "Change a contact",
        takes=ContactIn,
        gives=ContactDetailOut,
        example={"name": "Ana Costa", "language": "pt-br"},
        answer=examples.CONTACT_DETAIL,
    )
    def patch(self, request: Request, pk: int) -> Response:
        contact, wanted = self.contact(pk), self.validated_body(ContactIn)
        with transaction.atomic():
            messaging.update_contact_details(
                contact=contact, by=self.actor, name=wanted.get("name"), language=wanted.get("language")
            )
            if "is_opted_out" in wanted:
                service = messaging.opt_out if wanted["is_opted_out"] else messaging.opt_back_in
                service(contact=contact, by=self.actor)
        return Response(ContactDetailOut(self.contact(pk)).data)


class Addresses(ContactView):  # POST /api/contacts/<pk>/addresses
    """One more name under which this person is known."""

    needs = {"POST": "contacts.edit"}

    @describe(
        "Add an address",
        takes=AddressIn,
        gives=ContactDetailOut,
        status=201,
        creates=True,
        example=examples.ADDRESS,
        answer=examples.CONTACT_DETAIL,
    )
    def post(self, request: Request, pk: int) -> Response:
        contact, wanted = self.contact(pk), self.validated_body(AddressIn)
        address = _address(wanted)
        self.refuse_seats([contact], [address.value])
        return self.create_once(lambda: self._add(contact, address))

    def _add(self, contact: Contact, address: Address) -> Response:
        messaging.link_addresses(contact=contact, addresses=[address])
        if not contact.addresses.filter(kind=str(address.kind), value=address.value).exists():
            raise Conflict("Another contact has this address: merge the two if they are the same person.")
        return Response(ContactDetailOut(self.contact(contact.pk)).data, status=201)


class MergeContacts(ContactView):  # POST /api/contacts/<pk>/merge
    """The other contact is the same person: all that it has moves to this one. It can be undone."""

    needs = {"POST": "merges.act"}

    @describe(
        "Merge two contacts", takes=MergeIn, gives=MergeOut, status=201, creates=True, example={"contact": 9},
        answer=examples.MERGE,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        kept, wanted = self.contact(pk), self.validated_body(MergeIn)["contact"]
        merged = contacts_of(self.tenant).filter(pk=wanted).first()
        if merged is None:
            raise ValidationError({"contact": ["There is no contact with this id."]})
        self.refuse_seats([kept, merged])
        return self.create_once(lambda: self._merge(kept, merged))

    def _merge(self, kept: Contact, merged: Contact) -> Response:
        try:
            row = messaging.merge_contacts(kept=kept, merged=merged, by=self.actor)
        except NotPossible as error:
            raise Conflict(str(error)) from None
        return Response(MergeOut(row).data, status=201)


class UnmergeContacts(ContactView):  # POST /api/contacts/<pk>/unmerge
    """Undo a merge: the contact that was put away has again what it had."""

    needs = {"POST": "merges.act"}

    @describe(
        "Undo a merge", takes=UnmergeIn, gives=MergeOut, problems=(409,), example={"merge": 2}, answer=examples.MERGE
    )
    def post(self, request: Request, pk: int) -> Response:
        contact, wanted = self.contact(pk), self.validated_body(UnmergeIn)
        rows = ContactMerge.objects.of(self.tenant).filter(kept=contact).order_by("-pk")
        rows = rows.filter(pk=wanted["merge"]) if "merge" in wanted else rows.filter(undone_at=None)
        row = rows.first()
        if row is None:
            raise Conflict("There is no such merge of this contact.")
        try:
            return Response(MergeOut(messaging.unmerge_contacts(merge=row, by=self.actor)).data)
        except NotPossible as error:
            raise Conflict(str(error)) from None


class Merges(ContactView):  # GET /api/contacts/<pk>/merges
    """What was merged into this contact, the latest first."""

    needs = {"GET": "merges.see"}

    @describe("List merges of a contact", gives=MergeOut, is_page=True, answer=examples.MERGE)
    def get(self, request: Request, pk: int) -> Response:
        return self.paginated(ContactMerge.objects.of(self.tenant).filter(kept=self.contact(pk)), ("-id",), MergeOut)


def contacts_of(tenant: Tenant) -> QuerySet[Contact]:
    """Return a tenant's contacts with their addresses."""
    rows: QuerySet[Contact] = Contact.objects.of(tenant)
    return rows.prefetch_related("addresses")


def _address(wanted: dict[str, Any]) -> Address:
    value = wanted["value"]
    if wanted["kind"] == AddressKind.PHONE:
        value = parse_number(value)
        if not value:
            raise ValidationError({"value": ["A phone number with its country code, such as +15550100111."]})
    return Address(kind=AddressKind(wanted["kind"]), value=value, external_id=value)
