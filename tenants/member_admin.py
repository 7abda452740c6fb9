"""Members in the back office: invited with a link, given a role, removed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from tenants import members
from tenants.access import ScopedFilter, TenantAdmin
from tenants.models import Member, Role, User
from tenants.rights import has_rank


class InviteForm(forms.ModelForm):
    """The form of an invitation."""

    username = forms.CharField(label=_("Name to log in with"), max_length=150, widget=UnfoldAdminTextInputWidget())
    first_name = forms.CharField(
        label=_("First name"), max_length=150, required=False, widget=UnfoldAdminTextInputWidget()
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=150, required=False, widget=UnfoldAdminTextInputWidget()
    )
    email = forms.EmailField(label=_("E-mail"), required=False, widget=UnfoldAdminTextInputWidget())

    by: User

    class Meta:
        model = Member
        fields = ["tenant", "role"]

    def clean(self) -> Any:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            # Created while the form is validated, so that errors of the service are shown at their field.
            self.instance, self.link = members.invite(by=self.by, **given)
        return self.cleaned_data

    def _post_clean(self) -> None:
        """Do nothing: the row is created and valid already."""


@admin.register(Member)
class MemberAdmin(TenantAdmin):
    """A user's place in a tenant. Managers and owners invite people, up to their own role."""

    list_display = ["user", "tenant", "role", "email"]
    list_select_related = ["user", "tenant"]
    list_filter = ["role", ("tenant", ScopedFilter)]
    search_fields = ["user__username", "user__first_name", "user__last_name"]
    actions = ["link"]

    @admin.display(description=_("E-mail"))
    def email(self, row: Member) -> str:
        return row.user.email

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        facts = ["username", "first_name", "last_name", "email"]
        return ["tenant", *facts, "role"] if obj is None else ["tenant", "user", "email", "role"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["tenant", "user", "email"] if obj is not None else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = InviteForm
        form = super().get_form(request, obj, change, **kwargs)
        assert isinstance(request.user, User)
        form.by = request.user
        if "role" in form.base_fields:
            within = members.roles_within(request.user, obj.tenant if obj is not None else None)
            form.base_fields["role"].choices = [(role.value, role.label) for role in within]
        return form

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        if not change:
            if form.link:
                told = _("The link to choose a password is shown this once, and good for three days: %s") % form.link
                self.message_user(request, told, messages.WARNING)
            return
        try:
            members.change_role(member=obj, role=Role(obj.role), by=form.by)
        except ValidationError as refused:
            raise PermissionDenied(refused.messages[0]) from refused

    def delete_model(self, request: HttpRequest, obj: Member) -> None:
        assert isinstance(request.user, User)
        try:
            members.remove(member=obj, by=request.user)
        except ValidationError as refused:
            raise PermissionDenied(refused.messages[0]) from refused

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def _reaches(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or request.user.is_superuser or has_rank(self.role_in(request, obj.tenant_id), obj.role)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._reaches(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj) and self._reaches(request, obj)
        return may and not (obj is not None and members.is_last_owner(obj))

    @admin.action(description=_("New link to choose a password"), permissions=["act"])
    def link(self, request: HttpRequest, rows: QuerySet) -> None:
        assert isinstance(request.user, User)
        for row in self.filter_actable(request, rows.select_related("user", "tenant")):
            try:
                told, level = members.new_link(member=row, by=request.user), messages.WARNING
            except ValidationError as refused:
                told, level = refused.messages[0], messages.ERROR
            self.message_user(request, f"{row.user}: {told}", level)
