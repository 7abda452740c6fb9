"""Queries of the dashboard: a fixed number, each to a small table or to an index of one day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from assistant.models import Spend, Turn
from reports.models import Answerer, AnswerTimes, HourlyFigures
from tenants.models import AuditEntry, Tenant

Tenants = Iterable[int] | None  # None: all
COUNTS = ("received", "by_assistant", "by_people", "by_others")


@dataclass(frozen=True, kw_only=True)
class HourTotals:
    """Messages of one hour."""

    hour: datetime
    received: int
    by_assistant: int
    by_people: int
    by_others: int


def by_hour(tenants: Tenants, *, since: datetime) -> list[HourTotals]:
    """Return the figures of each hour with messages."""
    rows = _of(HourlyFigures.objects.all(), tenants).filter(hour__gte=since).order_by("hour")
    return [HourTotals(**row) for row in rows.values("hour").annotate(**{name: Sum(name) for name in COUNTS})]


def by_channel(channels: QuerySet, *, since: datetime, limit: int) -> list[Any]:
    """Return channels with their number of messages, the busiest first; also those without any."""
    today = Q(hourlyfigures__hour__gte=since)
    sums = {f"sum_{name}": Coalesce(Sum(f"hourlyfigures__{name}", filter=today), 0) for name in COUNTS}
    return list(channels.annotate(**sums).order_by("-sum_received", "name")[:limit])


def answer_times(tenants: Tenants, *, since: datetime) -> dict[str, dict[int, int]]:
    """Return, for the assistant and for people, how many answers took how long."""
    rows = _of(AnswerTimes.objects.all(), tenants).filter(hour__gte=since).order_by()
    found: dict[str, dict[int, int]] = {str(who): {} for who in Answerer}
    for who, end, count in rows.values_list("answerer", "up_to_seconds").annotate(count=Sum("count")):
        found[who][end] = count
    return found


def hand_overs(tenants: Tenants, *, since: datetime) -> dict[str, int]:
    """Return how often a person took over, by cause."""
    rows = _of(AuditEntry.objects.all(), tenants).filter(at__gte=since, action="paused").order_by()
    return dict(rows.values_list("details__by").annotate(count=Count("pk")).order_by("-count"))


@dataclass(frozen=True, kw_only=True)
class TurnTotals:
    """Turns of the assistant by result."""

    outcomes: dict[str, int]
    cost_usd: Decimal


def turns(tenants: Tenants, *, since: datetime) -> TurnTotals:
    """Return how the assistant's turns ended, and what they cost."""
    rows = _of(Turn.objects.all(), tenants).filter(first_at__gte=since).order_by()
    found = list(rows.values_list("outcome").annotate(count=Count("pk"), cost=Sum("cost_usd")))
    return TurnTotals(
        outcomes={outcome: count for outcome, count, _cost in found if outcome},
        cost_usd=sum((cost for _outcome, _count, cost in found), Decimal(0)),
    )


def with_spend(tenants: QuerySet, *, month: str) -> QuerySet:
    """Return tenants with the cost of their assistant in a month, and its budget."""
    spent = Spend.objects.filter(tenant=OuterRef("pk"), month=month).values("spent_usd")[:1]
    zero = Value(Decimal(0), output_field=DecimalField())
    rows: QuerySet[Tenant] = tenants.annotate(
        spent_usd=Coalesce(Subquery(spent), zero), budget_usd=F("assistant__monthly_budget_usd")
    )
    return rows


def _of(rows: QuerySet, tenants: Tenants) -> QuerySet:
    return rows if tenants is None else rows.filter(tenant__in=tenants)
