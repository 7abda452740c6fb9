"""The admin page of signing secrets: one for each tenant, generated or set by its owner, shown once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminPasswordWidget

from tenants import services as tenants
from tenants.backoffice import ScopedFilter, TenantAdmin
from tenants.models import SigningSecret, Tenant, check_secret


class SigningForm(forms.ModelForm):
    """A tenant's first own secret, or a new one."""

    given = forms.CharField(
        label=_("Secret"), required=False, max_length=200, widget=UnfoldAdminPasswordWidget(),
        help_text=_("One that the core service has already (base64 or hex); empty: a new one is made."),
    )  # fmt: skip

    def clean_given(self) -> str:
        given: str = self.cleaned_data["given"].strip()
        try:
            if given:
                check_secret(given)
        except ValueError as error:
            raise ValidationError(_("This is no signing secret: %s") % error) from None
        return given

    def _get_validation_exclusions(self) -> set[str]:
        """Allow a tenant that has a secret: it gets a new one."""
        return {*super()._get_validation_exclusions(), "tenant"}  # type: ignore[misc]  # Django's own hook


@admin.register(SigningSecret)
class SigningSecretAdmin(TenantAdmin):
    """The secret that signs a tenant's decisions and hand-offs; only an owner creates it, and sees it once."""

    form = SigningForm
    list_display = ["tenant", "shown_at", "previous_until"]
    list_select_related = ["tenant"]
    list_filter = [("tenant", ScopedFilter)]
    actions = ["rotate"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["tenant", "given"] if obj is None else ["tenant", "shown_at", "previous_until"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if obj is None else ["tenant", "shown_at", "previous_until"]

    def save_model(self, request: HttpRequest, obj: SigningSecret, form: Any, change: bool) -> None:
        obj.pk = self._make(request, obj.tenant, form.cleaned_data["given"]).pk

    @admin.action(description=_("Make a new secret"), permissions=["act"])
    def rotate(self, request: HttpRequest, rows: QuerySet) -> None:
        done = str(_("Made anew; the old secret signs too for 24 hours"))
        self.for_each(request, rows.select_related("tenant"), lambda row: self._make(request, row.tenant, ""), done)

    def _make(self, request: HttpRequest, tenant: Tenant, given: str) -> SigningSecret:
        by = request.user.get_username()
        row = tenants.rotate_signing_secret(tenant=tenant, by=by, secret=given)
        text = _("The secret is shown this once; keep it safe: %s") % row.secret
        self.message_user(request, text, messages.WARNING)
        return row
