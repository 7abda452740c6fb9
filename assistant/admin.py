"""Admin pages of the assistant: its profile, its knowledge, its turns, its costs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import INPUT_CLASSES

from assistant import services as assistant
from assistant.desk_views import FactViews, ProposalViews, TurnViews
from assistant.models import (
    AssistantProfile,
    Fact,
    Handoff,
    KnowledgeEntry,
    KnowledgeProposal,
    Spend,
    Transcription,
    Turn,
    TurnStep,
)
from common.backoffice.base import ReadOnlyAdmin, WorkAdmin, shorten
from common.backoffice.lists import RecentValues
from common.text.plain import strip_invisible
from messaging.queries.desk import display_name
from tenants.access import ScopedFilter, TenantAdmin, TenantInline
from tenants.services import record


class ProfileForm(forms.ModelForm):
    """The form of a profile; the API key of the model is set here and never shown."""

    new_api_key = forms.CharField(
        label=_("New API key"),
        required=False,
        max_length=500,
        widget=forms.PasswordInput(attrs={"class": " ".join(INPUT_CLASSES), "autocomplete": "new-password"}),
        help_text=_("Empty: stays as it is. One blank takes it away, so that the installation's key is used."),
        strip=False,
    )


@admin.register(AssistantProfile)
class AssistantProfileAdmin(TenantAdmin):
    """The settings of a tenant's assistant."""

    form = ProfileForm
    list_display = ["tenant", "is_enabled", "provider", "model", "monthly_budget_usd", "has_own_key"]
    list_select_related = ["tenant"]
    list_filter = ["is_enabled", "provider", ("tenant", ScopedFilter)]

    @admin.display(description=_("own key"), boolean=True)
    def has_own_key(self, row: AssistantProfile) -> bool:
        return bool(row.api_key)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["tenant", "has_own_key"] if obj is not None else ["has_own_key"]

    def save_model(self, request: HttpRequest, obj: AssistantProfile, form: Any, change: bool) -> None:
        given = form.cleaned_data.get("new_api_key", "")
        if given:
            obj.api_key = strip_invisible(given)
        super().save_model(request, obj, form, change)
        changed = [name for name in form.changed_data if name != "system_prompt"]
        record(
            tenant=obj.tenant,
            actor=request.user.get_username(),
            action="assistant_changed",
            subject=obj,
            changed=changed,
        )


@admin.register(KnowledgeEntry)
class KnowledgeEntryAdmin(TenantAdmin):
    """Something the assistant may say."""

    list_display = ["title", "tenant", "language", "is_active", "updated_at"]
    list_select_related = ["tenant"]
    list_filter = ["is_active", "language", ("tenant", ScopedFilter)]
    search_fields = ["title", "keywords", "content"]


@admin.register(KnowledgeProposal)
class KnowledgeProposalAdmin(ReadOnlyAdmin, ProposalViews):
    """A correction of the assistant, which a manager approves as knowledge or rejects."""

    list_display = ["title", "said", "state_shown", "proposed_by", "created_at", "decided_by"]
    list_filter = ["state", ("tenant", ScopedFilter)]
    search_fields = ["title", "content"]
    ordering = ["-id"]
    actions = ["approve", "reject"]

    @display(description=_("state"), ordering="state", label={"proposed": "warning", "approved": "success"})
    def state_shown(self, row: KnowledgeProposal) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @admin.display(description=_("answer"))
    def said(self, row: KnowledgeProposal) -> str:
        return shorten(row.content)

    @admin.action(description=_("Approve: the assistant may say it"), permissions=["act"])
    def approve(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        decided = str(_("Approved"))
        self.for_each(request, rows, lambda row: assistant.approve_proposal(proposal=row, by=by) is not None, decided)

    @admin.action(description=_("Reject"), permissions=["act"])
    def reject(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: assistant.reject_proposal(proposal=row, by=by), str(_("Rejected")))

    def is_action_offered(self, action: str, row: KnowledgeProposal) -> bool:
        return row.state == "proposed"


@admin.register(Fact)
class FactAdmin(FactViews):
    """Facts that contacts told us."""

    list_display = ["text", "contact", "tenant", "created_at"]
    list_select_related = ["contact", "tenant"]
    list_filter = [("tenant", ScopedFilter)]
    readonly_fields = ["tenant", "contact", "created_at"]
    ordering = ["-id"]


class TurnStepInline(TenantInline):
    """The steps of a turn."""

    model = TurnStep
    fields = readonly_fields = ["kind", "name", "created_at"]


@admin.register(Turn)
class TurnAdmin(WorkAdmin, TurnViews):
    """One answer of the assistant, from message to reply."""

    list_display = [
        "first_at",
        "contact",
        "outcome",
        "provider",
        "model",
        "cost_usd",
        "milliseconds",
        *WorkAdmin.work_columns,
    ]
    list_select_related = ["conversation__contact"]
    list_filter = ["state", ("outcome", RecentValues), ("provider", RecentValues), ("tenant", ScopedFilter)]
    ordering = ["-id"]
    inlines = [TurnStepInline]
    concerns = (display_name("conversation__contact"),)

    @admin.display(description=_("contact"))
    def contact(self, row: Turn) -> str:
        return str(row.conversation.contact)


@admin.register(TurnStep)
class TurnStepAdmin(ReadOnlyAdmin, TenantAdmin):
    """One step of a turn."""

    tenant_path = "turn__tenant"
    list_display = ["created_at", "turn", "kind", "name", "shown"]
    list_select_related = ["turn"]
    list_filter = [("kind", RecentValues), ("name", RecentValues)]
    ordering = ["-id"]

    @admin.display(description=_("result"))
    def shown(self, row: TurnStep) -> str:
        return shorten(str(row.result))


@admin.register(Spend)
class SpendAdmin(ReadOnlyAdmin, TenantAdmin):
    """What the assistant costs in a month."""

    list_display = ["month", "tenant", "spent_usd", "reserved_usd"]
    list_select_related = ["tenant"]
    list_filter = [("tenant", ScopedFilter)]
    ordering = ["-month"]


@admin.register(Handoff)
class HandoffAdmin(ReadOnlyAdmin, TenantAdmin):
    """A turn that an n8n workflow answers."""

    list_display = ["created_at", "turn", "event_id", "deadline_at", "claimed_by"]
    list_select_related = ["turn"]
    list_filter = ["claimed_by", ("tenant", ScopedFilter)]
    ordering = ["-id"]
    exclude = ["token_hash"]


@admin.register(Transcription)
class TranscriptionAdmin(WorkAdmin, TenantAdmin):
    """The transcription of a voice note."""

    list_display = ["media", *WorkAdmin.work_columns]
    list_select_related = ["media"]
    list_filter = ["state", ("tenant", ScopedFilter)]
    ordering = ["-id"]
    concerns = (display_name("media__message__conversation__contact"),)
