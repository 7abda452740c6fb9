"""The state of each channel: its problem, its last messages, its rate limit and its breaker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from common.models import CircuitBreaker, RateBucket
from messaging.models import Channel
from messaging.services.send_limits import limits_key
from reports import queries
from tenants.access import TenantAdmin

SHOWN = 100


@dataclass(frozen=True, kw_only=True)
class ChannelState:
    """A channel with what an operator wants to know about it."""

    channel: Channel
    level: str  # good, bad, unknown
    words: str
    received_at: datetime | None
    sent_at: datetime | None
    held: int
    may_act: bool

    limits: str


def channel_states(request: HttpRequest) -> list[ChannelState]:
    """Return the channels that the user may see; those with a problem first."""
    page = cast("TenantAdmin", admin.site._registry[Channel])
    rows: QuerySet[Any] = queries.with_last_messages(page.get_queryset(request).select_related("tenant"))
    channels = list(rows.order_by("-problem", "name")[:SHOWN])
    held = queries.held_by_channel(channels)
    limits = _limits_of(channels)
    found = [
        _line(row, held.get(row.pk, 0), limits[row.pk], may_act=page.has_act_permission(request, row))
        for row in channels
    ]
    order = {"bad": 0, "unknown": 1, "good": 2}
    return sorted(found, key=lambda line: order[line.level])


def _limits_of(channels: list[Any]) -> dict[int, str]:
    """Return the state of the rate limit and the breaker of each channel, as text."""
    keys = {channel.pk: limits_key(channel.pk) for channel in channels}
    buckets = RateBucket.objects.in_bulk(keys.values(), field_name="key")
    breakers = CircuitBreaker.objects.in_bulk(keys.values(), field_name="key")
    return {pk: limits_text(buckets.get(key), breakers.get(key)) for pk, key in keys.items()}


def limits_text(bucket: RateBucket | None, breaker: CircuitBreaker | None) -> str:
    """Describe the state of a channel's rate limit and breaker."""
    now = timezone.now()
    if bucket is not None and bucket.closed_until > now:
        until = timezone.localtime(bucket.closed_until)
        return _("breaker open until %(time)s") % {"time": f"{until:%H:%M:%S}"}
    if breaker is not None and breaker.failures:
        return _("failures in a row: %(count)d") % {"count": breaker.failures}
    if bucket is not None and bucket.full_at > now:
        return _("sending at full pace")
    return _("free")


def _line(row: Any, held: int, limits: str, *, may_act: bool) -> ChannelState:
    level, words = state_of(row)
    return ChannelState(
        channel=row,
        level=level,
        words=words,
        received_at=row.last_received_at,
        sent_at=row.last_sent_at,
        held=held,
        limits=limits,
        may_act=may_act,
    )


def state_of(row: Channel) -> tuple[str, str]:
    """Return (good, bad or unknown; a text)."""
    if row.problem:
        return "bad", row.problem
    if not row.is_enabled:
        return "bad", _("disabled")
    if not row.outbound_enabled:
        return "bad", _("switched off")
    if row.connection_state in ("open", "ok", "connected", "active"):
        return "good", row.connection_state
    return "unknown", row.connection_state or _("not checked")
