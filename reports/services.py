"""Add up messages per hour."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.work.rows import State
from messaging.models import Direction, Purpose
from messaging.models.purposes import ANSWERS, BY_PEOPLE
from messaging.providers.base import Kind
from reports import queries
from reports.histograms import bar_end
from reports.models import Answerer, AnswerTimes, HourlyFigures, RollUp
from reports.queries.roll_up import UNSAID

logger = logging.getLogger("frontdesk.reports")

BATCH = 2000
BATCHES = 10  # in one run, which takes seconds: an imported history is added up in several runs
# A message may commit a little after one with a higher id (no transaction lasts over 2 s): wait for those.
LAG = timedelta(seconds=10)
UNASKED = (Kind.REACTION, Kind.SYSTEM)  # nobody waits for an answer to these

Figures = dict[tuple[int, int, datetime], HourlyFigures]
Bars = Counter[tuple[int, datetime, str, int]]


def roll_up() -> int:
    """Add the messages since the last run to the figures; returns how many."""
    done = 0
    for _number in range(BATCHES):
        count = _add_batch()
        done += count
        if count < BATCH:
            break
    return done


@transaction.atomic
def _add_batch() -> int:
    """Update figures and mark together, under the mark's lock.

    Each message is counted once, even if a process dies or two run.
    """
    RollUp.objects.get_or_create(pk=1)
    mark = RollUp.objects.select_for_update().get(pk=1)
    rows = queries.messages_after(mark.message_id, before=timezone.now() - LAG, limit=BATCH)
    if rows:
        _add_figures(rows)
        _add_answer_times(rows, queries.waiting_since(mark.message_id, {row["conversation_id"] for row in rows}))
        mark.message_id = rows[-1]["id"]
    mark.save()
    return len(rows)


def _add_figures(rows: list[dict[str, Any]]) -> None:
    hours = {_hour(row) for row in rows}
    channels = {row["channel_id"] for row in rows}
    known = HourlyFigures.objects.filter(channel__in=channels, hour__in=hours)
    figures: Figures = {(row.tenant_id, row.channel_id, row.hour): row for row in known}
    for row in rows:
        key = (row["tenant_id"], row["channel_id"], _hour(row))
        if key not in figures:
            figures[key] = HourlyFigures(tenant_id=key[0], channel_id=key[1], hour=key[2])
        _count(figures[key], row)
    fields = ["received", "by_assistant", "by_people", "by_others", "last_received_at", "last_sent_at"]
    HourlyFigures.objects.bulk_update([row for row in figures.values() if row.pk], fields)
    HourlyFigures.objects.bulk_create([row for row in figures.values() if not row.pk])


def _count(figures: HourlyFigures, row: dict[str, Any]) -> None:
    at = row["created_at"]
    if row["direction"] == Direction.IN:
        figures.received += 1
        figures.last_received_at = max(figures.last_received_at or at, at)
        return
    if row["state"] == State.IGNORED:
        return  # withdrawn before it was sent
    name = "by_others"
    if row["purpose"] == Purpose.ASSISTANT:
        name = "by_assistant"
    elif row["purpose"] in BY_PEOPLE:
        name = "by_people"
    setattr(figures, name, getattr(figures, name) + 1)
    if row["state"] == State.DONE:
        figures.last_sent_at = max(figures.last_sent_at or at, at)


def _add_answer_times(rows: Iterable[dict[str, Any]], waiting: dict[int, datetime]) -> None:
    bars: Bars = Counter()
    for row in rows:
        conversation, at = row["conversation_id"], row["created_at"]
        if row["direction"] == Direction.IN:
            if not row["is_late"] and row["kind"] not in UNASKED:
                waiting.setdefault(conversation, at)
        elif row["state"] not in UNSAID and row["purpose"] in ANSWERS:
            since = waiting.pop(conversation, None)
            if since is not None:
                who = Answerer.ASSISTANT if row["purpose"] == Purpose.ASSISTANT else Answerer.PEOPLE
                bars[row["tenant_id"], _hour(row), who, bar_end((at - since).total_seconds())] += 1
    _add_bars(bars)


def _add_bars(bars: Bars) -> None:
    tenants, hours = {key[0] for key in bars}, {key[1] for key in bars}
    known = AnswerTimes.objects.filter(tenant__in=tenants, hour__in=hours)
    rows = {(row.tenant_id, row.hour, row.answerer, row.up_to_seconds): row for row in known}
    grown, new = [], []
    for (tenant, hour, who, end), count in bars.items():
        row = rows.get((tenant, hour, who, end))
        if row is None:
            new.append(AnswerTimes(tenant_id=tenant, hour=hour, answerer=who, up_to_seconds=end, count=count))
        else:
            row.count += count
            grown.append(row)
    AnswerTimes.objects.bulk_create(new)
    AnswerTimes.objects.bulk_update(grown, ["count"])


def _hour(row: dict[str, Any]) -> datetime:
    at: datetime = row["created_at"]
    return at.replace(minute=0, second=0, microsecond=0)
