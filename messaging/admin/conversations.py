"""The admin page of sessions."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.backoffice.base import ReadOnlyAdmin
from messaging.admin.desk_page import DeskPage
from messaging.models import Contact, Conversation
from messaging.queries.search import people_found
from messaging.services.inbox_state import take_over
from messaging.services.operator_messages import mark_read
from messaging.services.takeover import resume
from tenants.access import ScopedFilter
from tenants.backoffice import visible


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin, DeskPage):
    """Sessions; they are paused and resumed by buttons, not by editing fields."""

    list_display = ["contact", "channel", "last_message_at", "unread", "held_by_person", "last_human_at"]
    list_select_related = ["contact", "channel"]
    list_filter = [
        ("paused_at", admin.EmptyFieldListFilter), ("channel", ScopedFilter), ("tenant", ScopedFilter), "paused_by",
    ]  # fmt: skip
    search_fields = ["contact__name", "contact__addresses__value"]
    ordering = ["-last_message_at", "-id"]
    actions = ["take_over", "hand_back", "read"]

    @display(description=_("Assistant"), ordering="paused_at", label={"on": "success", "off": "warning"})
    def held_by_person(self, row: Conversation) -> tuple[str, str]:
        if not row.is_paused:
            return "on", str(_("answering"))
        return "off", row.get_paused_by_display() or str(_("paused"))

    @admin.action(description=_("Take over (pause the assistant)"), permissions=["act"])
    def take_over(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(
            request,
            rows.select_related("tenant"),
            lambda row: take_over(conversation=row, by=by, member=self._member(request, row)),
            str(_("Taken over")),
        )

    @admin.action(description=_("Hand back to the assistant"), permissions=["act"])
    def hand_back(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(
            request, rows, lambda row: row.is_paused and resume(conversation=row, actor=by), str(_("Handed back"))
        )

    @admin.action(description=_("Mark as read"), permissions=["act"])
    def read(self, request: HttpRequest, rows: QuerySet) -> None:
        self.for_each(request, rows, lambda row: mark_read(conversation=row), str(_("Marked as read")))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        if not search_term.strip():
            return queryset, False
        found = people_found(visible(request, Contact, self.admin_site), search_term)
        return queryset.filter(contact_id__in=found), False

    def is_action_offered(self, action: str, row: Conversation) -> bool:
        return {"take_over": not row.is_paused, "hand_back": row.is_paused, "read": row.unread > 0}[action]
