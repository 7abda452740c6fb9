"""Admin pages of tasks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from common.backoffice.base import shorten
from reminders import services
from reminders.models import Task
from tenants.access import ScopedFilter, TenantAdmin


class TaskForm(forms.ModelForm):
    """The form of a task; contact and assignee belong to its own tenant."""

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        tenant = self.instance.tenant if self.instance.pk else found.get("tenant")
        for name in ("contact", "assignee"):
            row = found.get(name)
            if row is not None and tenant is not None and row.tenant_id != tenant.pk:
                self.add_error(name, _("This is of another business."))
        return found


@admin.register(Task)
class TaskAdmin(TenantAdmin):
    """Something to be done, for a contact or by a member."""

    form = TaskForm
    list_display = ["about", "state_shown", "due_at", "priority", "list_name", "contact", "assignee", "tenant"]
    list_select_related = ["contact", "assignee__user", "tenant"]
    list_display_links = ["about"]
    list_filter = ["state", "priority", ("tenant", ScopedFilter)]
    search_fields = ["title", "notes", "contact__name"]
    autocomplete_fields = ["contact"]
    actions = ["done", "reopen", "cancel"]
    fields = ["tenant", "title", "notes", ("due_at", "priority"), "list_name", "contact", "assignee"]

    @admin.display(description=_("task"), ordering="title")
    def about(self, row: Task) -> str:
        return shorten(row.title, 60)

    @display(description=_("state"), ordering="state", label={"open": "info", "done": "success", "cancelled": "danger"})
    def state_shown(self, row: Task) -> tuple[str, str]:
        return row.state, row.get_state_display()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["tenant"] if obj is not None else []

    def save_model(self, request: HttpRequest, obj: Task, form: Any, change: bool) -> None:
        by, found = request.user.get_username(), form.cleaned_data
        if change:
            services.change_task(task=obj, by=by, **{name: found[name] for name in form.changed_data})
            return
        made = services.create_task(by=by, **found)
        obj.pk, obj.tenant = made.pk, made.tenant

    @admin.action(description=_("Done"), permissions=["act"])
    def done(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: services.complete_task(task=row, by=by), str(_("Done")))

    @admin.action(description=_("Open again"), permissions=["act"])
    def reopen(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: services.reopen_task(task=row, by=by), str(_("Opened again")))

    @admin.action(description=_("Cancel"), permissions=["act"])
    def cancel(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: services.cancel_task(task=row, by=by), str(_("Cancelled")))

    def is_action_offered(self, action: str, row: Task) -> bool:
        return (action == "reopen") == (row.state != "open")
