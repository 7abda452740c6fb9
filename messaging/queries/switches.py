"""Which kill switches are off, and who changed them last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import CharField, F, IntegerField, Max, QuerySet, Value
from django.db.models.functions import Cast

from messaging.models import Channel, SwitchChange
from tenants.models import OutboundSwitch, Tenant


@dataclass(frozen=True, kw_only=True)
class ClosedSwitch:
    """A kill switch that is off: that of the installation, of a tenant or of a channel."""

    kind: str
    name: str


def closed_switches(*, tenants: Iterable[int] | None, limit: int = 20) -> list[ClosedSwitch]:
    """Return the switches that hold messages of these tenants (None: of all tenants), in one query.

    The switch of the installation comes first, then those of tenants, then those of channels.
    """
    whole = [ClosedSwitch(kind="installation", name="")] if not settings.OUTBOUND_REPLY_ENABLED else []
    kinds = {1: "installation", 2: "tenant", 3: "channel"}
    sql, params = _build_query_for_closed(connection.vendor, None if tenants is None else frozenset(tenants), limit)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = [ClosedSwitch(kind=kinds[rank], name=name) for rank, name in cursor.fetchall()]
    return found if found[:1] == whole else whole + found


@lru_cache(maxsize=500)
def _build_query_for_closed(vendor: str, tenants: frozenset[int] | None, limit: int) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL for the closed switches with its parameters. It is cached: every page of the desk runs it."""
    installation = _select_switch(OutboundSwitch.objects.filter(is_on=False), 1, Value(""))
    of_tenants = Tenant.objects.filter(outbound_enabled=False)
    of_channels = Channel.objects.filter(outbound_enabled=False)
    if tenants is not None:
        of_tenants, of_channels = of_tenants.filter(pk__in=tenants), of_channels.filter(tenant__in=tenants)
    rows = installation.union(
        _select_switch(of_tenants, 2, F("name")), _select_switch(of_channels, 3, F("name")), all=True
    )
    return rows.order_by("switch_rank")[:limit].query.sql_with_params()


def _select_switch(rows: QuerySet, rank: int, name: Any) -> QuerySet:
    text = Cast(name, CharField())
    pairs: QuerySet = rows.order_by().annotate(switch_rank=Value(rank, IntegerField()), switch_name=text)
    return pairs.values_list("switch_rank", "switch_name")


def latest_switch_changes(*, tenants: Iterable[int]) -> dict[tuple[int, int | None], SwitchChange]:
    """Return the last change of each switch: {(tenant id, channel id or None for the tenant's own switch): row}."""
    newest = SwitchChange.objects.filter(tenant__in=tenants).order_by().values("tenant", "channel")
    ids = newest.annotate(newest=Max("pk")).values_list("newest", flat=True)
    return {(row.tenant_id, row.channel_id): row for row in SwitchChange.objects.filter(pk__in=ids)}
