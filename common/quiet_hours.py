"""Quiet hours: from one local time to another, correct also when the local clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def quiet_until(now: datetime, *, begins: time | None, ends: time | None, zone: ZoneInfo) -> datetime | None:
    """Return the end, in UTC, of the quiet hours that `now` lies in; None when it lies in none.

    Hours that cross midnight belong to the day on which they began. An end that does not exist because the clock jumps
    is moved to the moment of the jump; of an end that exists twice the later one counts, so that nobody is woken early.
    """
    if begins is None or ends is None or begins == ends:
        return None
    today = now.astimezone(zone).date()
    for day in (today - timedelta(days=1), today):
        start = _moment(datetime.combine(day, begins), zone, fold=0)
        last = day if begins < ends else day + timedelta(days=1)
        end = _moment(datetime.combine(last, ends), zone, fold=1)
        if start <= now < end:
            return end
    return None


def _moment(local: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    aware = local.replace(tzinfo=zone, fold=fold)
    exists = aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == local
    # In a gap, fold 0 gives the offset before the jump, which is the moment after it on the old clock.
    return (aware if exists else local.replace(tzinfo=zone, fold=0)).astimezone(UTC)
