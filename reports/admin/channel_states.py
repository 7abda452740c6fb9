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

from messaging.models import Channel
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

    @property
    def gate_words(self) -> str:
        """Describe the state of its rate limit and breaker."""
        gate, now = getattr(self.channel, "gate", None), timezone.now()
        if gate is not None and gate.closed_until > now:
            until = timezone.localtime(gate.closed_until)
            return _("breaker open until %(time)s") % {"time": f"{until:%H:%M:%S}"}
        if gate is not None and gate.failures:
            return _("failures in a row: %(count)d") % {"count": gate.failures}
        if gate is not None and gate.full_at > now:
            return _("sending at full pace")
        return _("free")


def channel_states(request: HttpRequest) -> list[ChannelState]:
    """Return the channels that the user may see; those with a problem first."""
    page = cast("TenantAdmin", admin.site._registry[Channel])
    rows: QuerySet[Any] = queries.with_last_messages(page.get_queryset(request).select_related("tenant", "gate"))
    channels = list(rows.order_by("-problem", "name")[:SHOWN])
    held = queries.held_by_channel(channels)
    found = [_line(row, held.get(row.pk, 0), may_act=page.has_act_permission(request, row)) for row in channels]
    order = {"bad": 0, "unknown": 1, "good": 2}
    return sorted(found, key=lambda line: order[line.level])


def _line(row: Any, held: int, *, may_act: bool) -> ChannelState:
    level, words = state_of(row)
    return ChannelState(
        channel=row,
        level=level,
        words=words,
        received_at=row.last_received_at,
        sent_at=row.last_sent_at,
        held=held,
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
