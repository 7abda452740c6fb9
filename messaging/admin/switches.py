"""The kill switches on the pages of their rows; `switch_page` shows all of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from common.backoffice.base import PageAdmin, ReadOnlyAdmin
from messaging.models import SwitchChange
from messaging.services.switches import switch_installation, switch_tenant
from tenants.access import ScopedFilter, TenantAdmin
from tenants.admin import TenantPage
from tenants.models import OutboundSwitch, Tenant

HOLD, LET_GO = _("Hold messages"), _("Let messages out, the held ones first")


def asked_why(key: str) -> HttpResponseRedirect:
    """Redirect to the page of switches, where switching off requires a reason."""
    return HttpResponseRedirect(f"{reverse('switches')}#{key}")


class SwitchForm(forms.ModelForm):
    """On or off, and why."""

    class Meta:
        model = OutboundSwitch
        fields = ["is_on", "reason"]
        labels = {"is_on": _("Messages go out")}
        help_texts = {
            "is_on": _("Off: nothing leaves this installation; messages are written and held. "
                "On: the held ones go out in order."),
            "reason": _("Why, for those who come after you."),
        }  # fmt: skip
        widgets = {"is_on": UnfoldBooleanSwitchWidget(), "reason": UnfoldAdminTextInputWidget()}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("is_on") and not cleaned.get("reason", "").strip():
            self.add_error("reason", _("Say why, for those who come after you."))
        return cleaned


@admin.register(OutboundSwitch)
class OutboundSwitchAdmin(PageAdmin):
    """The installation's kill switch: whether messages are sent, who decided it and why."""

    form = SwitchForm
    fields = ["is_on", "reason", "changed_by", "changed_at"]
    readonly_fields = ["changed_by", "changed_at"]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Redirect the list to the page of its only row."""
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]  # Unfold has no types
        OutboundSwitch.objects.get_or_create(pk=1)
        return HttpResponseRedirect(reverse("admin:tenants_outboundswitch_change", args=[1]))

    def save_model(self, request: HttpRequest, obj: OutboundSwitch, form: Any, change: bool) -> None:
        switch_installation(on=obj.is_on, by=request.user.get_username(), reason=obj.reason)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SwitchableTenantPage(TenantPage):
    """A tenant, with the switch that holds its messages."""

    actions = ["hold", "let_go"]

    @admin.action(description=HOLD, permissions=["act"])
    def hold(self, request: HttpRequest, rows: QuerySet) -> HttpResponseRedirect:
        return asked_why(f"tenant-{rows.values_list('pk', flat=True).first()}")

    @admin.action(description=LET_GO, permissions=["act"])
    def let_go(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: switch_tenant(tenant=row, on=True, by=by), str(_("Let out")))

    def is_action_offered(self, action: str, row: Tenant) -> bool:
        return (action == "hold") == row.outbound_enabled


@admin.register(SwitchChange)
class SwitchChangeAdmin(ReadOnlyAdmin, TenantAdmin):
    """The history of the kill switches."""

    list_display = ["at", "tenant", "channel", "is_on", "by", "reason"]
    list_select_related = ["tenant", "channel"]
    list_filter = ["is_on", ("tenant", ScopedFilter), ("channel", ScopedFilter)]
    ordering = ["-id"]


admin.site.unregister(Tenant)
admin.site.register(Tenant, SwitchableTenantPage)
