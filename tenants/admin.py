"""Admin pages: users, second factors, log-in attempts, audit, rate limits, stored answers."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from common.backoffice.base import PageAdmin, ReadOnlyAdmin, WorkAdmin, first_text
from common.backoffice.lists import RecentValues
from tenants import admin_keys, admin_signing, admin_webhooks, member_admin
from tenants.access import ScopedFilter, TenantAdmin
from tenants.models import (
    AuditEntry,
    AuditSeal,
    LoginAttempt,
    RecoveryCode,
    SecondFactor,
    StoredAnswer,
    Tenant,
    TenantJobRun,
    User,
)
from tenants.second_factor import remove_factor
from tenants.tenant_admin import TenantPage

__all__ = ["TenantPage", "admin_keys", "admin_signing", "admin_webhooks", "member_admin"]


@admin.register(User)
class UserAdmin(BaseUserAdmin, PageAdmin):
    """People who log in. Only the operator of the installation creates users."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "is_staff", "is_superuser", "is_active", "last_login"]
    list_filter = ["is_staff", "is_superuser", "is_active"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (_("Person"), {"fields": ["first_name", "last_name", "email", "language"]}),
        (_("May"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]
    readonly_fields = ["last_login", "date_joined"]
    actions = ["reset_factor"]

    @admin.action(description=_("Take away the second factor"), permissions=["act"])
    def reset_factor(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda user: remove_factor(user=user, by=by), str(_("Taken away")))


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin, PageAdmin):
    """People with a second factor; it is removed on the user's page."""

    list_display = ["user", "confirmed_at"]
    list_select_related = ["user"]
    fields = ["user", "confirmed_at"]
    search_fields = ["user__username"]


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin, PageAdmin):
    """Recovery codes that are left, as hashes."""

    list_display = ["user", "used_at"]
    list_select_related = ["user"]
    fields = ["user", "used_at"]
    search_fields = ["user__username"]


@admin.register(LoginAttempt)
class LoginAttemptAdmin(ReadOnlyAdmin, PageAdmin):
    """Failed log-ins; the name is stored as a hash."""

    list_display = ["at", "address"]
    list_filter = ["at"]
    search_fields = ["address"]
    fields = ["at", "address"]
    ordering = ["-at"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin, TenantAdmin):
    """Who did what; never changed."""

    list_display = ["at", "tenant", "actor", "action", "subject_type", "subject_id", "details"]
    list_select_related = ["tenant"]
    list_filter = [("action", RecentValues), ("tenant", ScopedFilter)]
    search_fields = ["actor", "subject_id"]


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnlyAdmin, PageAdmin):
    """The places of audit entries in their chains; `verify_audit` checks them."""

    list_display = ["sealed_at", "chain", "position", "entry_id", "digest"]
    list_filter = ["chain"]
    search_fields = ["=entry_id"]


admin.site.register(Tenant, TenantPage)


@admin.register(StoredAnswer)
class StoredAnswerAdmin(ReadOnlyAdmin, TenantAdmin):
    """Responses that were stored under an Idempotency-Key, for a day."""

    list_display = ["created_at", "tenant", "status"]
    list_select_related = ["tenant"]
    list_filter = [("tenant", ScopedFilter)]
    fields = ["created_at", "tenant", "status"]


@admin.register(TenantJobRun)
class TenantJobRunAdmin(WorkAdmin, TenantAdmin):
    """Runs of scheduled jobs in a tenant's own time."""

    list_display = ["day", "job", "tenant", *WorkAdmin.work_columns]
    list_select_related = ["tenant"]
    list_filter = ["state", "job", ("tenant", ScopedFilter)]
    ordering = ["-id"]
    concerns = (first_text("job"),)
