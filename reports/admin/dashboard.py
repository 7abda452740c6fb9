"""The dashboard: the day in a few numbers and charts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from assistant.models import KnowledgeEntry
from common.text.durations import format_duration
from messaging.models import Channel
from messaging.models.conversations import PausedBy
from reports import queries
from reports.admin.badges import badge_counts
from reports.charts import Group, build_chart
from reports.histograms import percentile
from reports.queries.figures import HourTotals
from tenants.access import TenantAdmin
from tenants.backoffice import is_operator, roles_of
from tenants.models import Tenant

DAYS = 7
SHOWN = 8
COUNTED = 1000  # tenants whose spend is added up


@dataclass(frozen=True, kw_only=True)
class Total:
    """Sums over some hours."""

    received: int = 0
    by_assistant: int = 0
    by_people: int = 0
    by_others: int = 0

    @property
    def sent(self) -> int:
        """Return all messages that were sent."""
        return self.by_assistant + self.by_people + self.by_others

    def group(self, label: str) -> Group:
        """Return the total as a group of a chart."""
        return Group(label=label, received=self.received, sent=(self.by_assistant, self.by_people, self.by_others))


def context(request: HttpRequest, around: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the back office's first page, for the user's tenants only."""
    tenants = None if is_operator(request) else list(roles_of(request))
    month = f"{timezone.now():%Y-%m}"
    businesses = list(
        queries.with_spend(_page(Tenant).get_queryset(request), month=month).order_by("-spent_usd", "name")[:COUNTED]
    )
    zone = ZoneInfo(businesses[0].timezone) if len(businesses) == 1 else timezone.get_current_timezone()
    today = timezone.localtime(timezone=zone).replace(hour=0, minute=0, second=0, microsecond=0)
    hours = queries.by_hour(tenants, since=today - timedelta(days=DAYS - 1))
    channels = queries.by_channel(_page(Channel).get_queryset(request), since=today, limit=SHOWN)
    return around | {
        "title": _("Dashboard"),
        "is_fullwidth": "1",
        "zone": zone.key if isinstance(zone, ZoneInfo) else str(zone),
        "is_empty": not hours,
        "steps": _steps(request, channels) if not hours else [],
        **_volumes(hours, today),
        "channels": _with_share(channels),
        "assistant_times": _times(answers := queries.answer_times(tenants, since=today), "assistant"),
        "people_times": _times(answers, "people"),
        "hand_overs": _hand_overs(queries.hand_overs(tenants, since=today)),
        "turns": queries.turns(tenants, since=today),
        "businesses": [_spend(row) for row in businesses[:SHOWN]],
        "spent": sum((row.spent_usd for row in businesses), Decimal(0)),
        "incidents": badge_counts(request).incidents,
        "waiting": badge_counts(request).customers,
    }


def _volumes(hours: list[HourTotals], today: datetime) -> dict[str, Any]:
    """Return today's volumes against yesterday's until the same hour; today by hour, and the last days."""
    now = timezone.now()
    yesterday = [row for row in hours if today - timedelta(days=1) <= row.hour < now - timedelta(days=1)]
    of_today = [
        _total(row for row in hours if row.hour >= today and _number(row, today) == number) for number in range(24)
    ]
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    per_day = [_total(row for row in hours if day <= row.hour < day + timedelta(days=1)) for day in days]
    return {
        "today": _total(row for row in hours if row.hour >= today),
        "yesterday": _total(yesterday),
        "by_hour": build_chart([total.group(f"{number}:00") for number, total in enumerate(of_today)]),
        "by_day": build_chart([
            total.group(formats.date_format(day, "D j")) for day, total in zip(days, per_day, strict=True)
        ]),
    }  # fmt: skip


def _number(row: HourTotals, today: datetime) -> int:
    """Return the hour of the day, counted from the full hour of UTC, also where the day begins at half past."""
    return min(23, int((row.hour - today).total_seconds() // 3600))


def _total(rows: Iterable[HourTotals]) -> Total:
    sums = Total()
    for row in rows:
        sums = replace(
            sums,
            received=sums.received + row.received,
            by_assistant=sums.by_assistant + row.by_assistant,
            by_people=sums.by_people + row.by_people,
            by_others=sums.by_others + row.by_others,
        )
    return sums


def _times(answers: dict[str, dict[int, int]], who: str) -> dict[str, Any]:
    """Return within which time half and nine tenths of the answers came."""
    counts = answers[who]
    return {
        "count": sum(counts.values()),
        "p50": _span(percentile(counts, 0.5)),
        "p90": _span(percentile(counts, 0.9)),
    }


def _span(seconds: float | None) -> str:
    return "–" if seconds is None else format_duration(seconds)


def _hand_overs(found: dict[str, int]) -> dict[str, Any]:
    labels = dict(PausedBy.choices)
    most = max(found.values(), default=1)
    return {
        "total": sum(found.values()),
        "causes": [(labels.get(by, by), count, round(100 * count / most)) for by, count in found.items()],
    }


def _with_share(channels: list[Any]) -> list[dict[str, Any]]:
    most = max([1, *(row.sum_received for row in channels)])
    return [
        {
            "row": row,
            "received": row.sum_received,
            "sent": row.sum_by_assistant + row.sum_by_people + row.sum_by_others,
            "share": round(100 * row.sum_received / most),
        }
        for row in channels
    ]


def _spend(row: Any) -> dict[str, Any]:
    share = None
    if row.budget_usd:
        share = round(100 * row.spent_usd / row.budget_usd)
    level = "bad" if (share or 0) >= 100 else "warn" if (share or 0) >= 80 else "good"
    return {"name": row.name, "spent": row.spent_usd, "budget": row.budget_usd, "share": share, "level": level}


def _steps(request: HttpRequest, channels: list[Any]) -> list[tuple[str, str, str, bool]]:
    """Return the next steps on an installation without messages: (address, text, hint, done)."""
    tenants, lines, entries = _page(Tenant), _page(Channel), _page(KnowledgeEntry)
    knows, line = entries.get_queryset(request).exists(), channels[0] if channels else None
    first = [
        (_to(tenants, request), _("Set up the business"),
         _("Its name, its time zone and its language."), tenants.get_queryset(request).exists()),
    ] if tenants.has_add_permission(request) else []  # fmt: skip
    connect = _to(lines, request)
    if line and lines.has_act_permission(request, line):
        connect = reverse("admin:messaging_channel_connect", args=[line.pk])
    return [
        *first,
        (connect, _("Connect a channel"),
         _("Its page shows the webhook address and a button that tests it."), bool(line)),
        (_to(entries, request), _("Write down what the assistant may say"),
         _("Opening hours, prices, the way to you: it answers from these entries."), knows),
        (reverse("inbox"), _("Write to the line from your own phone"),
         _("The session appears in the inbox, and the figures here within a minute."), False),
    ]  # fmt: skip


def _to(page: TenantAdmin, request: HttpRequest) -> str:
    """Return the address to add a first row, or the list for somebody who may not add one."""
    end = "add" if page.has_add_permission(request) else "changelist"
    return reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{end}")


def _page(model: Any) -> TenantAdmin:
    return cast("TenantAdmin", admin.site._registry[model])
