"""Makes the second part of the corpus of times out of templates and values; the same sentences each time.

`python -m benchmarks.words.times_grammar` writes `corpora/times/<language>-made.tsv` from `corpora/times/grammar/`.
The right answers are counted here from the values with plain calendar arithmetic; no reader of words is asked.
"""

from __future__ import annotations

import calendar
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import count, islice
from typing import Any

from benchmarks.words.times_corpus import DAYS, FOLDER, LANGUAGES, NOW

HEAD = "# Made by benchmarks/words/times_grammar.py from grammar/{language}.toml: change those, not this file.\n"
CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
USUAL = "9:00"  # the time of a day that is named without one
NEARLY_A_YEAR = timedelta(days=330)
MISSES = 2000  # combinations tried in vain before a section counts as used up

Row = tuple[str, str, str]  # sentence, answers, subject


def said(moment: datetime, *more: str) -> str:
    """One right answer, as the corpus writes it."""
    return " ".join([DAYS[moment.weekday()], f"{moment:%Y-%m-%d %H:%M}", *more])


def at(day: date, clock: str) -> datetime:
    """The moment of a clock such as "9:30" on a day."""
    hour, minute = clock.split(":")
    return datetime.combine(day, time(int(hour), int(minute)))


def day_of(value: str) -> date:
    """The day of "+1" (days from now), "FR" (the coming one), "FR+" (the one of next week) or "10-05"."""
    today = NOW.date()
    if value.startswith("+"):
        return today + timedelta(days=int(value))
    if value[:2] in CODES:
        monday = today - timedelta(days=today.weekday())
        day = monday + timedelta(days=CODES.index(value[:2]))
        return day + timedelta(days=7) if value.endswith("+") or day <= today else day
    month, number = map(int, value.split("-"))
    day = date(today.year, month, number)
    return day if day >= today else day.replace(year=today.year + 1)


def is_on(day: date, rule: str) -> bool:
    """Whether a rule of days, weekdays or days of the month comes on a day. It has no interval."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    last = calendar.monthrange(day.year, day.month)[1]
    if "BYMONTHDAY" in parts:
        wanted = int(parts["BYMONTHDAY"])
        return day.day == (wanted if wanted > 0 else last + 1 + wanted)
    if "BYDAY" not in parts:
        return True
    if parts["FREQ"] == "WEEKLY":
        return CODES[day.weekday()] in parts["BYDAY"].split(",")
    place, code = int(parts["BYDAY"][:-2]), parts["BYDAY"][-2:]
    nth = (day.day - 1) // 7 + 1 if place > 0 else -((last - day.day) // 7 + 1)
    return CODES[day.weekday()] == code and nth == place


def first_of(rule: str, clock: str) -> datetime:
    """The first time to come of a rule."""
    days = (NOW.date() + timedelta(days=number) for number in count())
    return next(at(day, clock) for day in days if is_on(day, rule) and at(day, clock) > NOW)


def combined(*lists: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Walk through the lists with different steps, so that every value meets many others."""
    steps = (1, 7, 11, 13, 17)
    for number in count():
        yield tuple(
            values[(number * step + number // len(values)) % len(values)]
            for values, step in zip(lists, steps, strict=False)
        )


def once(words: dict[str, Any]) -> Iterator[Row]:
    """A day and a clock, in both orders."""
    for template, (day, value), (clock, hour), subject in combined(
        words["templates"], words["days"], words["clocks"], words["subjects"]
    ):
        order = f"{clock} {day}" if len(subject) % 3 == 0 and words["clock_may_lead"] else f"{day} {clock}"
        yield template.format(t=order, s=subject), said(at(day_of(value), hour)), subject


def days(words: dict[str, Any]) -> Iterator[Row]:
    """A day without a clock."""
    for (day, value), template, subject in combined(words["days"], words["templates"], words["subjects"]):
        yield template.format(t=day, s=subject), said(at(day_of(value), USUAL)), subject


def dates(words: dict[str, Any]) -> Iterator[Row]:
    """A number and a month, with a clock."""
    for template, form, number, (clock, hour), subject in combined(
        words["templates"], words["dates"], range(1, 29), words["clocks"], words["subjects"]
    ):
        month = number * 5 % 12 + 1
        name = words["months"][month - 1]
        words_of_date = form.format(d=number, month=name, dd=f"{number:02}", mm=f"{month:02}")
        day = day_of(f"{month}-{number}")
        if "{year}" in words_of_date:
            words_of_date = words_of_date.replace("{year}", str(day.year))
        # Signs alone, such as 5/3, may be the month first and asked.
        # A day that was over some weeks ago, without its year, may be a slip and asked, too.
        is_open = ("{mm}" in form and number <= 12) or ("{year}" not in form and day - NOW.date() > NEARLY_A_YEAR)
        answers = said(at(day, hour)) + (" | asks" if is_open else "")
        yield template.format(t=f"{words_of_date} {clock}", s=subject), answers, subject


def delays(words: dict[str, Any]) -> Iterator[Row]:
    """A length from now."""
    lengths = [(one, number) for one in words["delays"] for number in one["numbers"]]
    for (one, number), template, subject in combined(lengths, words["templates"], words["subjects"]):
        length = timedelta(**{one["unit"]: float(str(number).replace(",", "."))})
        if one["unit"] in {"days", "weeks"}:
            # Days without a clock: at the usual time, or at the time it is now.
            answers = f"{said(at((NOW + length).date(), USUAL))} | {said(NOW + length)}"
        else:
            answers = said(NOW + length, "delay")
        yield template.format(t=one["form"].format(n=number), s=subject), answers, subject


def repeats(words: dict[str, Any]) -> Iterator[Row]:
    """A repetition with a clock."""
    named = [(form.format(day=name), f"FREQ=WEEKLY;BYDAY={code}") for form, *names in words["weekly"]
             for name, code in zip(names, CODES, strict=True)]  # fmt: skip
    listed = [(phrase, f"FREQ={rule}") for phrase, rule in words["repeats"]]
    for (phrase, rule), (clock, hour), template, subject in combined(
        [*named, *listed], words["clocks"], words["templates"], words["subjects"]
    ):
        yield template.format(t=f"{phrase} {clock}", s=subject), said(first_of(rule, hour), rule), subject


def ends(words: dict[str, Any]) -> Iterator[Row]:
    """A repetition with a clock and a last day."""
    for (phrase, rule), (clock, hour), (end, value), subject in combined(
        words["repeats"][:3], words["clocks"], words["ends"], words["subjects"]
    ):
        first = first_of(f"FREQ={rule}", hour)
        until = f"until={day_of(value)}"
        yield f"{phrase} {clock} {end} {subject}", said(first, f"FREQ={rule}", until), subject


def doubts(words: dict[str, Any]) -> Iterator[Row]:
    """What must be asked: two times, two days, a time that is over, a day that there is not."""
    for form, (day, value), (clock, hour), (other, other_hour), subject in combined(
        words["doubts"], words["days"], words["clocks"], words["clocks"][1:], words["subjects"]
    ):
        another, another_value = words["days"][(words["days"].index([day, value]) + 3) % len(words["days"])]
        if hour == other_hour or day_of(value) == day_of(another_value):
            continue
        sentence = form.format(day=day, another=another, clock=clock, other=other, s=subject)
        yield sentence, "asks", ""


def talk(words: dict[str, Any]) -> Iterator[Row]:
    """Sentences with numbers and without a time."""
    for form, number in combined(words["talk"], words["numbers"]):
        yield form.format(n=number), "none", ""


SECTIONS = ((once, 75), (days, 25), (dates, 40), (delays, 35), (repeats, 60), (ends, 15), (doubts, 25), (talk, 25))


def distinct(rows: Iterable[Row], seen: set[str], size: int) -> list[Row]:
    """The first `size` rows whose sentence is new; fewer when the values are used up."""
    found: list[Row] = []
    for row in islice(rows, MISSES):
        if row[0].casefold() not in seen and len(found) < size:
            seen.add(row[0].casefold())
            found.append(row)
    return found


def made(language: str) -> str:
    """The text of the made file of a language."""
    words = tomllib.loads((FOLDER / "grammar" / f"{language}.toml").read_text(encoding="utf-8"))
    written = (FOLDER / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    seen = {line.split("\t", 1)[0].casefold() for line in written}
    pages = []
    for section, size in SECTIONS:
        rows = distinct(section(words), seen, size)
        lines = ["\t".join(part for part in row if part) for row in rows]
        pages.append("\n".join([f"# {section.__name__}", *lines]))
    return HEAD.format(language=language) + "\n" + "\n\n".join(pages) + "\n"


def main() -> None:
    """Write the made files of all languages."""
    for language in LANGUAGES:
        (FOLDER / f"{language}-made.tsv").write_text(made(language), encoding="utf-8")


if __name__ == "__main__":
    main()
