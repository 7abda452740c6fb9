"""The admin page of API keys: a key is shown once when created, and can do no more than its creator."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from tenants import services as tenants
from tenants.backoffice import ScopedFilter, TenantAdmin, is_operator
from tenants.declarations import SCOPES
from tenants.models import ApiKey, Tenant
from tenants.reach import OPERATOR, Reach, reach_of
from tenants.rights import EVERYTHING


class ApiKeyForm(forms.ModelForm):
    """The form of a key: name, scopes and approvers; both lists as words."""

    scopes = forms.CharField(
        label=_("Scopes"),
        widget=UnfoldAdminTextInputWidget(),
        initial="sessions:read sessions:write",
        help_text=format_lazy(
            _("Words such as {scopes}, or * for all, which an owner alone can give."), scopes=", ".join(SCOPES)
        ),
    )
    approvers = forms.CharField(
        label=_("Approvers"),
        widget=UnfoldAdminTextInputWidget(),
        required=False,
        help_text=_("Names of approvers whom the key speaks for when it decides; an owner alone can give them."),
    )

    reach_in: Any  # what the user may put on a key of a tenant
    by: str

    class Meta:
        help_texts = {
            "name": _("Which program it is for; of one name there is one live key."),
            "expiry_date": _("From then on it opens nothing; empty: it does not end by itself."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("scopes", "approvers") if self.instance.pk else ():
            self.initial[name] = " ".join(getattr(self.instance, name))

    def clean_scopes(self) -> list[str]:
        scopes = _words(self.cleaned_data["scopes"])
        unknown = [scope for scope in scopes if scope != EVERYTHING and scope not in SCOPES]
        if unknown or not scopes:
            raise ValidationError(_("Unknown scope: %(scopes)s"), params={"scopes": ", ".join(unknown)})
        return scopes

    def clean_approvers(self) -> list[str]:
        return _words(self.cleaned_data["approvers"])

    def clean(self) -> dict[str, Any]:
        """Create or change the row during validation, so that errors of the service are shown at their field."""
        given = super().clean() or self.cleaned_data
        if self.errors:
            return self.cleaned_data
        try:
            if self.instance.pk:
                reach = self.reach_in(self.instance.tenant)
                self.instance = tenants.change_api_key(key=self.instance, by=self.by, reach=reach, **given)
            else:
                self.instance, self.key = self._made(given)
        except tenants.NameTaken:
            self.add_error("name", _("There is a live key of this name: revoke it, or choose another name."))
        except tenants.BeyondReach as refused:
            self.add_error("scopes", str(refused))
        except ValueError as refused:
            self.add_error("approvers", str(refused))
        return self.cleaned_data

    def _made(self, given: dict[str, Any]) -> tuple[ApiKey, str]:
        tenant = given["tenant"]
        return tenants.create_api_key(
            tenant=tenant, name=given["name"], scopes=given["scopes"], approvers=given["approvers"], by=self.by,
            reach=self.reach_in(tenant), expires_at=given["expiry_date"], replaces=False,
        )  # fmt: skip

    def _post_clean(self) -> None:
        """Do nothing: the row is created and valid already."""


@admin.register(ApiKey)
class ApiKeyAdmin(TenantAdmin):
    """API keys; shown once when created."""

    form = ApiKeyForm
    list_display = ["name", "tenant", "prefix", "scopes", "approvers", "last_used_at", "expiry_date", "revoked"]
    list_select_related = ["tenant"]
    list_filter = ["revoked", ("tenant", ScopedFilter)]
    search_fields = ["name", "prefix"]
    actions = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        first = ["tenant", "name", "scopes", "approvers", "expiry_date"]
        return first if obj is None else [*first, "prefix", "revoked", "last_used_at", "created"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        always = ["prefix", "revoked", "last_used_at", "created"]
        return always if obj is None else ["tenant", *always]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.by = request.user.get_username()
        form.reach_in = partial(self._reach, request)
        return form

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_change_permission(request, obj)
        return may and (obj is None or not self._beyond(request, obj))

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Do nothing: the form has created or changed the row."""
        if not change:
            self.message_user(request, _("The key is shown this once; keep it safe: %s") % form.key, messages.WARNING)

    @admin.action(description=_("Revoke"), permissions=["act"])
    def revoke(self, request: HttpRequest, rows: QuerySet) -> None:
        within = [key.pk for key in rows.select_related("tenant") if not self._beyond(request, key)]
        if len(within) < rows.count():
            self.message_user(request, _("A key that can do more than you is not yours to revoke."), messages.ERROR)
        self.for_each(request, rows.filter(pk__in=within), lambda key: self._revoke(request, key), str(_("Revoked")))

    def is_action_offered(self, action: str, row: Any) -> bool:
        return not row.revoked

    def _revoke(self, request: HttpRequest, key: ApiKey) -> bool:
        by = request.user.get_username()
        return tenants.revoke_api_key(key=key, by=by, reach=self._reach(request, key.tenant))

    def _reach(self, request: HttpRequest, tenant: Tenant) -> Reach:
        return OPERATOR if is_operator(request) else reach_of(self.role_in(request, tenant.pk))

    def _beyond(self, request: HttpRequest, key: ApiKey) -> list[str]:
        return self._reach(request, key.tenant).beyond(scopes=key.scopes, approvers=key.approvers)


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()
