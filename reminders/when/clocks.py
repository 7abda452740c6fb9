"""The time of the day out of words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from reminders.when.lexicon import LEXICON
from reminders.when.span import Words

_NEVER = "x^"
NIGHT_ENDS = 7  # an hour below it, said without more, is one of the afternoon


@dataclass(frozen=True)
class ClockTime:
    """A time as it was said; `is_open`: it may be one of the morning or of the evening."""

    hour: int
    minute: int = 0
    is_open: bool = False

    def at(self, *, later: bool = False) -> time:
        """The time meant; `later`: the one of the second half of the day, when the first is over."""
        hour = self.hour
        if self.is_open and hour < 12 and (later or hour < NIGHT_ENDS):
            hour += 12
        return time(hour % 24, self.minute)


def read_clock(words: Words) -> ClockTime | None:
    """The time that the words name; None when they name none."""
    lexicon = LEXICON[words.language]
    if lexicon["and_half"] and words.take(rf"(?:{lexicon['noon']})\s+(?:{lexicon['and_half']})"):
        return ClockTime(12, 30)
    if words.take(lexicon["noon"]):
        return ClockTime(12)
    if words.take(lexicon["midnight"]):
        return ClockTime(0)
    said = _said(words)
    half_of_day = _part(words)
    if said is None:
        return ClockTime(half_of_day) if half_of_day is not None else None
    if not said.is_open or half_of_day is None:
        return said
    is_late = half_of_day >= 12
    # "12 at night" is midnight, "12 in the afternoon" is noon.
    hour = said.hour % 12 + (12 if is_late and not (half_of_day > 19 and said.hour == 12) else 0)
    return ClockTime(hour, said.minute)


def _said(words: Words) -> ClockTime | None:
    lexicon = LEXICON[words.language]
    at, oclock = f"(?:(?:{lexicon['at']})\\s+)", f"(?:{lexicon['oclock']})"
    half = (
        rf"(?:\s+(?:(?P<half>{lexicon['and_half'] or _NEVER})|(?P<quarter>{lexicon['and_quarter'] or _NEVER})"
        rf"|(?P<less>{lexicon['less_quarter'] or _NEVER})))?"
    )
    day_part = rf"(?:\s*(?:(?P<am>{lexicon['am']})|(?P<pm>{lexicon['pm']})))?"
    bare = "(?:h|hs|o'?clock)"
    names = words.names
    for pattern, minutes in (("half_past", 30), ("quarter_past", 15), ("quarter_to", -15)):
        if lexicon[pattern] and (found := words.take(lexicon[pattern] + day_part)):
            return _meant(words, found.group(1), minutes, found)
    for pattern in (
        rf"{at}?(?P<hour>\d{{1,2}})\s?[:h]\s?(?P<minute>[0-5]\d)(?:\s?(?:h|hs|min))?{day_part}",
        rf"{at}(?P<hour>\d{{1,2}})\.(?P<minute>[0-5]\d){day_part}",
        rf"{at}(?P<hour>\d{{1,2}})\s*{oclock}{half}{day_part}",
        rf"(?P<hour>\d{{1,2}})\s*{bare}{half}{day_part}",
        rf"{at}(?P<hour>\d{{1,2}}|{names}){half}(?:\s+{oclock})?{day_part}",
        rf"(?P<hour>\d{{1,2}})\s*(?:(?P<am>{lexicon['am']})|(?P<pm>{lexicon['pm']}))",
    ):
        found = words.find(pattern)
        if found is None:
            continue
        said = _meant(words, found["hour"], _minutes(found.groupdict()), found)
        if said is not None:
            words.drop(found)
            return said
    return None


def _minutes(groups: dict[str, str | None]) -> int:
    """Minutes after the hour that was named; -15 is a quarter before it."""
    parts = (("half", 30), ("quarter", 15), ("less", -15))
    return int(groups.get("minute") or 0) or next((value for name, value in parts if groups.get(name)), 0)


def _meant(words: Words, hour_word: str, minute: int, found: re.Match[str]) -> ClockTime | None:
    if not words.knows(hour_word):
        return None
    hour = words.number(hour_word)
    if minute < 0:
        hour, minute = (hour - 1) or 12, 60 + minute
    if hour > 24 or (hour == 24 and minute):
        return None
    if hour_word.startswith("0") or hour > 12 or hour == 0:
        return ClockTime(hour % 24, minute)
    if found.groupdict().get("am"):
        return ClockTime(hour % 12, minute)
    if late := found.groupdict().get("pm"):
        is_night = re.search(r"night|noite|noche|noaptea", late) is not None
        return ClockTime(hour % 12 + (0 if is_night and hour == 12 else 12), minute)
    return ClockTime(hour, minute, is_open=hour != 12)


def _part(words: Words) -> int | None:
    for pattern, hour in LEXICON[words.language]["parts"].items():
        if words.take(pattern):
            return int(hour)
    return None
