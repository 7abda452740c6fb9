"""Admin pages of contacts."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.backoffice.base import ReadOnlyAdmin
from common.errors import NotPossible
from messaging.models import Contact, ContactAddress
from messaging.queries.approvers import is_approver
from messaging.queries.search import people_found, value_holds
from messaging.services.contacts import opt_back_in, opt_out
from messaging.services.merging import merge_contacts
from tenants.access import ScopedFilter, TenantAdmin, TenantInline
from tenants.approver_lookup import EDIT_APPROVERS
from tenants.rights import least_role


class AddressInline(TenantInline):
    """The addresses of a contact."""

    model = ContactAddress
    fields = readonly_fields = ["kind", "value", "external_id"]


@admin.register(Contact)
class ContactAdmin(TenantAdmin):
    """Contacts: who writes to the business."""

    list_display = ["__str__", "tenant", "language", "is_group", "opted_out_at", "created_at"]
    list_select_related = ["tenant"]
    list_filter = [
        ("tenant", ScopedFilter), "is_group", ("opted_out_at", admin.EmptyFieldListFilter),
        ("merged_into", admin.EmptyFieldListFilter),
    ]  # fmt: skip
    search_fields = ["name", "addresses__value"]
    readonly_fields = [
        "tenant",
        "language_is_fixed",
        "is_group",
        "opted_out_at",
        "marketing_stopped_at",
        "merged_into",
        "created_at",
    ]
    inlines = [AddressInline]
    actions = ["stop", "start", "merge"]
    action_needs = {"merge": "merges.act"}

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        """Save the contact; a language set by hand stays, an empty one is detected from messages again."""
        if "language" in form.changed_data:
            obj.language_is_fixed = bool(obj.language)
        super().save_model(request, obj, form, change)

    @admin.action(description=_("Opt out: send nothing automatic"), permissions=["act"])
    def stop(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: opt_out(contact=row, by=by), str(_("Opted out")))

    @admin.action(description=_("Opt in again"), permissions=["act"])
    def start(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: opt_back_in(contact=row, by=by), str(_("Opted in")))

    def has_merge_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may merge.

        It moves one person's history to another, so it needs more than other actions.
        """
        return self._may(request, self.role_for("merge"), obj)

    @admin.action(description=_("Merge: these two are one person"), permissions=["merge"])
    def merge(self, request: HttpRequest, rows: QuerySet) -> None:
        chosen = list(
            self.visible_with_role(request, rows, self.role_for("merge")).select_related("tenant").order_by("pk")[:3]
        )
        if len(chosen) != 2:
            self.message_user(request, _("Choose exactly two people."), messages.WARNING)
            return
        tenant = chosen[0].tenant
        is_owners = self._may_in(request, least_role(EDIT_APPROVERS), tenant.pk)
        if not is_owners and is_approver(tenant, chosen):
            self.message_user(request, _("One of them decides as an approver: an owner merges them."), messages.ERROR)
            return
        try:
            merge_contacts(kept=chosen[0], merged=chosen[1], by=request.user.get_username())
        except NotPossible as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        self.message_user(request, _("Merged. It can be undone under Contact merges."), messages.SUCCESS)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        return queryset.filter(pk__in=people_found(self.get_queryset(request), search_term)), False

    def is_action_offered(self, action: str, row: Contact) -> bool:
        if action == "merge":
            return False  # it needs two contacts: use the list
        return (action == "start") == (row.opted_out_at is not None)


@admin.register(ContactAddress)
class ContactAddressAdmin(ReadOnlyAdmin, TenantAdmin):
    """One address of a contact."""

    list_display = ["value", "kind", "contact", "tenant"]
    list_select_related = ["contact", "tenant"]
    list_filter = ["kind", ("tenant", ScopedFilter)]
    search_fields = ["value"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        return (queryset.filter(value_holds(search_term)) if search_term.strip() else queryset), False
