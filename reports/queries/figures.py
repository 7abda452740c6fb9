"""What the dashboard reads: a fixed number of questions, each to a small table or to an index of one day."""

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
class Hour:
    """What was said in one hour."""

    hour: datetime
    received: int
    by_assistant: int
    by_people: int
    by_others: int


def by_hour(tenants: Tenants, *, since: datetime) -> list[Hour]:
    """The figures of each hour in which something was said."""
    rows = _of(HourlyFigures.objects.all(), tenants).filter(hour__gte=since).order_by("hour")
    return [Hour(**row) for row in rows.values("hour").annotate(**{name: Sum(name) for name in COUNTS})]


def by_channel(channels: QuerySet, *, since: datetime, limit: int) -> list[Any]:
    """Channels with what was said on them, the busiest first; quiet ones too."""
    today = Q(hourlyfigures__hour__gte=since)
    sums = {f"sum_{name}": Coalesce(Sum(f"hourlyfigures__{name}", filter=today), 0) for name in COUNTS}
    return list(channels.annotate(**sums).order_by("-sum_received", "name")[:limit])


def answer_times(tenants: Tenants, *, since: datetime) -> dict[str, dict[int, int]]:
    """For the assistant and for people: how many answers took how long."""
    rows = _of(AnswerTimes.objects.all(), tenants).filter(hour__gte=since).order_by()
    found: dict[str, dict[int, int]] = {str(who): {} for who in Answerer}
    for who, end, count in rows.values_list("answerer", "up_to_seconds").annotate(count=Sum("count")):
        found[who][end] = count
    return found


def hand_overs(tenants: Tenants, *, since: datetime) -> dict[str, int]:
    """How often a person took over, by what caused it."""
    rows = _of(AuditEntry.objects.all(), tenants).filter(at__gte=since, action="paused").order_by()
    return dict(rows.values_list("details__by").annotate(count=Count("pk")).order_by("-count"))


@dataclass(frozen=True, kw_only=True)
class Turns:
    """What the assistant did."""

    outcomes: dict[str, int]
    cost_usd: Decimal


def turns(tenants: Tenants, *, since: datetime) -> Turns:
    """How the assistant's turns ended, and what they cost."""
    rows = _of(Turn.objects.all(), tenants).filter(first_at__gte=since).order_by()
    found = list(rows.values_list("outcome").annotate(count=Count("pk"), cost=Sum("cost_usd")))
    return Turns(
        outcomes={outcome: count for outcome, count, _cost in found if outcome},
        cost_usd=sum((cost for _outcome, _count, cost in found), Decimal(0)),
    )


def with_spend(tenants: QuerySet, *, month: str) -> QuerySet:
    """Businesses with what their assistant cost in a month, and how much it may."""
    spent = Spend.objects.filter(tenant=OuterRef("pk"), month=month).values("spent_usd")[:1]
    zero = Value(Decimal(0), output_field=DecimalField())
    rows: QuerySet[Tenant] = tenants.annotate(
        spent_usd=Coalesce(Subquery(spent), zero), budget_usd=F("assistant__monthly_budget_usd")
    )
    return rows


def _of(rows: QuerySet, tenants: Tenants) -> QuerySet:
    return rows if tenants is None else rows.filter(tenant__in=tenants)
