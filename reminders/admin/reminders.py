"""Admin pages of reminders and their occurrences."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.backoffice.base import WorkAdmin, first_text, shorten
from messaging.models import ContactAddress
from messaging.queries.desk import display_name
from messaging.queries.search import value_holds
from reminders import services
from reminders.fields import delivery_of
from reminders.models import Occurrence, OccurrenceOutcome, Reminder, ReminderState
from reminders.queries import database_now, reminder_conversation, zone_of
from reminders.services.reminders import WantedTimes
from tenants.access import ScopedFilter, TenantAdmin
from tenants.backoffice import is_operator, tenants_with
from timewords.formatting import format_rule
from timewords.rules import local_time

SHOWN_PAST, SHOWN_NEXT = 20, 10
COLOURS = {"active": "success", "paused": "warning", "done": "info", "cancelled": "danger"}
OUTCOMES = {"sent": "success", "sent_late": "warning", "missed": "danger", "opted_out": "warning"}
WRITTEN = (
    "text", "first_on", "at_time", "zone", "rule", "last_on", "quiet_from", "quiet_to", "way", "miss_policy",
    "grace_minutes",
)  # fmt: skip


class ReminderForm(forms.ModelForm):
    """The form of a reminder; errors are shown at their fields."""

    allowed_tenants: list[int] | None = None  # None: all, for the operator of the installation

    class Meta:
        model = Reminder
        fields = ["contact", *WRITTEN]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "zone" in self.fields:
            self.fields["zone"].required = False
            if self.instance.pk is None:
                self.initial["zone"] = ""
        if "text" in self.fields:
            self.fields["text"].widget.attrs["rows"] = 3

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        contact = self.instance.contact if self.instance.pk else found.get("contact")
        if contact is None or self.errors:
            return found
        if self.allowed_tenants is not None and contact.tenant_id not in self.allowed_tenants:
            self.add_error("contact", _("You may not add reminders for this contact."))
            return found
        found["zone"] = found.get("zone") or zone_of(contact)
        self._check(contact, found)
        return found

    def _check(self, contact: Any, found: dict[str, Any]) -> None:
        try:
            if self.instance.pk is None and reminder_conversation(contact) is None:
                raise services.ReminderRefused("This contact has no session yet.", "contact")
            found |= times_of(found).fields()
            row = Reminder(**{name: found[name] for name in WRITTEN})
            if self.instance.pk is None or {*self.changed_data} & {"first_on", "at_time", "zone", "rule", "last_on"}:
                services.check_reminder(row, database_now())
        except services.ReminderRefused as error:
            name = {"first": "first_on"}.get(error.field, error.field)
            self.add_error(name if name in self.fields else None, str(error))


def times_of(found: dict[str, Any]) -> WantedTimes:
    """Return the times from the form."""
    first = datetime.combine(found["first_on"], found["at_time"])
    return WantedTimes(first=first, zone=found["zone"], rule=found["rule"], last_on=found["last_on"])


@admin.register(Reminder)
class ReminderAdmin(TenantAdmin):
    """What people are reminded of, and when."""

    form = ReminderForm
    list_display = ["about", "contact", "state_shown", "next_here", "often", "zone", "tenant"]
    list_select_related = ["contact", "tenant"]
    list_filter = ["state", ("tenant", ScopedFilter), "miss_policy"]
    list_display_links = ["about"]
    search_fields = ["text", "contact__name"]
    ordering = ["next_at", "-id"]
    autocomplete_fields = ["contact"]
    page_template = "reminders/times.html"
    actions = ["pause", "go_on", "cancel"]
    fieldsets = [
        (None, {"fields": ["contact", "text"]}),
        (_("When"), {"fields": [("first_on", "at_time"), "zone", "rule", "last_on", ("quiet_from", "quiet_to")]}),
        (_("How"), {"fields": ["way", ("miss_policy", "grace_minutes")]}),
    ]

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """Search by the text, the person's name, or a part of the number in any of its spellings."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if any(letter.isdigit() or letter == "@" for letter in search_term):
            known_by = ContactAddress.objects.filter(value_holds(search_term)).values("contact")
            found |= queryset.filter(contact__in=known_by)
        return found, may_repeat

    @admin.display(description=_("reminder"), ordering="text")
    def about(self, row: Reminder) -> str:
        return shorten(row.text, 60)

    @display(description=_("state"), ordering="state", label=COLOURS)
    def state_shown(self, row: Reminder) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @admin.display(description=_("next, on the contact's clock"), ordering="next_at")
    def next_here(self, row: Reminder) -> str:
        return f"{local_time(row.next_at, row.zone):%a %d %b %Y %H:%M}" if row.next_at else "-"

    @admin.display(description=_("recurs"))
    def often(self, row: Reminder) -> str:
        return format_rule(row.rule, "en", last_on=row.last_on) if row.rule else str(_("once"))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        role = self.rights.edit if change else self.rights.add
        form.allowed_tenants = None if is_operator(request) else tenants_with(request, role)
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["contact"] if obj is not None else []

    def save_model(self, request: HttpRequest, obj: Reminder, form: Any, change: bool) -> None:
        by, found = request.user.get_username(), form.cleaned_data
        if change:
            names = {*form.changed_data}
            # A rule may contain its own last day.
            names |= {"last_on"} if "rule" in names else set()
            changes = {name: found[name] for name in WRITTEN if name in names}
            if {"first_on", "at_time", "zone"} & names:
                changes |= {"is_moment": False, "fold": 0}
            try:
                services.change_reminder(reminder=obj, by=by, **changes)
            except services.ReminderRefused as error:
                self.message_user(request, str(error), "ERROR")
            return
        manner = services.DeliveryManner(
            quiet=(found["quiet_from"], found["quiet_to"]) if found["quiet_from"] and found["quiet_to"] else None,
            way=found["way"], miss_policy=found["miss_policy"], grace_minutes=found["grace_minutes"],
        )  # fmt: skip
        made = services.create_reminder(
            contact=found["contact"], text=found["text"], by=by, when=times_of(found), manner=manner
        )
        obj.pk, obj.tenant = made.pk, made.tenant

    def build_page_context(self, request: HttpRequest, row: Reminder) -> dict[str, Any]:
        times = row.occurrences.select_related("message").order_by("-occurs_at")[:SHOWN_PAST]
        past = [(local_time(one.occurs_at, row.zone), one, delivery_of(one)) for one in times]
        coming = []
        if row.state == ReminderState.ACTIVE:
            coming = [local_time(moment, row.zone) for moment in islice(row.schedule.after(database_now()), SHOWN_NEXT)]
        return {"reminder": row, "past": past, "coming": coming}

    @admin.action(description=_("Pause"), permissions=["act"])
    def pause(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: services.pause_reminder(reminder=row, by=by), str(_("Paused")))

    @admin.action(description=_("Go on"), permissions=["act"])
    def go_on(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: services.resume_reminder(reminder=row, by=by), str(_("Going on")))

    @admin.action(description=_("Cancel for good"), permissions=["act"])
    def cancel(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: services.cancel_reminder(reminder=row, by=by), str(_("Cancelled")))

    def is_action_offered(self, action: str, row: Reminder) -> bool:
        fitting = {"pause": ("active",), "go_on": ("paused",), "cancel": ("active", "paused")}
        return row.state in fitting.get(action, (row.state,))


@admin.register(Occurrence)
class OccurrenceAdmin(WorkAdmin, TenantAdmin):
    """The occurrences of reminders: their state, and the reason."""

    list_display = ["occurs_at", "about", "contact", "outcome_shown", "answer", *WorkAdmin.work_columns]
    list_select_related = ["reminder__contact", "tenant"]
    list_filter = ["outcome", "answer", "state", ("tenant", ScopedFilter)]
    concerns = (display_name("reminder__contact"), first_text("reminder__text"))
    fields = readonly_fields = [
        "reminder", "occurs_at", "wanted_at", "outcome", "answer", "answered_at", "message", "ended_at", "state",
        "due_at", "attempts", "last_error",
    ]  # fmt: skip

    @admin.display(description=_("reminder"))
    def about(self, row: Occurrence) -> str:
        return shorten(row.reminder.text, 60)

    @admin.display(description=_("contact"))
    def contact(self, row: Occurrence) -> str:
        return str(row.reminder.contact)

    @display(description=_("outcome"), ordering="outcome", label=OUTCOMES)
    def outcome_shown(self, row: Occurrence) -> tuple[str, str]:
        return row.outcome, row.get_outcome_display() or "-"

    def is_action_offered(self, action: str, row: Any) -> bool:
        # An occurrence that a change withdrew must not be sent after it.
        return row.outcome != OccurrenceOutcome.WITHDRAWN and super().is_action_offered(action, row)
