"""Admin pages of messages, attempts and files."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR, SEARCH_VAR
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from common.backoffice.base import ReadOnlyAdmin, WorkAdmin, first_text, link_to, shorten
from common.backoffice.lists import RecentValues
from common.text.file_names import with_extension
from common.text.plain import split_text
from common.work.acts import retry_row
from common.work.rows import State, literals
from messaging.models import Attempt, Channel, Contact, MediaFile, Message
from messaging.queries.desk import display_name
from messaging.queries.search import people_found
from tenants.access import ScopedFilter, TenantAdmin, TenantInline
from tenants.backoffice import visible

# Types that a browser may show; anything else is only downloaded, because a page or an SVG could run code here.
SAFE = (
    "image/png", "image/jpeg", "image/gif", "image/webp", "audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac",
    "audio/wav", "audio/webm", "video/mp4", "video/webm", "video/3gpp",
)  # fmt: skip

MESSAGES_FOUND = 500  # of the people that a search finds, the newest ones


class StuckFilter(admin.SimpleListFilter):
    """Filter for what waits for an operator."""

    title = _("needs a person")
    parameter_name = "stuck"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("any", _("Held, dead or uncertain")), *((str(state), state.label) for state in self.states)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        wanted = [state for state in self.states if self.value() in ("any", state)]
        if not wanted:
            return queryset
        # All of them first, as the index has them.
        return queryset.filter(state__in=literals(self.states)).filter(state__in=wanted)

    states = (State.DEAD, State.HELD, State.UNCERTAIN)


class HeldByFilter(admin.SimpleListFilter):
    """Filter by what holds a message; few rows are held, and an index knows them."""

    title = _("held by")
    parameter_name = "held_by"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("switch", _("a switch")), ("window", _("the reply window")), ("channel", _("the channel")),
            ("uncertain", _("an uncertain send")),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(state=State.HELD, held_by=self.value()) if self.value() else queryset


class AttemptInline(TenantInline):
    """The attempts to send a message."""

    model = Attempt
    fields = readonly_fields = ["started_at", "finished_at", "outcome", "code", "reason"]


@admin.register(Message)
class MessageAdmin(WorkAdmin, TenantAdmin):
    """Messages."""

    list_display = ["created_at", "contact", "direction", "purpose", "said", "delivery", "state_shown", "last_error"]
    list_display_links = ["created_at", "said"]
    list_select_related = ["conversation__contact"]
    list_filter = [
        StuckFilter, "direction", "purpose", HeldByFilter, ("channel", ScopedFilter), ("tenant", ScopedFilter),
    ]  # fmt: skip
    search_fields = ["=external_id", "conversation__contact__name"]
    ordering = ["-id"]
    fields = [
        "conversation", "channel", "direction", "purpose", "kind", "words", "author_name", "author", "state",
        "last_error", "delivery", "held_by", "error_code", "due_at", "attempts", "resends", "created_at",
        "sent_at", "delivered_at", "read_at", "edited_at", "deleted_at", "is_late", "reply_to", "external_id",
        "data",
    ]  # fmt: skip
    readonly_fields = ["words"]
    inlines = [AttemptInline]
    concerns = (display_name("conversation__contact"), first_text("text", "kind"))
    actions = ["try_again", "discard"]

    @admin.display(description=_("contact"))
    def contact(self, row: Message) -> str:
        return link_to(row.conversation, str(row.conversation.contact))

    @admin.display(description=_("text"))
    def said(self, row: Message) -> str:
        return shorten(row.text, 60) or f"[{row.kind}]"

    @admin.display(description=_("text"))
    def words(self, row: Message) -> str:
        return format_html_join(
            "", '<div class="whitespace-pre-wrap">{}</div>', ((piece,) for piece in split_text(row.text))
        )

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        # The provider's id is unique within a channel, and so is its index.
        channels = visible(request, Channel, self.admin_site).order_by().values("pk")
        [nothing] = literals([""])  # as in `called`, for many channels
        named = queryset.filter(channel_id__in=channels, external_id=term).exclude(external_id=nothing)
        if named.exists():
            return named, False
        people = people_found(visible(request, Contact, self.admin_site), term)
        # Ids first, from person to session to message: for the newest rows with all their related rows, PostgreSQL
        # would walk back through everybody's. Without other filters the index of the transcript has the whole answer
        # and its count, so that the messages, which lie all over the disk, need not be read for it.
        is_plain = set(request.GET) <= {SEARCH_VAR, PAGE_VAR, ORDER_VAR}
        rows = Message.objects.all() if is_plain else queryset
        said = rows.filter(conversation__contact__in=people).order_by("-pk").values_list("pk", flat=True)
        found = list(said[:MESSAGES_FOUND])
        if is_plain:
            request.messages_found = len(found)  # type: ignore[attr-defined]  # for get_paginator below
        return queryset.filter(pk__in=found), False

    def get_paginator(self, request: HttpRequest, *given: Any, **more: Any) -> Any:
        paginator = super().get_paginator(request, *given, **more)
        if (found := getattr(request, "messages_found", None)) is not None:
            paginator.count = found
        return paginator

    @admin.action(description=_("Send again"), permissions=["act"])
    def try_again(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows.order_by("pk"), lambda row: retry_row(row=row, by=by), str(_("Sent again")))


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin, TenantAdmin):
    """Attempts to hand a message to the provider."""

    tenant_path = "message__tenant"
    list_display = ["started_at", "message", "outcome", "code", "reason", "finished_at"]
    list_select_related = ["message"]
    list_filter = [("outcome", RecentValues)]
    ordering = ["-id"]


@admin.register(MediaFile)
class MediaFileAdmin(WorkAdmin, TenantAdmin):
    """Files of messages; only members of the tenant can open them."""

    list_display = ["message", "mime_type", "file_name", "size", "opened", *WorkAdmin.work_columns]
    list_select_related = ["message"]
    list_filter = ["state", ("tenant", ScopedFilter)]
    ordering = ["-id"]
    exclude = ["file", "url", "reference", "inline"]
    readonly_fields = ["opened"]
    concerns = (display_name("message__conversation__contact"), first_text("file_name", "mime_type"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.file_view)
        return [path("<int:pk>/file/", view, name="messaging_mediafile_file"), *super().get_urls()]

    @admin.display(description=_("file"))
    def opened(self, row: MediaFile) -> str:
        if not row.file:
            return "-"
        return format_html(
            '<a class="fd-link" href="{}">{}</a>', reverse("admin:messaging_mediafile_file", args=[row.pk]), _("Open")
        )

    def file_view(self, request: HttpRequest, pk: int) -> FileResponse:
        """Return the file; only plain pictures, sounds and videos are shown inside the browser."""
        row = self.get_queryset(request).filter(pk=pk).exclude(file="").first()
        if row is None:
            raise Http404
        is_safe = row.mime_type in SAFE
        try:
            opened = row.file.open("rb")
        except OSError:
            raise Http404 from None
        answer = FileResponse(
            opened,
            as_attachment=not is_safe,
            filename=with_extension(row.file_name, row.mime_type)
            if row.file_name
            else row.file.name.rpartition("/")[2],
            content_type=row.mime_type if is_safe else "application/octet-stream",
        )
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer["Cache-Control"] = "private, no-store"
        return answer
