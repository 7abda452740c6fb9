"""Admin pages of webhooks out: endpoints, events, deliveries."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from common.backoffice.base import AddressCheckAdmin, ReadOnlyAdmin, WorkAdmin, first_text
from tenants import services as tenants
from tenants.backoffice import ScopedFilter, TenantAdmin
from tenants.declarations import WEBHOOK_EVENTS
from tenants.models import EmittedEvent, WebhookDelivery, WebhookEndpoint


class EndpointForm(forms.ModelForm):
    """The form of an endpoint: address and event types, the types as words."""

    event_types = forms.CharField(
        label=_("Event types"),
        widget=UnfoldAdminTextInputWidget(),
        initial="*",
        help_text=format_lazy(_("Words such as {scopes}, or * for all."), scopes=", ".join(WEBHOOK_EVENTS)),
    )

    class Meta:
        widgets = {"url": UnfoldAdminTextInputWidget()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["event_types"] = " ".join(self.instance.event_types)

    address_problem = ""

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if self.address_problem:
            raise ValidationError(self.address_problem)
        return url

    def clean_event_types(self) -> list[str]:
        types: list[str] = self.cleaned_data["event_types"].replace(",", " ").split()
        unknown = [one for one in types if one != "*" and one not in WEBHOOK_EVENTS]
        if unknown or not types:
            raise ValidationError(_("Unknown event: %(types)s"), params={"types": ", ".join(unknown)})
        return types


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(AddressCheckAdmin, TenantAdmin):
    """Endpoints that receive a tenant's events; the secret is shown once when created."""

    form = EndpointForm
    address_field = "url"
    list_display = ["url", "tenant", "event_types", "is_enabled", "failing_since", "disabled_reason"]
    list_select_related = ["tenant"]
    list_filter = ["is_enabled", ("tenant", ScopedFilter)]
    search_fields = ["url", "description"]
    actions = ["rotate", "send_test", "switch_on", "switch_off"]

    def find_address_problem(self, url: str) -> str:
        try:
            tenants.check_endpoint(url)
        except ValueError as error:
            return str(error)
        return ""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        first = ["tenant", "url", "event_types", "description"]
        return first if obj is None else [*first, *self._facts]

    _facts = ("is_enabled", "disabled_reason", "failing_since", "previous_until", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is not None and obj.is_callback:
            return ["tenant", "url", "event_types", *self._facts]
        return list(self._facts) if obj is None else ["tenant", *self._facts]

    def save_model(self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool) -> None:
        by = request.user.get_username()
        given = form.cleaned_data
        fields = {name: given[name] for name in ("url", "event_types", "description") if name in given}
        if change:
            tenants.change_endpoint(endpoint=obj, by=by, **fields)
            return
        made = tenants.create_endpoint(tenant=obj.tenant, by=by, **fields)
        obj.pk, obj.created_at = made.pk, made.created_at
        self._show(request, made)

    @admin.action(description=_("Make a new secret"), permissions=["act"])
    def rotate(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        service = lambda row: self._show(request, tenants.rotate_secret(endpoint=row, by=by))  # noqa: E731 - one line
        self.for_each(
            request, rows.filter(is_callback=False), service, str(_("Made anew; the old secret signs too for 24 hours"))
        )

    @admin.action(description=_("Send a test"), permissions=["act"])
    def send_test(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: tenants.send_test(endpoint=row, by=by), str(_("On its way")))

    @admin.action(description=_("Switch on"), permissions=["act"])
    def switch_on(self, request: HttpRequest, rows: QuerySet) -> None:
        self._switch(request, rows, on=True)

    @admin.action(description=_("Switch off"), permissions=["act"])
    def switch_off(self, request: HttpRequest, rows: QuerySet) -> None:
        self._switch(request, rows, on=False)

    def is_action_offered(self, action: str, row: Any) -> bool:
        facts = {"switch_on": not row.is_enabled, "switch_off": row.is_enabled, "rotate": not row.is_callback}
        return bool(facts.get(action, True))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the API deletes one, with its log; here it is switched off

    def _switch(self, request: HttpRequest, rows: QuerySet, *, on: bool) -> None:
        by = request.user.get_username()
        done = str(_("Switched on") if on else _("Switched off"))
        self.for_each(request, rows, lambda row: tenants.change_endpoint(endpoint=row, by=by, is_enabled=on), done)

    def _show(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        text = _("The secret is shown this once; keep it safe: %s") % endpoint.secret
        self.message_user(request, text, messages.WARNING)


@admin.register(EmittedEvent)
class EmittedEventAdmin(ReadOnlyAdmin, TenantAdmin):
    """Events as endpoints receive them."""

    list_display = ["created_at", "tenant", "type", "event_id"]
    list_select_related = ["tenant"]
    list_filter = ["type", ("tenant", ScopedFilter)]
    search_fields = ["event_id"]
    ordering = ["-id"]
    fields = ["created_at", "tenant", "type", "event_id"]


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(WorkAdmin, TenantAdmin):
    """One event on its way to one endpoint; "Try again" also sends a delivered one again."""

    list_display = ["created_at", "endpoint", "event", "answer", *WorkAdmin.work_columns]
    list_select_related = ["endpoint", "event"]
    list_filter = ["state", ("tenant", ScopedFilter)]
    ordering = ["-id"]
    exclude = ["slot"]
    concerns = (first_text("endpoint__description", "endpoint__url"), first_text("event__type"))
