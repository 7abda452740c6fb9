"""The inbox: all conversations of a tenant, live, with filters, search, counts and saved views."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from common import time_zones
from common.backoffice import polling
from common.backoffice.base import ReadOnlyAdmin
from common.backoffice.pages import render_page
from common.db.counting import format_count
from common.errors import NotPossible
from messaging.models import Channel, Label, SavedView
from messaging.queries.inbox_page import LIVE, PAGE, InboxFilters, counts, newest_waiting, page_of, rows_of, version_of
from messaging.services.views import delete_view, save_view
from tenants.access import TenantAdmin
from tenants.models import Member, Tenant, User

VIEW_NAMES = {
    "open": gettext_lazy("Open"),
    "wants_person": gettext_lazy("Waits for a person"),
    "mine": gettext_lazy("Mine"),
    "unassigned": gettext_lazy("Unassigned"),
    "paused": gettext_lazy("Assistant paused"),
    "failed": gettext_lazy("Failed"),
    "snoozed": gettext_lazy("Snoozed"),
    "closed": gettext_lazy("Closed"),
    "internal": gettext_lazy("Approvers"),
    "all": gettext_lazy("All"),
}
TENANT_KEY = "inbox_tenant"
MAX_TENANTS = 200
MAX_CHOICES = 100


@dataclass(frozen=True, kw_only=True)
class Place:
    """The tenant whose inbox is shown, and the member who looks at it."""

    tenant: Tenant
    tenants: list[Tenant]
    member: Member | None


@require_GET
@never_cache
def page(request: HttpRequest) -> HttpResponseBase:
    """Show the inbox page."""
    place = _place(request)
    if place is None:
        return render_page(request, "messaging/inbox/none.html", title=_("Inbox"))
    asked = InboxFilters.parse(request.GET)
    before = request.GET.get("before", "")
    return render_page(
        request,
        "messaging/inbox/page.html",
        title=_("Inbox"),
        place=place,
        # A search needs two more queries than a view, so the page leaves out what does not belong to it.
        saved=[] if asked.words else _saved(request, place, asked),
        can_save=asked != InboxFilters(),
        waiting="" if asked.words else _waiting(place),
        **_list(place, asked, before=before),
    )


@require_GET
@never_cache
def live(request: HttpRequest) -> HttpResponseBase:
    """Return what has changed since the version on the page: 204 when nothing has."""
    place = _place(request)
    if place is None:
        raise Http404
    asked = InboxFilters.parse(request.GET)
    shown = request.GET.get("shown", "")
    limit = min(LIVE, max(PAGE, int(shown))) if shown.isascii() and shown.isdecimal() and len(shown) < 6 else PAGE
    numbers = counts(place.tenant, place.member)
    now = _version(version_of(rows_of(place.tenant, asked, place.member), limit=limit), numbers)
    if now == request.GET.get("version"):
        return polling.unchanged(_mark(place, asked, limit, now))
    context = {"place": place, "waiting": _waiting(place), **_list(place, asked, limit=limit, numbers=numbers)}
    return render(request, "messaging/inbox/list.html", context)


@require_safe
@never_cache
def look(request: HttpRequest) -> HttpResponseBase:
    """Return 204 when the list is up to date, else redirect to `live`."""
    seen = polling.load_state(request, "inbox")
    if seen is not None:
        tenant, asked = Tenant(pk=seen["tenant"]), InboxFilters.parse(seen["query"])
        member = Member(pk=seen["member"], tenant=tenant) if seen["member"] else None
        rows, numbers = rows_of(tenant, asked, member), counts(tenant, member)
        if _version(version_of(rows, limit=seen["limit"]), numbers) == seen["version"]:
            return HttpResponse(status=204)
    return polling.redirect_to_full_check(request, reverse("inbox_live"))


@require_GET
@never_cache
def more(request: HttpRequest) -> HttpResponseBase:
    """Return the next rows, to be added below the others."""
    place = _place(request)
    if place is None:
        raise Http404
    context = _list(place, InboxFilters.parse(request.GET), before=request.GET.get("before", ""))
    return render(request, "messaging/inbox/lines.html", {"place": place, **context})


@require_GET
@never_cache
def choices(request: HttpRequest) -> HttpResponseBase:
    """Return the channels and labels to filter by; requested when the menu is opened."""
    place = _place(request)
    if place is None:
        raise Http404
    asked = InboxFilters.parse(request.GET)
    return render(request, "messaging/inbox/choices.html", {
        "channels": [
            (row, row.pk == asked.channel, _address(asked, channel=0 if row.pk == asked.channel else row.pk))
            for row in Channel.objects.of(place.tenant)[:MAX_CHOICES]
        ],
        "labels": [
            (row, row.pk == asked.label, _address(asked, label=0 if row.pk == asked.label else row.pk))
            for row in Label.objects.of(place.tenant)[:MAX_CHOICES]
        ],
    })  # fmt: skip


@require_POST
def save(request: HttpRequest) -> HttpResponseBase:
    """Save the filters under a name."""
    place = _place(request)
    if place is None:
        raise Http404
    asked = InboxFilters.parse(request.POST)
    try:
        save_view(tenant=place.tenant, user=cast("User", request.user), name=request.POST.get("name", ""),
                  query=asked.query())  # fmt: skip
    except NotPossible as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(_address(asked))


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete one of the user's own views."""
    place = _place(request)
    if place is None:
        raise Http404
    delete_view(view=get_object_or_404(SavedView.objects.of(place.tenant), pk=pk, user__pk=request.user.pk))
    return HttpResponseRedirect(reverse("inbox"))


def _list(
    place: Place, asked: InboxFilters, *, before: str = "", limit: int = PAGE, numbers: dict[str, int] | None = None
) -> dict[str, Any]:
    numbers = counts(place.tenant, place.member) if numbers is None else numbers
    found = page_of(rows_of(place.tenant, asked, place.member), member=place.member, limit=limit, before=before)
    version = _version(found.version, numbers)
    return {
        "asked": asked,
        "before": before,
        "lines": found.lines,
        "next": QueryDict(mutable=True) if not found.more else _query(asked, before=found.more),
        "shown": len(found.lines),
        "can_grow": len(found.lines) < LIVE and not before,
        "version": version,
        "mark": "" if before else _mark(place, asked, limit, version),
        "views": [
            (name, label, format_count(numbers.get(name, 0)), _address(asked, view=name), name == asked.view)
            for name, label in VIEW_NAMES.items()
        ],
        "view_name": VIEW_NAMES[asked.view],
        "no_filter": _address(asked, channel=0, label=0),
        "everywhere": _address(asked, view="all"),
        "query": _query(asked).urlencode(),
    }


def _waiting(place: Place) -> str:
    """Return who waits for a person, for the browser's notifications."""
    return json.dumps(newest_waiting(place.tenant))


def _mark(place: Place, asked: InboxFilters, limit: int, version: str) -> str:
    member = place.member.pk if place.member is not None else 0
    return polling.sign_state(
        "inbox", tenant=place.tenant.pk, member=member, query=asked.query(), limit=limit, version=version
    )


def _version(rows: str, numbers: dict[str, int]) -> str:
    return f"{rows}-{'-'.join(str(number) for number in numbers.values())}"


def _place(request: HttpRequest) -> Place | None:
    """Return the tenant whose inbox is shown: the requested one, else the last one shown, else the first."""
    own = Member.objects.filter(tenant=OuterRef("pk"), user=request.user.pk).values("pk")[:1]
    pages = cast("TenantAdmin", admin.site._registry[Tenant])
    tenants: list[Any] = list(
        pages.get_queryset(request).annotate(own_member=Subquery(own)).order_by("name", "pk")[:MAX_TENANTS]
    )
    asked = request.GET.get("tenant", "")
    if asked and asked not in {str(tenant.pk) for tenant in tenants}:
        raise Http404
    wanted = asked or str(request.session.get(TENANT_KEY, ""))
    found = next((tenant for tenant in tenants if str(tenant.pk) == wanted), None)
    # A user who sees all tenants begins with one of their own.
    found = found or next((tenant for tenant in tenants if tenant.own_member), None) or next(iter(tenants), None)
    if found is None:
        return None
    if asked and asked != request.session.get(TENANT_KEY):
        request.session[TENANT_KEY] = asked
    timezone.activate(time_zones.browser_zone(request, default=found.timezone))
    member = Member(pk=found.own_member, tenant=found) if found.own_member else None
    return Place(tenant=found, tenants=tenants, member=member)


def _saved(request: HttpRequest, place: Place, asked: InboxFilters) -> list[tuple[SavedView, str, bool]]:
    own = SavedView.objects.of(place.tenant).filter(user__pk=request.user.pk)
    return [
        (view, _address(InboxFilters.parse(view.query)), InboxFilters.parse(view.query) == asked)
        for view in own
    ]  # fmt: skip


def _query(asked: InboxFilters, **changes: Any) -> QueryDict:
    query = QueryDict(mutable=True)
    query.update(asked.query(**changes))
    return query


def _address(asked: InboxFilters, **changes: Any) -> str:
    return f"{reverse('inbox')}?{_query(asked, **changes).urlencode()}"


@admin.register(SavedView)
class SavedViewAdmin(ReadOnlyAdmin, TenantAdmin):
    """Saved views of the inbox."""

    list_display = ["name", "user", "tenant", "query"]
    list_select_related = ["user", "tenant"]
    ordering = ["-id"]
