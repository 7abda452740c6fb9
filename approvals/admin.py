"""Admin pages of approvals: candidates with their trail, approvers, policies."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from approvals import services as approvals
from approvals.models import (
    Approver,
    ApproverAddress,
    AskQueue,
    Candidate,
    CandidateApprover,
    Policy,
    Question,
    Revision,
    ShownCandidate,
    Timer,
    TrailEntry,
    Via,
    Vote,
)
from common.backoffice.base import ReadOnlyAdmin, WorkAdmin, first_text, link_to, shorten
from common.backoffice.lists import RecentValues
from common.text.phone_numbers import search_terms
from tenants.access import ScopedFilter, TenantAdmin, TenantInline

STATUS_COLOURS = {"pending": "warning", "approved": "success", "rejected": "danger", "expired": "info"}


class TrailEntryInline(TenantInline):
    """The trail of a candidate."""

    model = TrailEntry
    fields = readonly_fields = ["at", "kind", "actor", "text", "details"]
    show_change_link = False
    verbose_name_plural = _("trail")


class VoteInline(TenantInline):
    """The votes on a candidate."""

    model = Vote
    fields = readonly_fields = ["approver", "verdict", "option", "via", "cast_by", "created_at"]


class CandidateApproverInline(TenantInline):
    """The approvers of a candidate."""

    model = CandidateApprover
    fields = readonly_fields = ["approver", "step"]
    verbose_name_plural = _("who may answer")


@admin.register(Candidate)
class CandidateAdmin(ReadOnlyAdmin, TenantAdmin):
    """Something that a person decides, with its whole trail."""

    list_display = ["title", "tenant", "status_shown", "priority", "deadline_at", "decided_by", "created_at"]
    list_select_related = ["tenant"]
    list_filter = ["status", "priority", ("category", RecentValues), ("tenant", ScopedFilter)]
    search_fields = ["title", "short_id", "external_id"]
    ordering = ["-id"]
    fields = [
        "status", "decided_at", "decided_by", "decided_via", "decided_option", "decided_body", "reason", "callback",
        "title", "body", "link", "picture", "options", "tenant", "short_id", "external_id", "category", "priority",
        "rule", "needed", "policy", "channel", "ladder", "deadline_at", "on_deadline", "callback_url", "metadata",
        "content_hash", "decided_hash", "created_by", "created_at",
    ]  # fmt: skip
    readonly_fields = ["callback", "picture", "short_id", "content_hash", "created_at"]
    inlines = [CandidateApproverInline, VoteInline, TrailEntryInline]
    actions = ["withdraw"]

    @display(description=_("Status"), ordering="status", label=STATUS_COLOURS)
    def status_shown(self, row: Candidate) -> tuple[str, str]:
        return row.status, row.get_status_display()

    @admin.display(description=_("callback"))
    def callback(self, row: Candidate) -> str:
        """Return the state of the callback with the decision."""
        delivery = row.event.deliveries.first() if row.event is not None else None
        return link_to(delivery, delivery.get_state_display()) if delivery is not None else "-"

    @admin.display(description=_("picture"))
    def picture(self, row: Candidate) -> str:
        """Return a link to the picture; files have no addresses of their own."""
        if not row.image:
            return "-"
        words = (reverse("decisions_image", args=[row.pk]), _("Show the picture"))
        return format_html('<a class="fd-link" href="{}" target="_blank" rel="noopener">{}</a>', *words)

    @admin.action(description=_("Withdraw: ask nobody any more"), permissions=["act"])
    def withdraw(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(
            request, rows, lambda row: approvals.cancel(candidate=row, by=by, via=Via.ADMIN), str(_("Withdrawn"))
        )

    def is_action_offered(self, action: str, row: Any) -> bool:
        return bool(row.is_open)


class ApproverAddressInline(TenantInline):
    """The addresses of an approver."""

    model = ApproverAddress
    fields = readonly_fields = ["channel", "address", "place"]


@admin.register(Approver)
class ApproverAdmin(TenantAdmin):
    """A person who may decide. Whoever edits approvers could decide as any of them: owners only (tenants.rights)."""

    list_display = ["name", "tenant", "language", "quiet_from", "quiet_until", "is_default", "is_active"]
    list_select_related = ["tenant"]
    list_filter = ["is_active", "is_default", ("tenant", ScopedFilter)]
    search_fields = ["name"]
    inlines = [ApproverAddressInline]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the trail names approvers: they are set inactive instead


@admin.register(ApproverAddress)
class ApproverAddressAdmin(TenantAdmin):
    """Where an approver is asked, and from where an answer counts."""

    list_display = ["approver", "channel", "address", "place"]
    list_select_related = ["approver", "channel"]
    list_filter = [("tenant", ScopedFilter)]
    search_fields = ["address", "approver__name"]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Search by name, or by number in any of its spellings."""
        found = Q(approver__name__icontains=search_term.strip())
        for part in search_terms(search_term):
            found |= Q(address__icontains=part) | Q(canonical__icontains=part)
        return (queryset.filter(found) if search_term.strip() else queryset), False


@admin.register(Policy)
class PolicyAdmin(TenantAdmin):
    """What is approved automatically, and what needs two people."""

    list_display = ["name", "tenant", "effect", "category", "priority", "amount_up_to", "place", "is_active"]
    list_select_related = ["tenant"]
    list_filter = ["effect", "is_active", ("tenant", ScopedFilter)]


@admin.register(AskQueue)
class AskQueueAdmin(WorkAdmin, TenantAdmin):
    """The queue of questions for one address, with its state."""

    list_display = ["address", *WorkAdmin.work_columns]
    list_select_related = ["address"]
    list_filter = ["state", ("tenant", ScopedFilter)]
    ordering = ["-id"]
    concerns = (first_text("address__approver__name"),)


@admin.register(Timer)
class TimerAdmin(WorkAdmin, TenantAdmin):
    """A deadline or escalation step of a candidate."""

    list_display = ["candidate", "kind", "step", *WorkAdmin.work_columns]
    list_select_related = ["candidate"]
    list_filter = ["state", "kind", ("tenant", ScopedFilter)]
    ordering = ["-id"]
    concerns = (first_text("candidate__title"),)


@admin.register(Question)
class QuestionAdmin(ReadOnlyAdmin, TenantAdmin):
    """One candidate at one address."""

    list_display = ["candidate", "address", "kind", "state", "created_at", "shown_at", "reason"]
    list_select_related = ["candidate", "address"]
    list_filter = ["state", "kind", ("tenant", ScopedFilter)]
    ordering = ["-id"]


@admin.register(TrailEntry)
class TrailEntryAdmin(ReadOnlyAdmin, TenantAdmin):
    """The trails of all candidates."""

    list_display = ["at", "candidate", "kind", "actor", "said"]
    list_select_related = ["candidate"]
    list_filter = ["kind", ("tenant", ScopedFilter)]
    ordering = ["-id"]

    @admin.display(description=_("text"))
    def said(self, row: TrailEntry) -> str:
        return shorten(row.text)


class _ReadOnlyPage(ReadOnlyAdmin, TenantAdmin):
    """Rows behind the other pages, read only."""

    list_select_related = ["candidate"]
    list_filter = [("tenant", ScopedFilter)]
    ordering = ["-id"]


@admin.register(CandidateApprover)
class CandidateApproverAdmin(_ReadOnlyPage):
    """Who may answer which candidate."""

    list_display = ["candidate", "approver", "step"]
    list_select_related = ["candidate", "approver"]


@admin.register(Vote)
class VoteAdmin(_ReadOnlyPage):
    """The votes of approvers."""

    list_display = ["candidate", "approver", "verdict", "option", "via", "created_at"]
    list_select_related = ["candidate", "approver"]


@admin.register(Revision)
class RevisionAdmin(_ReadOnlyPage):
    """Other texts for candidates."""

    list_display = ["candidate", "number", "approver", "created_at"]
    list_select_related = ["candidate", "approver"]


@admin.register(ShownCandidate)
class ShownCandidateAdmin(_ReadOnlyPage):
    """Which message showed which candidate."""

    list_display = ["candidate", "message", "line", "revision", "is_whole"]
    list_select_related = ["candidate", "message"]
