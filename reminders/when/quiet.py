"""Quiet hours: from one time on the wall clock to another, over midnight too."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from reminders.when.rules import instant, wall_of


def not_in_quiet(moment: datetime, zone: str, begin: time | None, end: time | None) -> datetime:
    """The moment itself, or the end of the quiet hours that it falls into."""
    if begin is None or end is None or begin == end:
        return moment
    wall = wall_of(moment, zone)
    is_over_midnight = begin > end
    clock = wall.time()
    is_quiet = (clock >= begin or clock < end) if is_over_midnight else begin <= clock < end
    if not is_quiet:
        return moment
    day = wall.date() + timedelta(days=1) if is_over_midnight and clock >= begin else wall.date()
    return max(moment, instant(datetime.combine(day, end), zone))
