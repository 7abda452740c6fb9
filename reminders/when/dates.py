"""The day out of words."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from reminders.when.lexicon import LEXICON
from reminders.when.span import TAKEN, Words


def read_date(words: Words, today: date, *, is_repeated: bool = False) -> date | None:
    """The day that the words name; None when they name none. With a repetition a bare weekday is not a day."""
    lexicon = LEXICON[words.language]
    words.take(lexicon["starting"])
    found = _written(words, today) or _near(words, today)
    if found is not None and not is_repeated:
        _check_weekday(words, found)
    if found is None and not words.is_broken and not is_repeated:
        found = _after(words, today) or _weekday(words, today) or _of_month(words, today)
    return found


def month_pattern(language: str) -> str:
    """All months as one pattern with a group for each."""
    return "|".join(f"(?P<mo{number}>{names})" for number, names in enumerate(LEXICON[language]["months"].split(), 1))


def weekday_pattern(language: str, prefix: str = "wd") -> str:
    """All weekdays as one pattern with a group for each; Monday is 0."""
    return "|".join(
        f"(?P<{prefix}{number}>{names})" for number, names in enumerate(LEXICON[language]["weekdays"].split())
    )


def which(groups: dict[str, str | None], prefix: str) -> int:
    """The number of the group that matched."""
    return next(int(name.removeprefix(prefix)) for name, text in groups.items() if name.startswith(prefix) and text)


def _check_weekday(words: Words, day: date) -> None:
    """A weekday right beside the day must be its own: "Sunday 29 November"."""
    beside = rf"(?:{weekday_pattern(words.language)}),?\s*(?:(?:{LEXICON[words.language]['on']})\s+)?(?={TAKEN})"
    found = words.find_raw(beside) or words.find_raw(rf"(?<={TAKEN})\s*,?\s*(?:{weekday_pattern(words.language)})")
    if found is None:
        return
    words.is_broken = which(found.groupdict(), "wd") != day.weekday()
    words.drop(found)


def _written(words: Words, today: date) -> date | None:
    """A day with its month. One that there is not, such as 30 February, breaks what was said."""
    named = words.taken
    found = _with_month(words, today)
    words.is_broken = words.is_broken or (found is None and words.taken > named)
    return found


def _with_month(words: Words, today: date) -> date | None:
    lexicon = LEXICON[words.language]
    if found := words.take(r"(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})"):
        return _day(int(found["y"]), int(found["m"]), int(found["d"]))
    on = rf"(?:(?:{lexicon['on']})\s+)?(?:dia\s+)?"
    day, month, year = (
        r"(?P<d>\d{1,2})(?:st|nd|rd|th|o)?",
        month_pattern(words.language),
        r"(?:,?\s+(?:(?:de|del|of)\s+)?(?P<y>20\d\d))?",
    )
    found = words.take(rf"{on}{day}\s+(?:(?:{lexicon['of']})\s+)?(?:{month}){year}")
    found = found or words.take(rf"{on}(?:{month})\s+(?:the\s+)?{day}{year}")
    if found:
        return _coming(today, which(found.groupdict(), "mo"), int(found["d"]), found["y"])
    # Our customers write the day first, but for Americans, who write the month's name.
    dots = r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})" + (
        r"(?:\.(?P<y>20\d\d))?" if words.language == "ro" else r"\.(?P<y>20\d\d)"
    )
    found = words.take(rf"{on}(?P<d>\d{{1,2}})/(?P<m>\d{{1,2}})(?:/(?P<y>20\d\d))?") or words.take(on + dots)
    if found:
        return _coming(today, int(found["m"]), int(found["d"]), found["y"])
    return None


def _near(words: Words, today: date) -> date | None:
    lexicon = LEXICON[words.language]
    for pattern, days in ((lexicon["after_tomorrow"], 2), (lexicon["tomorrow"], 1), (lexicon["today"], 0)):
        # "por la mañana" is no tomorrow, and "diseara" says the time of the day as well.
        not_morning = r"(?<!la )" if days == 1 and words.language == "es" else ""
        found = words.find(f"{not_morning}(?:{pattern})")
        if found is not None:
            if "sear" not in found[0]:
                words.drop(found)
            return today + timedelta(days=days)
    if words.find("tonight|esta noche|hoje a noite"):
        return today
    return None


def _weekday(words: Words, today: date) -> date | None:
    lexicon = LEXICON[words.language]
    found = words.take(
        rf"(?P<next>(?:{lexicon['next']})\s+)?(?:{weekday_pattern(words.language)})(?:\s+que\s+ve?m|\s+que\s+viene|\s+viitoare)?"
    )
    if found is None:
        return None
    ahead = (which(found.groupdict(), "wd") - today.weekday()) % 7 or 7
    return today + timedelta(days=ahead)


def _of_month(words: Words, today: date) -> date | None:
    pattern = LEXICON[words.language]["day_of_month"]
    found = words.take(f"(?:on )?(?:{pattern})") if pattern else None
    if found is None:
        return None
    number = int(found.groupdict().get("dom") or found.groupdict().get("dom2") or 0)
    month = today.replace(day=1)
    for _ in range(12):
        if 1 <= number <= monthrange(month.year, month.month)[1] and month.replace(day=number) >= today:
            return month.replace(day=number)
        month = (month + timedelta(days=32)).replace(day=1)
    return None


def _after(words: Words, today: date) -> date | None:
    lexicon = LEXICON[words.language]
    if words.take(lexicon["next_week"]):
        named = words.take(rf"(?:(?:{lexicon['on']}|{lexicon['next']})\s+)?(?:{weekday_pattern(words.language)})")
        days = which(named.groupdict(), "wd") - today.weekday() if named else 0
        return today + timedelta(days=7 + days)
    if words.take(lexicon["next_month"]):
        return _in_next_month(words, today)
    unit = f"(?P<ud>{lexicon['days']})|(?P<uw>{lexicon['weeks']})|(?P<um>{lexicon['months_unit']})|(?P<uy>{lexicon['years']})"
    found = words.take(rf"(?:{lexicon['in']})\s+(?P<n>{words.amount})\s+(?:de\s+)?(?:{unit})")
    found = found or words.take(rf"(?P<n>{words.amount})\s+(?:de\s+)?(?:{unit})\s+(?:{lexicon['later']})")
    if found is None:
        return None
    number = words.number(found["n"])
    if found["um"] or found["uy"]:
        return _months_later(today, number * (12 if found["uy"] else 1))
    days = number * (7 if found["uw"] else 1)
    return today + timedelta(days=days) if days <= 3660 else None


def _in_next_month(words: Words, today: date) -> date | None:
    named = words.take(r"(?:(?:on|the|no|el|pe|in|data|de|dia)\s+)+(?P<dom>\d{1,2})(?:st|nd|rd|th|o)?(?!\s?[:h])")
    later = _months_later(today, 1)
    if named is None or later is None:
        return later
    found = _day(later.year, later.month, int(named["dom"]))
    words.is_broken = words.is_broken or found is None
    return found


def _months_later(today: date, number: int) -> date | None:
    years, month = divmod(today.month - 1 + number, 12)
    year = today.year + years
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])) if year < today.year + 11 else None


def _coming(today: date, month: int, day: int, year: str | None) -> date | None:
    if year:
        return _day(int(year), month, day)
    for candidate in range(today.year, today.year + 9):  # until the next 29 February
        found = _day(candidate, month, day)
        if found is not None and found >= today:
            return found
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
