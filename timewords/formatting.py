"""Format times and repetitions in four languages."""

from __future__ import annotations

import re
from datetime import date, datetime

from common.text.language import nearest_language
from timewords.phrases import MONTH_NAMES, PHRASES, WEEKDAY_NAMES
from timewords.rules import WEEKDAYS, local_time
from timewords.zones import city_name

# the parts of a rule that can be put into words
_IN_WORDS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "WKST"}


def phrase_for(key: str, language: str, **values: object) -> str:
    """Return one of our sentences."""
    return PHRASES[nearest_language(language)][key].format(**values)


def format_moment(moment: datetime, zone: str, *, now: datetime, language: str) -> str:
    """Return "tomorrow, Friday 27 November, 09:00 (São Paulo time)"."""
    return f"{format_local(moment, zone, now=now, language=language)} ({format_zone(zone, language)})"


def format_local(moment: datetime, zone: str, *, now: datetime, language: str) -> str:
    """Return the same without its zone."""
    wall, today = local_time(moment, zone), local_time(now, zone).date()
    ahead = (wall.date() - today).days
    near = {0: "today", 1: "tomorrow"}.get(ahead)
    day = _day(wall.date(), today, nearest_language(language))
    day = f"{phrase_for(near, language)}, {day}" if near else day
    return f"{day}, {wall:%H:%M}"


def format_zone(zone: str, language: str) -> str:
    """Return "São Paulo time"."""
    return phrase_for("zone", language, city=city_name(zone, nearest_language(language)))


def format_rule(rule: str, language: str, *, last_on: date | None = None) -> str:
    """Return how often, in words; the rule itself where there are no words for it."""
    language = nearest_language(language)
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    frequency, interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    said = [phrase_for(frequency if interval == 1 else f"{frequency}_N", language, n=interval)]
    days = [entry for entry in parts.get("BYDAY", "").split(",") if entry]
    if sorted(days) == sorted(WEEKDAYS[:5]):
        said.append(phrase_for("workdays", language))
    else:
        said += [_weekday(entry, language) for entry in days]
    if "BYMONTHDAY" in parts:
        said.append(_month_day(parts["BYMONTHDAY"], language))
    if "COUNT" in parts:
        said.append(phrase_for("times", language, n=parts["COUNT"]))
    beyond = f" ({rule})" if set(parts) - _IN_WORDS else ""
    until = [phrase_for("until", language, day=_date(last_on, language))] if last_on else []
    return ", ".join([", ".join(said) + beyond, *until])


def _weekday(entry: str, language: str) -> str:
    found = re.match(r"([+-]?\d*)(\w\w)", entry)
    assert found is not None
    name = WEEKDAY_NAMES[language][WEEKDAYS.index(found[2])]
    if not found[1]:
        return name
    return phrase_for("placed_last" if found[1] == "-1" else "placed", language, n=found[1], day=name)


def _month_day(days: str, language: str) -> str:
    if days == "-1":
        return phrase_for("last_day", language)
    # Not every month has a 29th to 31st; months without it are skipped.
    is_rare = any(day.isdecimal() and int(day) > 28 for day in days.split(","))
    return phrase_for("rare_day" if is_rare else "month_day", language, n=days)


def _day(day: date, today: date, language: str) -> str:
    return f"{WEEKDAY_NAMES[language][day.weekday()]} {_date(day, language, with_year=day.year != today.year)}"


def _date(day: date, language: str, *, with_year: bool = True) -> str:
    said = phrase_for("date", language, d=day.day, month=MONTH_NAMES[language][day.month - 1])
    return f"{said} {day.year}" if with_year else said
