"""When a reminder is due: a first local time, a recurrence rule and a zone, as RFC 5545 defines them.

A rule of days, weeks, months or years repeats the local time. A local time that does not exist in spring is moved by an
hour; of one that exists twice in autumn the first counts. A rule of hours counts exact hours, whatever the local clock
does meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

HORIZON = timedelta(days=20 * 366)  # what is not due within this time is never due
# No clock is ever moved by more than a day, so no local time is further from its moment's place.
MARGIN = timedelta(hours=25)
MAX_INTERVAL, MAX_COUNT, MAX_LIST = 366, 1000, 62
FREQUENCIES = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = re.compile(r"^[+-]?\d{0,2}(?:MO|TU|WE|TH|FR|SA|SU)$")
_NUMBERS = {
    "BYMONTHDAY": (-31, 31), "BYMONTH": (1, 12), "BYSETPOS": (-366, 366), "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53), "BYHOUR": (0, 23), "BYMINUTE": (0, 59),
}  # fmt: skip
_STEPS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}


class BadRule(ValueError):
    """The rule cannot be followed; the text says why and how to mend it."""


def to_utc(wall: datetime, zone: str, fold: int = 0) -> datetime:
    """Return the moment at which the local time of `zone` is `wall`."""
    return wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def local_time(moment: datetime, zone: str) -> datetime:
    """Return the local time of `zone` at a moment."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """All the times at which a reminder is due."""

    first: datetime  # local time, without a zone
    zone: str
    rule: str = ""  # empty: once
    last_on: date | None = None
    fold: int = 0  # 1: the second of two equal local times, which only a moment counted from now can mean

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first time after a moment, in UTC; None when there is none any more."""
        return next(self.after(moment), None)

    def after(self, moment: datetime) -> Iterator[datetime]:
        """Yield all times after a moment, in order, each once."""
        if not self.rule:
            only = to_utc(self.first, self.zone, self.fold)
            if only > moment:
                yield only
            return
        if _parts(self.rule)["FREQ"] == "HOURLY":
            yield from self._hours(moment)
            return
        waiting: list[tuple[datetime, datetime]] = []
        given = moment
        for wall in self._walls(local_time(moment, self.zone) - MARGIN):
            found = to_utc(wall, self.zone)
            # A local time further away than any change of the clock is certainly later.
            for _, ready in sorted(one for one in waiting if one[0] < wall - MARGIN):
                if ready > given:
                    given = ready
                    yield ready
            waiting = [one for one in waiting if one[0] >= wall - MARGIN]
            if found > given:
                waiting.append((wall, found))
        for ready in sorted({found for _, found in waiting}):
            if ready > given:
                given = ready
                yield ready

    def _hours(self, moment: datetime) -> Iterator[datetime]:
        """Yield all times of a rule of hours after a moment.

        Its parts for hours, days and months use the local time.
        """
        parts = _parts(self.rule)
        begin, step = to_utc(self.first, self.zone, self.fold), timedelta(hours=int(parts.get("INTERVAL", "1")))
        count = int(parts["COUNT"]) if "COUNT" in parts else None
        skipped = 0 if count is not None else max(0, (moment - begin) // step - 1)
        hour, until = begin + skipped * step, max(moment, begin) + HORIZON
        minutes = sorted(int(entry) for entry in parts.get("BYMINUTE", str(self.first.minute)).split(","))
        while hour <= until and (count is None or count > 0):
            for found in (hour + timedelta(minutes=minute - self.first.minute) for minute in minutes):
                wall = local_time(found, self.zone)
                if self.last_on is not None and wall.date() > self.last_on:
                    return
                if found < begin or not _is_picked(parts, wall) or count == 0:
                    continue
                count = count - 1 if count is not None else None
                if found > moment:
                    yield found
            hour += step

    def first_wall(self) -> datetime:
        """Return the first local time that its rule names."""
        return next(self._walls(self.first), self.first) if self.rule else self.first

    def latest_until(self, moment: datetime, *, after: datetime) -> datetime | None:
        """Return the last time in (after, moment], or None."""
        found = None
        for one in self.after(after):
            if one > moment:
                break
            found = one
        return found

    def _walls(self, start: datetime) -> Iterator[datetime]:
        until = max(start, self.first) + HORIZON
        if self.last_on is not None:
            until = min(until, datetime.combine(self.last_on, time.max))
        for wall in _rule(self.rule, _begin(self.rule, self.first, start)).xafter(start, inc=True):
            if wall > until:
                return
            yield wall


def _is_picked(parts: dict[str, str], wall: datetime) -> bool:
    """Return whether the parts of a rule of hours match this local time."""
    here = {"BYDAY": WEEKDAYS[wall.weekday()], "BYHOUR": str(wall.hour), "BYMONTH": str(wall.month)}
    return all(
        value in [entry.lstrip("+0") or "0" for entry in parts[name].split(",")]
        for name, value in here.items()
        if name in parts
    )


@lru_cache(maxsize=2048)
def _rule(text: str, first: datetime) -> rrule:
    found = rrulestr(text, dtstart=first)
    assert isinstance(found, rrule)
    return found


def _begin(text: str, first: datetime, start: datetime) -> datetime:
    """Return the first time, moved by whole steps of the rule to shortly before `start`, where the library begins."""
    parts = _parts(text)
    step = _STEPS.get(parts["FREQ"])
    if step is None or "COUNT" in parts or start <= first:
        return first
    step *= int(parts.get("INTERVAL", "1"))
    # Some margin, so that times in the same week or day are not left out.
    return first + step * max(0, (start - first) // step - 2)


def clean_rule(text: str, *, first: datetime, zone: str) -> tuple[str, date | None]:
    """Return (the rule in its usual form without its end, the last day); raises BadRule."""
    parts = _parts(text.strip().upper().removeprefix("RRULE:"))
    if parts.get("FREQ") not in FREQUENCIES:
        raise BadRule(f"FREQ must be one of {', '.join(FREQUENCIES)}.")
    until = parts.pop("UNTIL", "")
    for name, value in parts.items():
        _check(name, value)
    _refuse_rare(parts)
    last_on = _last_day(until, parts, first, zone) if until else None
    rule = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        endless = ";".join(part for part in rule.split(";") if not part.startswith("COUNT="))
        ever = next(Schedule(first=first, zone=zone, rule=endless)._walls(first), None)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadRule(f"This rule cannot be followed: {error}.") from None
    if ever is None:
        raise BadRule("This rule names a day that never comes.")
    return rule, last_on


def _parts(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.strip(";").split(";"):
        name, equals, value = part.partition("=")
        if not equals or not value or name in found:
            raise BadRule("Write the rule like FREQ=WEEKLY;BYDAY=TU, each part once.")
        found[name] = value
    return found


def _check(name: str, value: str) -> None:
    entries = value.split(",")
    if len(entries) > MAX_LIST:
        raise BadRule(f"{name} has too many entries.")
    if name in {"FREQ"} or (name == "WKST" and value in WEEKDAYS):
        return
    if name == "BYDAY":
        if not all(_DAY.match(entry) for entry in entries):
            raise BadRule("BYDAY takes days such as MO, TU or 1FR.")
        return
    least, most = {"INTERVAL": (1, MAX_INTERVAL), "COUNT": (1, MAX_COUNT)}.get(name) or _NUMBERS.get(name) or (0, -1)
    if most < least:
        raise BadRule(f"{name} is not known here.")
    for entry in entries:
        is_whole = re.fullmatch(r"[+-]?\d{1,4}", entry) is not None
        if not is_whole or not least <= int(entry) <= most or (least < 0 and int(entry) == 0):
            raise BadRule(f"{name} takes whole numbers from {least} to {most}.")


def _refuse_rare(parts: dict[str, str]) -> None:
    """Raise BadRule for a day that never comes: the library would search until the year 9999, which takes seconds."""
    if parts["FREQ"] not in _STEPS:
        return
    always = {"FREQ", "INTERVAL", "COUNT", "WKST", "BYMINUTE"}
    always |= {"BYDAY"} if parts["FREQ"] == "WEEKLY" else set()
    always |= set() if parts["FREQ"] == "HOURLY" else {"BYHOUR"}
    each = {"BYDAY", "BYHOUR", "BYMONTH"} if parts.get("INTERVAL", "1") == "1" else set()
    for name in parts:
        if name not in always | each:
            raise BadRule(f"{name} goes with FREQ=MONTHLY or FREQ=YEARLY; some of it with every single step as well.")
    if any(entry.strip("+-")[:1].isdigit() for entry in parts.get("BYDAY", "").split(",")):
        raise BadRule("BYDAY with a number goes with FREQ=MONTHLY or FREQ=YEARLY.")


def _last_day(until: str, parts: dict[str, str], first: datetime, zone: str) -> date:
    """Return the last day on which it is due; the day of a moment only when that is not before its time."""
    end = _until(until, zone)
    if not isinstance(end, datetime):
        return end
    hour, minute = parts.get("BYHOUR", str(first.hour)), parts.get("BYMINUTE", str(first.minute))
    if parts["FREQ"] == "HOURLY" or not (hour.isdecimal() and minute.isdecimal()):
        raise BadRule("With several times a day UNTIL takes a day, such as 20261231.")
    at = first.time().replace(hour=int(hour), minute=int(minute))
    return end.date() if at <= end.time() else end.date() - timedelta(days=1)


def _until(value: str, zone: str) -> date:
    """Return a day, or a moment in local time."""
    for form in ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d"):
        try:
            found = datetime.strptime(value, form)  # noqa: DTZ007 - the zone is said in the form
        except ValueError:
            continue
        if form.endswith("Z"):
            return local_time(found.replace(tzinfo=UTC), zone)
        return found if "T" in form else found.date()
    raise BadRule("UNTIL takes a day such as 20261231, or a moment such as 20261231T120000Z.")
