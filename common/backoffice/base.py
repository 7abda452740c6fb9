"""Base classes of the back office's pages: actions as buttons on a row's own page, and the columns of work rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Expression, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, Left, NullIf
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display

from common.backoffice.lists import BoundedPaginator
from common.work.acts import discard_row, retry_row
from common.work.rows import RETRYABLE, State, WorkRow

STATE_COLOURS = {
    State.QUEUED: "info",
    State.WORKING: "info",
    State.DONE: "success",
    State.HELD: "warning",
    State.UNCERTAIN: "warning",
    State.DEAD: "danger",
}
# Sent when somebody adds, changes or deletes rows by a form, or uses an action; the audit listens.
acted = Signal()
TEXT_READ = 320  # characters of a text that are loaded to show its first words


def is_installation_operator(request: HttpRequest) -> bool:
    """Return whether the user is the operator of the installation."""
    return bool(request.user.is_active and getattr(request.user, "is_superuser", False))


class PageAdmin(ModelAdmin):
    """An admin page whose actions are also buttons on the row's own page, sent by POST with CSRF."""

    list_per_page = 50
    paginator: type[Paginator] = BoundedPaginator
    show_full_result_count = False
    list_fullwidth = True
    page_template: ClassVar[str] = ""
    change_form_outer_before_template = "admin/row_actions.html"

    class Media:
        css = {"all": ["common/admin.css"]}

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        view = self.admin_site.admin_view(self.do_view)
        return [path("<path:object_id>/do/<slug:action>/", view, name=name), *super().get_urls()]

    def log_addition(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        acted.send(type(obj), page=self, request=request, rows=[obj], act="added", message=message)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: models.Model, message: Any) -> Any:
        acted.send(type(obj), page=self, request=request, rows=[obj], act="changed", message=message)
        return super().log_change(request, obj, message)

    def add_history_entry(self, request: HttpRequest, obj: models.Model, message: Any) -> None:
        """Add an entry to the row's history in the admin, without sending the audit signal."""
        super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: QuerySet) -> Any:
        acted.send(self.model, page=self, request=request, rows=list(queryset), act="deleted", message="")
        return super().log_deletions(request, queryset)

    def filter_actable(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        """Return the rows of `rows` on which the user may use actions."""
        return rows

    def has_act_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Return whether the user may use actions that require the permission `act`."""
        return is_installation_operator(request)

    # Pages without a tenant are for the operator of the installation. Django's permission tables are not used; see
    # `TenantAdmin`.
    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_installation_operator(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_installation_operator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return is_installation_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_installation_operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return is_installation_operator(request)

    def do_view(self, request: HttpRequest, object_id: str, action: str) -> HttpResponse:
        """Run one action on one row, then redirect to the row's page."""
        row = self.get_object(request, unquote(object_id))
        found = self.get_actions(request).get(action)
        if row is None or found is None or action == "delete_selected":
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        answer = found[0](self, request, self.get_queryset(request).filter(pk=row.pk))
        if answer is not None:
            return answer  # type: ignore[no-any-return]  # an action has no type
        return HttpResponseRedirect(self._address(row, "change/"))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        row = kwargs.get("obj")
        if row is not None and self.has_act_permission(request, row):
            context["row_actions"] = [
                (self._address(row, f"do/{name}/"), description)
                for name, (_function, _name, description) in self.get_actions(request).items()
                if name != "delete_selected" and self.is_action_offered(name, row)
            ]
        if row is not None and self.page_template:
            context["page_template"] = self.page_template
            context |= self.build_page_context(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def build_page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return the context of `page_template`, which is shown above the row's form."""
        return {}

    def _address(self, row: models.Model, end: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist") + f"{quote(row.pk)}/{end}"

    def is_action_offered(self, action: str, row: Any) -> bool:
        """Return whether an action makes sense for this row in its present state."""
        return True

    def for_each(
        self, request: HttpRequest, rows: QuerySet, service: Callable[[Any], object], done: str, *, failed: str = ""
    ) -> None:
        """Call `service` with each row and show how many were changed; a falsy result counts as not changed."""
        count = 0
        for row in self.filter_actable(request, rows):
            if service(row) is not False:
                count += 1
                acted.send(type(row), page=self, request=request, rows=[row], act="did", message=done)
                self.add_history_entry(request, row, done)
        left = rows.count() - count
        if count:
            self.message_user(request, f"{done}: {count}", messages.SUCCESS)
        if left > 0:
            self.message_user(request, f"{failed or _('Left as they were')}: {left}", messages.WARNING)


class AddressCheckAdmin:
    """A page whose form holds an address that is checked by a name lookup.

    The lookup runs before the form's transaction begins, so that a slow name server does not keep a transaction open.
    The form finds the result in `address_problem`.
    """

    address_field: ClassVar[str]

    def find_address_problem(self, url: str) -> str:
        """Return why this address may not be used, "" when it may."""
        raise NotImplementedError

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        given = request.POST.get(self.address_field, "").strip() if request.method == "POST" else ""
        request.address_problem = self.find_address_problem(given) if given else ""  # type: ignore[attr-defined]  # for get_form
        return super().changeform_view(request, *args, **kwargs)  # type: ignore[misc]  # ModelAdmin's

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, *args, **kwargs)  # type: ignore[misc]  # ModelAdmin's
        form.address_problem = getattr(request, "address_problem", "")
        return form


class ReadOnlyAdmin:
    """Rows that nobody edits by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WorkAdmin(ReadOnlyAdmin):
    """Work rows: their state, the reason, and the two actions of an operator, retry and discard."""

    work_columns: ClassVar[tuple[str, ...]] = ("state_shown", "due_at", "attempts", "last_error")
    work_filters: ClassVar[tuple[str, ...]] = ("state",)
    # Text expressions for whom a row is about and what it says: one query reads incidents of all kinds.
    concerns: ClassVar[tuple[Expression, ...]] = ()
    actions: Any = ("try_again", "discard")

    @display(description=_("State"), ordering="state", label={str(k): v for k, v in STATE_COLOURS.items()})
    def state_shown(self, row: WorkRow) -> tuple[str, str]:
        return row.state, row.get_state_display()

    @admin.action(description=_("Try again"), permissions=["act"])
    def try_again(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: retry_row(row=row, by=by), str(_("Tried again")))  # type: ignore[attr-defined]  # PageAdmin's

    @admin.action(description=_("Discard"), permissions=["act"])
    def discard(self, request: HttpRequest, rows: QuerySet) -> None:
        by = request.user.get_username()
        self.for_each(request, rows, lambda row: discard_row(row=row, by=by), str(_("Discarded")))  # type: ignore[attr-defined]  # PageAdmin's

    def is_action_offered(self, action: str, row: Any) -> bool:
        if action == "try_again":
            return row.state in RETRYABLE
        if action == "discard":
            return row.state in (State.DEAD, State.HELD, State.UNCERTAIN, State.QUEUED)
        return True


def first_text(*paths: str) -> Coalesce:
    """Return an expression for the first of these columns that is not empty; "" when all are."""
    said = [NullIf(Left(Cast(path, TextField()), TEXT_READ), Value("", TextField())) for path in paths]
    return Coalesce(*said, Value(""), output_field=TextField())


def shorten(text: str, length: int = 80) -> str:
    """Shorten a text for a list."""
    plain = " ".join(text[: length * 4].split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def link_to(row: models.Model | None, text: str = "") -> str:
    """Return a link to a row's page."""
    if row is None:
        return "-"
    opts = row._meta
    return format_html(
        '<a class="fd-link" href="{}">{}</a>',
        reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[quote(row.pk)]),
        text or str(row),
    )
