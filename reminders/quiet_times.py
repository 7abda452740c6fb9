"""The quiet hours of a reminder: it waits until they end."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from common.quiet_hours import quiet_until


def after_quiet_hours(moment: datetime, zone: str, begin: time | None, end: time | None) -> datetime:
    """Return the moment, or the end of the quiet hours that it falls into."""
    return quiet_until(moment, begins=begin, ends=end, zone=ZoneInfo(zone)) or moment
