"""Repetitions out of words: how often, on which days, until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from reminders.when.dates import read_date, weekday_pattern, which
from reminders.when.lexicon import LEXICON
from reminders.when.rules import WEEKDAYS
from reminders.when.span import Words

WORKDAYS, WEEKEND = tuple(range(5)), (5, 6)


@dataclass(frozen=True, kw_only=True)
class Repeat:
    """How often: every `interval` of `frequency`, on these days."""

    frequency: str
    interval: int = 1
    days: tuple[int, ...] = ()  # Monday is 0
    place: int = 0  # of the weekday in the month; -1 is the last
    month_day: int = 0  # -1 is the last

    def rule(self, begin: date, *, is_dated: bool) -> str:
        """The rule, with the days that it leaves to the day on which it begins."""
        parts = [f"FREQ={self.frequency}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.place and self.days:
            parts.append(f"BYDAY={self.place}{WEEKDAYS[self.days[0]]}")
        elif self.days and self.days != tuple(range(7)):
            parts.append(f"BYDAY={','.join(WEEKDAYS[day] for day in sorted(set(self.days)))}")
        elif self.frequency == "WEEKLY":
            parts.append(f"BYDAY={WEEKDAYS[begin.weekday()]}")
        if self.month_day:
            parts.append(f"BYMONTHDAY={self.month_day}")
        elif self.frequency == "MONTHLY" and not self.place:
            parts.append(f"BYMONTHDAY={begin.day}")
        return ";".join(parts)


def read_end(words: Words, today: date) -> tuple[date | None, int | None]:
    """(last day, how many times) where the words say so."""
    lexicon = LEXICON[words.language]
    count = words.take(rf"(?:for\s+|por\s+)?(?P<n>{words.amount})\s+(?:{lexicon['times']})")
    number = words.number(count["n"]) if count else None
    until = words.find(rf"(?:{lexicon['until']})\s+.*")
    if until is None:
        return None, number
    part = Words(words.original[until.start() : until.end()], words.language)
    part.take(lexicon["until"])
    before = part.taken
    last_on = read_date(part, today)
    if last_on is None or part.taken == before:
        return None, number
    # Only what named the day is taken: the time may stand behind it.
    words.text = words.text[: until.start()] + part.text + words.text[until.end() :]
    return last_on, number


def read_repeat(words: Words) -> Repeat | None:
    """How often, or None when it is once."""
    for reader in (_placed, _weekdays, _every_unit, _unit_keyword, _month_day):
        found = reader(words)
        if found is not None:
            return found
    return None


def read_keyword(words: Words) -> Repeat | None:
    """A repetition that has a name of its own, such as "from Monday to Friday": looked for first, since it holds days."""
    lexicon = LEXICON[words.language]
    if words.take(lexicon["alternate"]):
        return Repeat(frequency="DAILY", interval=2)
    if found := _in_turns(words):
        return found
    if words.take(lexicon["workdays"]):
        return Repeat(frequency="WEEKLY", days=WORKDAYS)
    if words.take(lexicon["weekends"]):
        return Repeat(frequency="WEEKLY", days=WEEKEND)
    if words.take(lexicon["last_day"]):
        return Repeat(frequency="MONTHLY", month_day=-1)
    if words.take(lexicon["fortnight"]):
        return Repeat(frequency="WEEKLY", interval=2, days=_days_named(words))
    return None


def _placed(words: Words) -> Repeat | None:
    """The first Monday of the month."""
    lexicon = LEXICON[words.language]
    ordinals = [
        f"(?P<o{number}>{names})" for number, names in enumerate(lexicon["ordinals"].replace("a doua", "a_doua").replace(
            "a treia", "a_treia").replace("a patra", "a_patra").split(), 1)
    ]  # fmt: skip
    ordinal = "|".join(ordinals).replace("_", " ")
    month = rf"(?:\s+(?:{lexicon['of']}|in|no|en)\s+(?:the\s+|each\s+|every\s+|cada\s+|todo\s+|fiecare\s+|o\s+|la\s+)*(?:{lexicon['months_unit']}|lunii|fiecarei luni))"
    every = rf"(?:(?:{lexicon['every']}|{lexicon['on']})\s+)*"
    found = words.take(rf"{every}(?:{ordinal})\s+(?:{weekday_pattern(words.language)}){month}")
    if found is None:
        return None
    place = which(found.groupdict(), "o")
    return Repeat(frequency="MONTHLY", days=(which(found.groupdict(), "wd"),), place=-1 if place == 5 else place)


def _weekdays(words: Words) -> Repeat | None:
    """Every (second) Tuesday and Thursday; on Tuesdays."""
    lexicon = LEXICON[words.language]
    one = "|".join(lexicon["weekdays"].split())
    many = rf"(?P<list>(?:{one})(?:\s*(?:{lexicon['and']})\s*(?:(?:n[ao]s?|[ao]s|on|el|los)\s+)?(?:{one}))*)"
    step = rf"(?:(?P<other>{lexicon['other']})\s+|(?P<n>\d{{1,2}}|duas|dois|two|three)\s+)?"
    for pattern in (
        rf"(?:{lexicon['every']})\s+{step}{many}",
        rf"(?:{lexicon['on']})\s+{many}",
        many,
    ):
        for found in _all(words, pattern):
            groups = found.groupdict()
            is_every = "other" in groups
            if not is_every and not _is_plural(found["list"], words.language):
                continue
            if not is_every and re.match(r"\s+(?:viitoare|urmatoare|aceasta|asta)\b", words.text[found.end() :]):
                continue  # "marțea viitoare" is one Tuesday
            words.drop(found)
            interval = 2 if groups.get("other") else words.number(groups["n"]) if groups.get("n") else 1
            # "a cada 2 semanas" may stand beside it.
            interval = max(interval, _interval(words))
            return Repeat(frequency="WEEKLY", interval=interval, days=_days_in(found["list"], words.language))
    return None


def _unit(language: str) -> str:
    lexicon = LEXICON[language]
    return (
        f"(?P<HOURLY>{lexicon['hours']})|(?P<DAILY>{lexicon['days']})|(?P<WEEKLY>{lexicon['weeks']})|"
        f"(?P<MONTHLY>{lexicon['months_unit']})|(?P<YEARLY>{lexicon['years']})"
    )


def _frequency(found: re.Match[str]) -> str:
    return next(name for name in ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY") if found[name])


def _in_turns(words: Words) -> Repeat | None:
    """ "De 8 em 8 horas", "din 8 în 8 ore"."""
    first, _, second = LEXICON[words.language]["turns"].partition("|")
    number = f"({words.amount})"
    found = first and words.take(
        rf"{first}\s+(?P<n>{number})\s+{second}\s+(?P<same>{number})\s+(?:de\s+)?(?:{_unit(words.language)})"
    )
    if not found:
        return None
    interval = words.number(found["n"])
    words.is_broken = interval == 0 or interval != words.number(found["same"])
    frequency = _frequency(found)
    return Repeat(frequency=frequency, interval=interval, days=_days_named(words) if frequency == "WEEKLY" else ())


def _every_unit(words: Words) -> Repeat | None:
    lexicon = LEXICON[words.language]
    step = rf"(?:(?P<other>{lexicon['other']})|(?P<n>{words.amount}))"
    found = words.take(rf"(?:o data\s+)?(?:{lexicon['every']})\s+{step}\s+(?:de\s+)?(?:{_unit(words.language)})")
    if found is None:
        return None
    interval = 2 if found["other"] else words.number(found["n"])
    words.is_broken = words.is_broken or interval == 0
    frequency = _frequency(found)
    days = _days_named(words) if frequency == "WEEKLY" else ()
    return Repeat(
        frequency=frequency, interval=interval, days=days, month_day=_dom(words) if frequency == "MONTHLY" else 0
    )


def _unit_keyword(words: Words) -> Repeat | None:
    lexicon = LEXICON[words.language]
    # "todo dia 5" is once a month.
    if words.language == "pt" and (
        found := words.take(r"tod[ao]s?(?: os)? dias? (?P<dom>\d{1,2})(?! ?(?:h|:|de))(?: d[eo] (?:cada )?mes)?")
    ):
        return Repeat(frequency="MONTHLY", month_day=int(found["dom"])) if 1 <= int(found["dom"]) <= 31 else None
    for name in ("hourly", "daily", "weekly", "monthly", "yearly"):
        if words.take(lexicon[name]):
            days = _days_named(words) if name == "weekly" else ()
            return Repeat(frequency=name.upper(), days=days, month_day=_dom(words) if name == "monthly" else 0)
    return None


def _month_day(words: Words) -> Repeat | None:
    """On the 5th of each month."""
    pattern = {
        "en": r"(?:on )?(?:every |each |the )(?P<dom>\d{1,2})(?:st|nd|rd|th)(?: day)?(?: of (?:the|each|every) month)?",
        "pt": r"(?:no |todo )?dia (?P<dom>\d{1,2}) de (?:cada|todo) mes",
        "es": r"(?:el )?(?:dia )?(?P<dom>\d{1,2}) de cada mes",
        "ro": r"(?:pe|in data de) (?P<dom>\d{1,2}) (?:ale|a|din|in) fiecar(?:e|ei) lun[ai]",
    }[words.language]
    found = words.find(pattern)
    if found is None or (words.language == "en" and not re.search(r"every|each", found[0])):
        return None
    number = int(found["dom"])
    if not 1 <= number <= 31:
        return None
    words.drop(found)
    return Repeat(frequency="MONTHLY", month_day=number)


def _interval(words: Words) -> int:
    lexicon = LEXICON[words.language]
    found = words.take(rf"(?:{lexicon['every']})\s+(?P<n>{words.amount})\s+(?:de\s+)?(?:{lexicon['weeks']})")
    return words.number(found["n"]) if found else 1


def _dom(words: Words) -> int:
    pattern = LEXICON[words.language]["day_of_month"]
    found = words.take(rf"(?:on |in )?(?:{pattern})")
    found = found or words.take(r"(?:on the|no dia|el|el dia|pe|pe data de|in data de) (?P<dom>\d{1,2})")
    number = int(next((text for text in found.groupdict().values() if text), "0")) if found else 0
    return number if 1 <= number <= 31 else 0


def _days_named(words: Words) -> tuple[int, ...]:
    lexicon = LEXICON[words.language]
    one = "|".join(lexicon["weekdays"].split())
    found = words.take(
        rf"(?:(?:{lexicon['on']})\s+)?(?:(?:{lexicon['next']})\s+)?(?P<list>(?:{one})(?:\s*(?:{lexicon['and']})\s*(?:{one}))*)"
    )
    return _days_in(found["list"], words.language) if found else ()


def _days_in(text: str, language: str) -> tuple[int, ...]:
    found = re.finditer(rf"(?<!\w)(?:{weekday_pattern(language)})(?!\w)", text)
    return tuple(which(match.groupdict(), "wd") for match in found)


def _is_plural(text: str, language: str) -> bool:
    """Whether a weekday is said of every week: "Tuesdays", "terças", "los martes", "marțea"."""
    if language == "en":
        return re.search(r"days\b", text) is not None
    if language == "pt":
        return re.search(r"(?:segundas|tercas|quartas|quintas|sextas|sabados|domingos)\b", text) is not None
    if language == "ro":
        return re.search(r"(?:lea|le|martea|lunea|joia|miercurea|vinerea|sambetele|duminicile)\b", text) is not None
    return re.search(r"(?:sabados|domingos)\b", text) is not None


def _all(words: Words, pattern: str) -> list[re.Match[str]]:
    found = words.find(pattern)
    return [found] if found else []
