"""From the pieces of a sentence to one time, or to the times that it may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any

from timewords.days import months_later
from timewords.joiner import Joiner, clocks_of, days_of, repeats_of
from timewords.pieces import SentenceContext
from timewords.reading import PastTime, TimeReading
from timewords.repeats import Repeat
from timewords.rules import Schedule, local_time, to_utc
from timewords.times_of_day import ClockTime

MAX_OPTIONS = 3
USUAL_TIME = time(9, 0)  # when a day is named and no time


@dataclass(frozen=True, kw_only=True)
class SentenceParts:
    """One way to understand the sentence."""

    day: date | None = None
    clock: ClockTime | None = None
    repeat: Repeat | None = None


def combine(context: SentenceContext, *, rest: str, zone: str) -> TimeReading | None:
    """Return what the pieces say together; None when they say nothing. Raises PastTime."""
    joiner = Joiner(context, zone)
    joiner.doubt(when=bool(context.left))
    base = TimeReading(first=context.now, rest=rest, language=context.language)
    if joiner.all("over"):
        joiner.doubt()
        if not any(joiner.all(kind) for kind in ("day", "repeat", "delay", "starting")):
            if joiner.all("clock") or joiner.all("part"):
                raise PastTime("it is over")
            return None
    if joiner.all("delay"):
        return _counted(joiner, base)
    days, clocks, repeats = days_of(joiner), clocks_of(joiner), repeats_of(joiner)
    if not (any(days) or any(clocks) or any(repeats) or joiner.all("day") or joiner.all("clock")):
        return None
    found = list(_all_readings(joiner, base, product(days, clocks, repeats)))
    best, others = found[0], tuple(found[1:MAX_OPTIONS])
    is_whole = joiner.is_sure and not others
    return replace(best, is_whole=is_whole, others=tuple(replace(one, is_whole=False) for one in others))


def _counted(joiner: Joiner, base: TimeReading) -> TimeReading:
    delay = joiner.all("delay")[0].value
    joiner.doubt(when=len(joiner.context.pieces) > 1)
    return replace(base, first=joiner.context.now + delay, delay=delay, is_whole=joiner.is_sure)


def _all_readings(joiner: Joiner, base: TimeReading, ways: Any) -> Iterator[TimeReading]:
    """Yield a reading for each way to understand the sentence that is not in the past; raises PastTime when all are."""
    seen: set[tuple[Any, ...]] = set()
    for day, clock, repeat in ways:
        for reading in _readings(joiner, base, SentenceParts(day=day, clock=clock, repeat=repeat)):
            key = (reading.first, reading.rule, reading.last_on)
            if key not in seen:
                seen.add(key)
                yield reading
    if not seen:
        raise PastTime("it is over")


def _readings(joiner: Joiner, base: TimeReading, parts: SentenceParts) -> Iterator[TimeReading]:
    clock, day = parts.clock, parts.day
    reading = replace(base, has_time=clock is not None, has_date=bool(joiner.all("day") or joiner.all("starting")))
    try:
        if parts.repeat is not None:
            joiner.doubt(
                when=clock is not None and clock.is_night and bool(parts.repeat.days or parts.repeat.month_day)
            )
            yield _in_zone(joiner, _repeated(joiner, reading, parts), reading)
            return
        joiner.doubt(when=any(joiner.all(kind) for kind in ("until", "count", "lasting", "starting")))
        for first in _firsts(joiner, day, clock):
            yield _in_zone(joiner, replace(reading, first=first), reading)
    except PastTime:
        return


def _in_zone(joiner: Joiner, reading: TimeReading, base: TimeReading) -> TimeReading:
    """Return the same with its first time in the person's own local time."""
    if not joiner.all("zone"):
        return reading
    is_known = bool(joiner.zone and joiner.own_zone) and len(joiner.all("zone")) == 1
    joiner.doubt(when=not is_known or not reading.has_time)
    if not is_known or joiner.zone == joiner.own_zone:
        return reading
    first = local_time(to_utc(reading.first, joiner.zone), joiner.own_zone)
    return replace(reading, first=first, zone=joiner.zone, there=reading.first)


def _firsts(joiner: Joiner, day: date | None, clock: ClockTime | None) -> list[datetime]:
    """Return the moments that a day and a time may mean, in the local time of the named zone."""
    now = joiner.now
    at = clock.at() if clock is not None else USUAL_TIME
    if day is None:
        first = datetime.combine(now.date(), at)
        return [first if first > now else first + timedelta(days=1)]
    if clock is not None and clock.hour == 0 and joiner.is_today:
        return [datetime.combine(day + timedelta(days=1), at)]
    if clock is not None and clock.is_night:
        if joiner.is_today:
            return [datetime.combine(day + timedelta(days=1), at)]
        # Does the midnight of Friday begin it or end it?
        joiner.doubt()
        found = [datetime.combine(day, at), datetime.combine(day + timedelta(days=1), at)]
        return [first for first in found if first > now]
    first = datetime.combine(day, at)
    if first <= now and clock is not None and clock.is_open:
        first = datetime.combine(day, clock.at(later=True))
    if first <= now and clock is None and day == now.date():
        first = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    if first <= now:
        raise PastTime(f"{first:%Y-%m-%d %H:%M} is over")
    return [first]


def _repeated(joiner: Joiner, base: TimeReading, parts: SentenceParts) -> TimeReading:
    repeat, now = parts.repeat, joiner.now
    assert repeat is not None
    starting = joiner.all("starting")
    day = starting[0].value if starting else parts.day
    joiner.doubt(when=len(starting) > 1 or bool(starting and (joiner.all("day") or starting[0].value is None)))
    at = parts.clock.at() if parts.clock is not None else USUAL_TIME
    begin = datetime.combine(day or now.date(), at)
    is_free = not (repeat.days or repeat.month_day or day or joiner.all("day"))
    if repeat.interval > 1 and is_free and repeat.frequency in {"WEEKLY", "MONTHLY", "YEARLY"}:
        begin = datetime.combine(_a_step_on(now.date(), repeat), at)
    if repeat.frequency == "HOURLY" and parts.clock is None:
        joiner.doubt(
            when=day is not None and "today" not in joiner.all("day")[0].more if joiner.all("day") else bool(starting)
        )
        begin = (now + timedelta(hours=repeat.interval)).replace(second=0, microsecond=0)
    rule = repeat.rule(begin.date())
    every = re.sub(r";INTERVAL=\d+", "", rule)
    first = next((wall for wall in Schedule(first=begin, zone="UTC", rule=every)._walls(begin) if wall > now), None)
    last_on = _last_on(joiner, repeat, first)
    if first is None or (last_on is not None and first.date() > last_on):
        raise PastTime("it would end before it begins")
    count = joiner.all("count")
    rule += f";COUNT={count[0].value}" if count else ""
    lasting = joiner.all("lasting")
    if lasting and not joiner.all("repeat"):
        rule += f";COUNT={lasting[0].value[0]}"
        last_on = None
    has_time = parts.clock is not None or repeat.frequency == "HOURLY"
    return replace(base, first=first, rule=rule, last_on=last_on, has_time=has_time)


def _a_step_on(day: date, repeat: Repeat) -> date:
    """Return the first day of "every 3 months" without a day: three months from now."""
    if repeat.frequency == "WEEKLY":
        return day + timedelta(weeks=repeat.interval)
    return months_later(day, repeat.interval * (12 if repeat.frequency == "YEARLY" else 1)) or day


def _last_on(joiner: Joiner, repeat: Repeat, first: datetime | None) -> date | None:
    until, lasting = joiner.all("until"), joiner.all("lasting")
    joiner.doubt(
        when=len(until) + len(lasting) + len(joiner.all("count")) > 1 or any(piece.value is None for piece in until)
    )
    if until:
        return until[0].value  # type: ignore[no-any-return]  # a day
    if not lasting or first is None:
        return None
    number, unit = lasting[0].value
    joiner.doubt(when=repeat.frequency == "HOURLY")
    if unit == "month":
        end = months_later(first.date(), number)
        return end - timedelta(days=1) if end is not None else None
    return first.date() + timedelta(days=number * (7 if unit == "week" else 1) - 1)
