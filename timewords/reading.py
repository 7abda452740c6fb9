"""The result of parsing times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class TimeReading:
    """What words say about time."""

    first: datetime  # in the writer's local time
    rule: str = ""
    last_on: date | None = None
    delay: timedelta | None = None  # counted from now: exact, whatever the clocks do meanwhile
    has_time: bool = True
    has_date: bool = True
    is_whole: bool = True  # False: the meaning is uncertain, so it is asked
    others: tuple[TimeReading, ...] = ()  # what else it may mean
    zone: str = ""  # the named zone, when it is not the person's own
    there: datetime | None = None  # the first time in the local time of that zone
    rest: str = ""  # the other words, as they were written
    language: str = "en"


class PastTime(ValueError):
    """The words name a time in the past."""
