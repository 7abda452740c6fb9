"""All kill switches on one page: their state, who changed them, when and why; and changing one, with a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from common.backoffice.pages import render_page
from common.text.numbers import parse_whole_number
from messaging.models import Channel, SwitchChange
from messaging.queries.switches import latest_switch_changes
from messaging.services.switches import switch_channel, switch_installation, switch_tenant
from tenants.access import TenantAdmin
from tenants.backoffice import is_operator
from tenants.models import OutboundSwitch, Tenant

SHOWN = 200
REASON_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One switch as the page shows it."""

    key: str
    name: str
    is_on: bool
    note: str = ""
    change: Any = None  # a SwitchChange, or the installation's row: by, at, reason
    may_turn: bool = False


@require_GET
def switches(request: HttpRequest) -> HttpResponseBase:
    """Show the page."""
    query = request.GET.get("q", "").strip()[:100]
    tenants, channels = _businesses(request), _lines(request).select_related("tenant")
    if query:
        tenants, channels = tenants.filter(name__icontains=query), channels.filter(name__icontains=query)
    shown_tenants = list(tenants.order_by("outbound_enabled", "name")[:SHOWN])
    shown_channels = list(channels.order_by("outbound_enabled", "tenant__name", "name")[:SHOWN])
    owners = {tenant.pk for tenant in shown_tenants} | {channel.tenant_id for channel in shown_channels}
    latest = latest_switch_changes(tenants=owners)
    return render_page(
        request,
        "console/switches.html",
        title=_("Kill switches"),
        query=query,
        installation=_installation(request),
        businesses=[_of_tenant(request, row, latest.get((row.pk, None))) for row in shown_tenants],
        lines=[_of_channel(request, row, latest.get((row.tenant_id, row.pk))) for row in shown_channels],
        is_cut=len(shown_tenants) == SHOWN or len(shown_channels) == SHOWN,
        reason_length=REASON_LENGTH,
    )


@require_POST
def turn(request: HttpRequest) -> HttpResponseRedirect:
    """Change one switch. Off requires a reason, because others will ask for it."""
    on, reason = request.POST.get("on") == "1", request.POST.get("reason", "").strip()[:REASON_LENGTH]
    turned = _find(request, request.POST.get("switch", ""))
    back = HttpResponseRedirect(reverse("switches"))
    if not on and not reason:
        messages.error(request, _("Say why, for those who come after you. Nothing was changed."))
        return back
    by = request.user.get_username()
    if turned is None:
        changed = OutboundSwitch.objects.filter(pk=1, is_on=on).first() is None
        switch_installation(on=on, by=by, reason=reason)
    elif isinstance(turned, Tenant):
        changed = switch_tenant(tenant=turned, on=on, by=by, reason=reason)
    else:
        changed = switch_channel(channel=turned, on=on, by=by, reason=reason)
    name = turned.name if turned is not None else _("this installation")
    words = _("Messages of %s go out again, the held ones first.") if on else _("Messages of %s are held from now on.")
    if changed:
        messages.success(request, words % name)
    else:
        messages.info(request, _("It stood so already."))
    return back


def _find(request: HttpRequest, key: str) -> Tenant | Channel | None:
    """Return the row of the switch: None for the installation's own; 404 for one that the user may not change."""
    if key == "installation":
        if not is_operator(request):
            raise Http404
        return None
    kind, _dash, pk = key.partition("-")
    pages: dict[str, tuple[Any, QuerySet]] = {
        "tenant": (Tenant, _businesses(request)),
        "channel": (Channel, _lines(request).select_related("tenant")),
    }
    if kind not in pages or parse_whole_number(pk) is None:
        raise Http404
    model, rows = pages[kind]
    row: Tenant | Channel = get_object_or_404(_page(model).filter_actable(request, rows), pk=pk)
    return row


def _installation(request: HttpRequest) -> Switch:
    row = OutboundSwitch.objects.filter(pk=1).first()
    note = "" if settings.OUTBOUND_REPLY_ENABLED else _("The setting OUTBOUND_REPLY_ENABLED holds everything as well.")
    return Switch(
        key="installation",
        name=_("Everything"),
        is_on=row is None or row.is_on,
        note=note,
        change=_Turn(by=row.changed_by, at=row.changed_at, reason=row.reason) if row and row.changed_by else None,
        may_turn=is_operator(request),
    )


@dataclass(frozen=True, kw_only=True)
class _Turn:
    by: str
    at: Any
    reason: str


def _of_tenant(request: HttpRequest, row: Tenant, change: SwitchChange | None) -> Switch:
    note = "" if row.is_active else _("The business is not active: nothing goes out.")
    may = _page(Tenant).has_act_permission(request, row)
    return Switch(
        key=f"tenant-{row.pk}", name=row.name, is_on=row.outbound_enabled, note=note, change=change, may_turn=may
    )


def _of_channel(request: HttpRequest, row: Channel, change: SwitchChange | None) -> Switch:
    note = "" if row.is_enabled else _("The channel is disabled: nothing goes out.")
    may = _page(Channel).has_act_permission(request, row)
    return Switch(
        key=f"channel-{row.pk}",
        name=f"{row.name} · {row.tenant.name}",
        is_on=row.outbound_enabled,
        note=row.problem or note,
        change=change,
        may_turn=may,
    )


def _page(model: Any) -> TenantAdmin:
    return cast("TenantAdmin", admin.site._registry[model])


def _businesses(request: HttpRequest) -> QuerySet:
    return _page(Tenant).get_queryset(request)


def _lines(request: HttpRequest) -> QuerySet:
    return _page(Channel).get_queryset(request)
