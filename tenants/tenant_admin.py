"""The admin page of tenants."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldBooleanSwitchWidget

from common.backoffice.fields import SuggestedText
from common.text.zone_names import zone_names
from tenants.access import TenantAdmin
from tenants.models import Member, Role, Tenant, User
from tenants.services import record


class TenantForm(forms.ModelForm):
    """A tenant's name, time zone and language."""

    makes_me_owner = forms.BooleanField(
        label=_("I work there"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget(),
        help_text=_("You become its owner: sessions can be yours, and customers read your name."),
    )  # fmt: skip

    class Meta:
        model = Tenant
        fields = [
            "name", "slug", "timezone", "language", "resume_after_hours", "is_active", "requires_second_factor",
        ]  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields.pop("makes_me_owner", None)
        if "slug" in self.fields:
            self.fields["slug"].help_text = _("The short name in commands and addresses; it stays.")
        if "timezone" in self.fields:
            self.fields["timezone"].widget = SuggestedText(zone_names())
        if "language" in self.fields:
            known = dict(settings.LANGUAGES)
            own = self.instance.language
            more = [] if own in known else [(own, own)]
            self.fields["language"].widget = UnfoldAdminSelectWidget(choices=[*known.items(), *more])


class TenantPage(TenantAdmin):
    """A tenant. Its kill switch is an action that messaging adds, which also releases held messages."""

    tenant_path = "pk"
    form = TenantForm
    list_display = ["name", "slug", "is_active", "outbound_enabled", "timezone", "language", "resume_after_hours"]
    list_filter = ["is_active", "outbound_enabled"]
    search_fields = ["name", "slug"]
    readonly_fields = ["outbound_enabled", "created_at"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = ["name", "slug", "timezone", "language", "resume_after_hours", "requires_second_factor"]
        return [*own, "makes_me_owner"] if obj is None else [*own, "is_active", *self.readonly_fields]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, list[str]]:
        return {"slug": ["name"]} if obj is None else {}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = [] if request.user.is_superuser else ["slug", "is_active"]
        if obj is not None and not self._may(request, Role.OWNER, obj):
            own.append("requires_second_factor")
        return [*self.readonly_fields, *own]

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change and form.cleaned_data.get("makes_me_owner"):
            assert isinstance(request.user, User)
            member = Member.objects.create(tenant=obj, user=request.user, role=Role.OWNER)
            record(
                tenant=obj, actor=request.user.get_username(), action="member_added", subject=member, role=Role.OWNER
            )

    def response_add(self, request: HttpRequest, obj: Tenant, post_url_continue: Any = None) -> HttpResponse:
        """After adding the first tenant of an installation, return to the remaining steps."""
        if Tenant.objects.exclude(pk=obj.pk).exists() or "_save" not in request.POST or "_popup" in request.POST:
            return super().response_add(request, obj, post_url_continue)  # type: ignore[no-any-return]  # Unfold has no types
        self.message_user(request, _("%s is set up. These steps are left:") % obj, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:index"))
