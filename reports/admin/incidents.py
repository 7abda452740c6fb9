"""The incidents page: failed, held or uncertain rows of every kind of work, with retry and discard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from common.backoffice.base import WorkAdmin, shorten
from common.backoffice.pages import render_page
from common.text.numbers import parse_whole_number
from common.text.reasons import translate_reason
from common.work.acts import discard_row, retry_row
from common.work.rows import STUCK, State, WorkRow, literals, work_models
from reports import queries
from reports.admin.channel_states import channel_states
from reports.queries import StuckCounts, StuckCursor, StuckRow
from tenants.access import TenantAdmin
from tenants.models import Tenant

PAGE = 50
WORDS = 80  # characters shown of whom and what a row is about
AT_ONCE = 200  # rows that one press of a button may change


class WorkKindPage(WorkAdmin, TenantAdmin):
    """What this page needs of the admin page of a kind of work."""


@dataclass(frozen=True, kw_only=True)
class WorkKind:
    """One kind of work, as the user sees it."""

    label: str  # for example messaging.message
    name: str
    page: WorkKindPage
    rows: QuerySet


@dataclass(frozen=True, kw_only=True)
class IncidentRow:
    """One row that waits for an operator."""

    kind: WorkKind
    row: StuckRow
    may_act: bool

    @property
    def key(self) -> str:
        """Return what stands for the row in the form."""
        return f"{self.row.kind}:{self.row.pk}"

    @property
    def concerns(self) -> str:
        """Return in a few words whom or what it is about."""
        said = [shorten(text, WORDS) for text in (self.row.whom, self.row.what) if text.strip()]
        return ": ".join(said) or f"{self.kind.name} #{self.row.pk}"

    @property
    def state(self) -> State:
        """Return its state."""
        return State(self.row.state)

    @property
    def reason(self) -> str:
        """Return the reason, in the viewer's language."""
        return translate_reason(self.row.last_error)

    @property
    def address(self) -> str:
        """Return the address of its own page."""
        opts = self.kind.page.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[self.row.pk])


@dataclass(frozen=True, kw_only=True)
class IncidentFilters:
    """The filters in the query; an unknown value filters nothing."""

    kind: str = ""
    state: str = ""
    reason: str = ""
    tenant: int | None = None

    @classmethod
    def parse(cls, given: QueryDict) -> IncidentFilters:
        state, tenant = given.get("state", ""), given.get("tenant", "")
        return cls(
            kind=given.get("kind", ""),
            state=state if state in STUCK else "",
            reason=given.get("reason", "")[:200],
            tenant=parse_whole_number(tenant),
        )

    def apply(self, kind: WorkKind) -> QuerySet:
        """Return the stuck rows of a kind that match."""
        if self.kind not in ("", kind.label):
            return kind.rows.none()
        rows = queries.with_reason(kind.rows, self.reason) if self.reason else kind.rows
        rows = rows.filter(state=self.state) if self.state else rows
        return rows.filter(**{kind.page.tenant_path: self.tenant}) if self.tenant else rows

    def address(self, **changes: Any) -> str:
        """Return the address of this page with some filters changed."""
        query = QueryDict(mutable=True)
        values = {"kind": self.kind, "state": self.state, "reason": self.reason, "tenant": self.tenant, **changes}
        query.update({name: str(value) for name, value in values.items() if value})
        return f"{reverse('incidents')}{'?' if query else ''}{query.urlencode()}"


@require_http_methods(["GET", "POST"])
def incidents(request: HttpRequest) -> HttpResponseBase:
    """Show the list with counts, or perform a bulk action on POST."""
    filters = IncidentFilters.parse(request.GET)
    known = list(visible_kinds(request))
    if request.method == "POST":
        return perform_action(request, known, filters)
    found, more = list_incidents(request, known, filters, StuckCursor.parse(request.GET.get("before", "")))
    counted = queries.stuck_counts({kind.label: kind.rows for kind in known})
    counts = [(kind, counted[kind.label]) for kind in known]
    return render_page(
        request,
        "console/incidents.html",
        title=_("Incidents"),
        filters=filters,
        incidents=found,
        next=filters.address(before=more.text()) if more else "",
        counts=[_counted(kind, count, filters) for kind, count in counts if count.total],
        states=[(state, state.label, filters.address(state=state)) for state in STUCK],
        everything=filters.address(kind="", state="", reason="", tenant=None),
        of_all_states=filters.address(state=""),
        tenants=_tenants(request, filters),
        lines=channel_states(request),
        at_once=AT_ONCE,
        may_act=any(incident.may_act for incident in found),
    )


def visible_kinds(request: HttpRequest) -> Iterator[WorkKind]:
    """Yield every kind of work that has an admin page and that the user may see."""
    for model in work_models():
        page: Any = admin.site._registry.get(model)
        if isinstance(page, WorkAdmin) and isinstance(page, TenantAdmin) and page.has_view_permission(request):
            yield WorkKind(
                label=model._meta.label_lower,
                name=str(model._meta.verbose_name_plural),
                page=cast("WorkKindPage", page),
                rows=page.get_queryset(request).filter(state__in=literals(STUCK)),
            )


def list_incidents(
    request: HttpRequest, known: list[WorkKind], filters: IncidentFilters, before: StuckCursor | None
) -> tuple[list[IncidentRow], StuckCursor | None]:
    """Return one page of rows, the latest first, and where the next page begins."""
    pages = {kind.label: queries.rows_after(filters.apply(kind), kind.label, before) for kind in known}
    paths = {kind.label: kind.page.tenant_path for kind in known}
    concerns = {kind.label: kind.page.concerns for kind in known}
    rows = queries.latest_stuck(pages, paths, concerns, PAGE + 1)
    more = StuckCursor.at(rows[PAGE - 1]) if len(rows) > PAGE else None
    by_label = {kind.label: kind for kind in known}
    return [_incident(request, by_label[row.kind], row) for row in rows[:PAGE]], more


def perform_action(request: HttpRequest, known: list[WorkKind], filters: IncidentFilters) -> HttpResponse:
    """Retry or discard the chosen rows, or all that the filters show, up to AT_ONCE; then show the list again."""
    verb = request.POST.get("action", "")
    if verb not in ("retry", "drop"):
        raise Http404
    chosen = list(_chosen(request, known, filters))
    done = sum(_do(request, kind, row, verb) for kind, row in chosen[:AT_ONCE])
    words = (
        ngettext("%d row goes on.", "%d rows go on.", done) if verb == "retry" else
        ngettext("%d row was discarded.", "%d rows were discarded.", done)
    )  # fmt: skip
    if done:
        messages.success(request, words % done)
    if left := len(chosen) - done:
        messages.warning(request, _("Left as they were: %d. Press again for more than the limit.") % left)
    if not chosen:
        messages.warning(request, _("Nothing was chosen. Tick rows first."))
    return HttpResponseRedirect(filters.address())


def _chosen(
    request: HttpRequest, known: list[WorkKind], filters: IncidentFilters
) -> Iterator[tuple[WorkKind, WorkRow]]:
    """Yield rows that the user may act on: the ticked ones, or all that the filters show."""
    wanted: dict[str, list[int]] = {}
    for key in request.POST.getlist("rows")[: PAGE * 4]:
        label, _colon, given = key.rpartition(":")
        if (pk := parse_whole_number(given)) is not None:
            wanted.setdefault(label, []).append(pk)
    for kind in known:
        rows = filters.apply(kind) if "all" in request.POST else kind.rows.filter(pk__in=wanted.get(kind.label, []))
        # The oldest first: what was written first goes out first.
        for row in kind.page.filter_actable(request, rows).order_by("pk")[: AT_ONCE + 1]:
            yield kind, row


def _do(request: HttpRequest, kind: WorkKind, row: WorkRow, verb: str) -> bool:
    did = (retry_row if verb == "retry" else discard_row)(row=row, by=request.user.get_username())
    if did:
        kind.page.add_history_entry(request, row, _("Tried again") if verb == "retry" else _("Discarded"))
    return did


def _incident(request: HttpRequest, kind: WorkKind, row: StuckRow) -> IncidentRow:
    return IncidentRow(kind=kind, row=row, may_act=kind.page.may_act_in(request, row.tenant))


def _counted(kind: WorkKind, found: StuckCounts, filters: IncidentFilters) -> dict[str, Any]:
    """Return a card: how many rows of a kind, and the reasons as links that filter the list."""
    return {
        "name": kind.name,
        "total": found.shown,
        "address": filters.address(kind="" if filters.kind == kind.label else kind.label, reason=""),
        "is_chosen": filters.kind == kind.label,
        "reasons": [
            {
                "state": state,
                "label": State(state).label,
                "reason": translate_reason(reason) or _("no reason noted"),
                "count": count,
                "address": filters.address(kind=kind.label, state=state, reason=reason),
                "is_chosen": (filters.kind, filters.state, filters.reason) == (kind.label, state, reason),
            }
            for (state, reason), count in found.reasons[:4]
        ],
        "more_reasons": max(0, len(found.reasons) - 4),
    }


def _tenants(request: HttpRequest, filters: IncidentFilters) -> list[tuple[Tenant, str, bool]]:
    """Return the tenants to choose from, when there are several."""
    page = cast("TenantAdmin", admin.site._registry[Tenant])
    own = list(page.get_queryset(request).order_by("name")[:50])
    if len(own) < 2:
        return []
    return [(tenant, filters.address(tenant=tenant.pk), tenant.pk == filters.tenant) for tenant in own]
