"""Admin pages of labels, canned replies and templates, and of notes and merges."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.backoffice.base import ReadOnlyAdmin, link_to, shorten
from common.errors import NotPossible
from messaging.models import CannedReply, ContactMerge, ConversationLabel, Label, MessageTemplate, Note, Writing
from messaging.services.merging import unmerge_contacts
from tenants.access import ScopedFilter, TenantAdmin


@admin.register(Label)
class LabelAdmin(TenantAdmin):
    """Labels of sessions."""

    list_display = ["name", "colour", "tenant"]
    list_select_related = ["tenant"]
    list_filter = [("tenant", ScopedFilter)]
    search_fields = ["name"]


@admin.register(CannedReply)
class CannedReplyAdmin(TenantAdmin):
    """Canned replies, offered after / in the composer."""

    list_display = ["shown", "title", "said", "tenant", "updated_at"]
    list_select_related = ["tenant"]
    list_filter = [("tenant", ScopedFilter)]
    search_fields = ["shortcut", "title", "text"]

    @admin.display(description=_("shortcut"), ordering="shortcut")
    def shown(self, row: CannedReply) -> str:
        return str(row)

    @admin.display(description=_("text"))
    def said(self, row: CannedReply) -> str:
        return shorten(row.text, 80)


@admin.register(MessageTemplate)
class MessageTemplateAdmin(TenantAdmin):
    """Templates that the provider has approved."""

    list_display = ["shown", "language", "channel", "said", "is_active", "tenant"]
    list_select_related = ["channel", "tenant"]
    list_filter = ["is_active", ("channel", ScopedFilter), ("tenant", ScopedFilter)]
    search_fields = ["name", "title", "text"]

    @admin.display(description=_("name"), ordering="name")
    def shown(self, row: MessageTemplate) -> str:
        return row.title or row.name

    @admin.display(description=_("text"))
    def said(self, row: MessageTemplate) -> str:
        return shorten(row.text, 80)


@admin.register(ConversationLabel)
class ConversationLabelAdmin(ReadOnlyAdmin, TenantAdmin):
    """Labels on sessions; added and removed on the session's page."""

    list_display = ["conversation", "label", "tenant"]
    list_select_related = ["label", "tenant", "conversation"]
    list_filter = [("label", ScopedFilter), ("tenant", ScopedFilter)]
    ordering = ["-id"]


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin, TenantAdmin):
    """Notes about sessions."""

    list_display = ["created_at", "session", "author", "said"]
    list_select_related = ["conversation__contact"]
    list_filter = [("tenant", ScopedFilter)]
    ordering = ["-id"]

    @admin.display(description=_("session"))
    def session(self, row: Note) -> str:
        return link_to(row.conversation, str(row.conversation.contact))

    @admin.display(description=_("text"))
    def said(self, row: Note) -> str:
        return shorten(row.text, 80)


@admin.register(Writing)
class WritingAdmin(ReadOnlyAdmin, TenantAdmin):
    """Who is writing in which session."""

    list_display = ["member", "conversation", "seen_at"]
    list_select_related = ["member__user", "conversation"]
    ordering = ["-seen_at"]


@admin.register(ContactMerge)
class ContactMergeAdmin(ReadOnlyAdmin, TenantAdmin):
    """Merges of two contacts."""

    list_display = ["created_at", "kept", "merged", "by", "stands", "undone_by"]
    list_select_related = ["kept", "merged"]
    list_filter = [("tenant", ScopedFilter), ("undone_at", admin.EmptyFieldListFilter)]
    ordering = ["-id"]
    actions = ["undo"]

    @display(description=_("stands"), boolean=True)
    def stands(self, row: ContactMerge) -> bool:
        return row.undone_at is None

    @admin.action(description=_("Make them two contacts again"), permissions=["act"])
    def undo(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()

        def back(row: ContactMerge) -> bool:
            try:
                unmerge_contacts(merge=row, by=by)
            except NotPossible as refusal:
                self.message_user(request, str(refusal), "error")
                return False
            return True

        self.for_each(request, rows, back, str(_("Undone")))

    def is_action_offered(self, action: str, row: Any) -> bool:
        return row.undone_at is None
