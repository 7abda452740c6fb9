"""Times out of people's words, in four languages: "every second Tuesday at 9", "in 20 minutes", "amanhã às 15h".

What is understood is exact, and what is not understood is left to a question: nothing here guesses from half a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from reminders.when.clocks import ClockTime, read_clock
from reminders.when.dates import read_date
from reminders.when.doubts import is_doubtful
from reminders.when.lexicon import LEXICON
from reminders.when.repeats import Repeat, read_end, read_keyword, read_repeat
from reminders.when.rules import Schedule
from reminders.when.span import Words

USUAL_TIME = time(9, 0)  # when a day is named and no time
MAX_DELAY = timedelta(days=366 * 5)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What words say about time."""

    first: datetime  # on the wall clock of whoever said it
    rule: str = ""
    last_on: date | None = None
    delay: timedelta | None = None  # counted from now: exact, whatever the clocks do meanwhile
    has_time: bool = True
    has_date: bool = True
    is_whole: bool = True  # False: something about time was left over, so nobody knows what is meant
    rest: str = ""  # the other words, as they were written
    language: str = "en"
    taken: int = field(default=0, compare=False)  # letters understood


class Past(ValueError):
    """The words name a time that is over."""

    taken = 0  # letters understood


def read(text: str, *, now: datetime, language: str = "en", is_answer: bool = False) -> Reading | None:
    """What a text says about time; None when it says nothing that is understood. Raises Past.

    Args:
        now: on the wall clock of whoever wrote it.
        language: tried first, and preferred where two fit equally well.
        is_answer: the text answers "when?": a bare length such as "10 min" counts from now.
    """
    order = sorted(LEXICON, key=lambda name: name != language.split("-", maxsplit=1)[0])
    found: list[Reading] = []
    over: list[Past] = []
    for name in order:
        words = Words(text[:500], name)
        try:
            reading = _read(words, now, is_answer=is_answer)
        except Past as error:
            error.taken = words.taken
            over.append(error)
            continue
        if reading is not None:
            found.append(reading)
    best = max(found, key=lambda reading: reading.taken, default=None)
    past = max(over, key=lambda error: error.taken, default=None)
    if past is not None and (best is None or past.taken >= best.taken):
        raise past
    return best


def _read(words: Words, now: datetime, *, is_answer: bool) -> Reading | None:
    base = Reading(first=now, language=words.language)
    if words.find(LEXICON[words.language]["past"]):
        words.take(LEXICON[words.language]["past"])
        if read_clock(words) or read_date(words, now.date()):
            raise Past("it is over")
        return None
    named = read_keyword(words)
    delay = _delay(words, is_answer=is_answer) if named is None else None
    if delay is not None:
        return _ended(replace(base, first=now + delay, delay=delay), words)
    last_on, count = read_end(words, now.date())
    repeat = named or read_repeat(words)
    day = read_date(words, now.date(), is_repeated=repeat is not None)
    clock = read_clock(words)
    if repeat is None and day is None and clock is None:
        return None
    if repeat is not None:
        return _ended(_repeated(repeat, day, clock, base=replace(base, last_on=last_on), count=count), words)
    first = _once(day, clock, now)
    return _ended(replace(base, first=first, has_time=clock is not None, has_date=day is not None), words)


def _ended(reading: Reading, words: Words) -> Reading:
    is_whole = not words.is_broken and not is_doubtful(words)
    return replace(reading, rest=words.rest(), taken=words.taken, is_whole=is_whole)


def _delay(words: Words, *, is_answer: bool) -> timedelta | None:
    lexicon = LEXICON[words.language]
    amount, unit = words.amount, f"(?P<m>{lexicon['minutes']})|(?P<h>{lexicon['hours']})"
    if words.take(rf"(?:{lexicon['in']})\s+(?:{lexicon['half_hour']})"):
        return timedelta(minutes=30)
    more = rf"\s*(?:{lexicon['and']})?\s*(?P<more>\d{{1,2}})\s*(?:de\s+)?(?:{lexicon['minutes']})"
    half = rf"\s+(?P<half>{lexicon['and_half'] or 'and a half'})"
    found = words.take(rf"(?:{lexicon['in']})\s+(?P<n>\d{{1,2}})\s?(?P<h>h)\s?(?P<more>[0-5]\d)(?P<m>x^)?")
    found = found or words.take(rf"(?:{lexicon['in']})\s+(?P<n>{amount})\s*(?:de\s+)?(?:{unit})(?:{half}|{more})?")
    found = found or words.take(rf"(?P<n>{amount})\s*(?:de\s+)?(?:{unit})\s+(?:{lexicon['later']})")
    if found is None and is_answer:
        if words.take(lexicon["half_hour"]):
            return timedelta(minutes=30)
        found = words.take(rf"(?:\+|mais\s+|mas\s+|inca\s+|another\s+)?(?P<n>{amount})\s*(?:de\s+)?(?:{unit})")
    if found is None:
        return None
    number = words.number(found["n"])
    delay = timedelta(minutes=number) if found["m"] else timedelta(hours=number)
    if found.groupdict().get("half"):
        delay += timedelta(minutes=30)
    delay += timedelta(minutes=int(found.groupdict().get("more") or 0))
    return delay if timedelta(0) < delay <= MAX_DELAY else None


def _once(day: date | None, clock: ClockTime | None, now: datetime) -> datetime:
    at = clock.at() if clock is not None else USUAL_TIME
    if day is None:
        first = datetime.combine(now.date(), at)
        return first if first > now else first + timedelta(days=1)
    first = datetime.combine(day, at)
    if first <= now and clock is not None and clock.is_open:
        first = datetime.combine(day, clock.at(later=True))
    if first <= now and clock is None and day == now.date():
        first = (now + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    if first <= now:
        raise Past(f"{first:%Y-%m-%d %H:%M} is over")
    return first


def _repeated(
    repeat: Repeat, day: date | None, clock: ClockTime | None, *, base: Reading, count: int | None
) -> Reading:
    now, last_on = base.first, base.last_on
    at = clock.at() if clock is not None else USUAL_TIME
    begin = datetime.combine(day or now.date(), at)
    if repeat.frequency == "HOURLY":
        begin = (
            begin if clock is not None else (now + timedelta(hours=repeat.interval)).replace(second=0, microsecond=0)
        )
    rule = repeat.rule(begin.date(), is_dated=day is not None)
    every = re.sub(r";INTERVAL=\d+", "", rule)
    first = next((wall for wall in Schedule(first=begin, zone="UTC", rule=every)._walls(begin) if wall > now), None)
    if first is None or (last_on is not None and first.date() > last_on):
        raise Past("it would end before it begins")
    rule += f";COUNT={count}" if count else ""
    return replace(
        base, first=first, rule=rule,
        has_time=clock is not None or repeat.frequency == "HOURLY", has_date=day is not None,
    )  # fmt: skip
