"""Queries about the state of channels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from common.work.rows import STUCK, State, literals
from messaging.models import Channel, Message
from reports.models import HourlyFigures


def with_last_messages(channels: QuerySet) -> QuerySet:
    """Return channels with the moments of their last messages in and out, from the hourly figures."""
    hours = HourlyFigures.objects.filter(channel=OuterRef("pk")).order_by("-hour")
    received = hours.filter(last_received_at__isnull=False).values("last_received_at")[:1]
    sent = hours.filter(last_sent_at__isnull=False).values("last_sent_at")[:1]
    found: QuerySet = channels.annotate(last_received_at=Subquery(received), last_sent_at=Subquery(sent))
    return found


def held_by_channel(channels: Iterable[Channel]) -> dict[int, int]:
    """Return how many messages of each channel are held."""
    stuck = Message.objects.filter(state__in=literals(STUCK))  # all stuck states first, as the index has them
    held = stuck.filter(state=State.HELD, tenant__in={channel.tenant_id for channel in channels})
    counts: Iterable[Any] = held.order_by().values_list("channel").annotate(count=Count("pk"))
    return dict(counts)
