"""Admin pages of webhooks: stored bodies, failed items, statuses that wait for their message."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common.backoffice.base import ReadOnlyAdmin, WorkAdmin, first_text
from common.backoffice.lists import RecentValues
from common.work.acts import retry_row
from messaging.models import PendingStatus, WebhookEvent, WebhookItem
from tenants.access import ScopedFilter, TenantAdmin, TenantInline

SHOWN_BYTES = 20_000


class ItemInline(TenantInline):
    """The items that failed."""

    model = WebhookItem
    fields = readonly_fields = ["external_id", "state", "attempts", "last_error"]


@admin.register(WebhookEvent)
class WebhookEventAdmin(WorkAdmin, TenantAdmin):
    """Requests of providers. Only the operator of the installation sees the body."""

    tenant_path = "channel__tenant"
    list_display = ["received_at", "provider", "channel", *WorkAdmin.work_columns]
    list_select_related = ["channel"]
    list_filter = ["state", ("provider", RecentValues), ("channel", ScopedFilter)]
    ordering = ["-id"]
    exclude = ["body"]
    inlines = [ItemInline]
    concerns = (first_text("channel__name", "provider"),)
    actions = ["replay", "discard"]
    page_template = "messaging/webhook_body.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("body")

    @admin.action(description=_("Replay"), permissions=["act"])
    def replay(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: retry_row(row=row, by=by), str(_("Replayed")))

    def build_page_context(self, request: HttpRequest, row: WebhookEvent) -> dict[str, Any]:
        if not request.user.is_superuser:
            return {}
        body = bytes(row.body)
        return {"webhook_body": body[:SHOWN_BYTES].decode("utf-8", "replace"), "is_cut": len(body) > SHOWN_BYTES}


@admin.register(WebhookItem)
class WebhookItemAdmin(WorkAdmin, TenantAdmin):
    """Items of a webhook that could not be processed."""

    tenant_path = "event__channel__tenant"
    list_display = ["event", "external_id", *WorkAdmin.work_columns]
    list_select_related = ["event"]
    list_filter = ["state"]
    ordering = ["-id"]
    concerns = (first_text("event__channel__name", "event__provider"), first_text("external_id"))

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("event__body")

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if request.user.is_superuser else ["data"]


@admin.register(PendingStatus)
class PendingStatusAdmin(ReadOnlyAdmin, TenantAdmin):
    """Statuses that came before their message."""

    tenant_path = "channel__tenant"
    list_display = ["created_at", "channel", "external_id", "status", "error_code", "error_text"]
    list_select_related = ["channel"]
    list_filter = [("status", RecentValues), ("channel", ScopedFilter)]
    ordering = ["-id"]
