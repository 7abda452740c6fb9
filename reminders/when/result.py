"""What words say about time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What words say about time."""

    first: datetime  # on the wall clock of whoever said it
    rule: str = ""
    last_on: date | None = None
    delay: timedelta | None = None  # counted from now: exact, whatever the clocks do meanwhile
    has_time: bool = True
    has_date: bool = True
    is_whole: bool = True  # False: nobody knows for certain what is meant, so it is asked
    others: tuple[Reading, ...] = ()  # what else it may mean
    zone: str = ""  # the zone that was named, when it is not the person's own
    there: datetime | None = None  # the first time on the wall clock of that zone
    rest: str = ""  # the other words, as they were written
    language: str = "en"


class Past(ValueError):
    """The words name a time that is over."""
