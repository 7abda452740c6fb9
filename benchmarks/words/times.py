"""Figures of the corpus of times: what the reader of reminders makes of sentences, beside the right answers.

`python -m benchmarks.words.times` prints the figures, `--show en` the lines that fail with what was read instead.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from benchmarks.report import Figure, Options, table
from benchmarks.words.times_corpus import LANGUAGES, Expected, Line, load
from benchmarks.words.times_subjects import difference
from timewords.parser import PastTime, parse_time_words

BENCH = "words-times"
COMPARED = 400  # times of a repetition: enough to see a count or an end of a year of days
ASKS = "asks"
OWN_ZONE = "Etc/GMT+1"  # where whoever writes is: a zone that no sentence names


@dataclass(frozen=True, kw_only=True)
class Understood:
    """A whole reading, as far as it is compared."""

    first: datetime
    rule: str
    until: date | None
    delay: timedelta | None
    zone: str  # "" when the words name none
    subject: str


class Outcome(StrEnum):
    """What became of a sentence."""

    UNDERSTOOD = "understood"  # one of the right readings
    ALLOWED = "asked, and that is right"
    MISSED = "asked or silent where a reading was expected"
    WRONG = "confirmed wrong"
    SILENT = "silent where nothing was said"
    INVENTED = "read where nothing was said"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A line, what was made of it and why that is wrong."""

    line: Line
    outcome: Outcome
    answer: Understood | str | None
    reason: str = ""


def understand(sentence: str, *, now: datetime, language: str) -> Understood | str | None:
    """Ask the reader; returns ASKS where it is not sure, None where it saw no time."""
    try:
        found = parse_time_words(sentence, now=now, language=language, zone=OWN_ZONE)
    except PastTime:
        return ASKS
    if found is None:
        return None
    if not found.is_whole:
        return ASKS
    return Understood(
        first=found.there or found.first,
        rule=found.rule,
        until=found.last_on,
        delay=found.delay,
        zone=found.zone,
        subject=found.rest,
    )


def judged(line: Line) -> Verdict:
    """Ask the reader about a line and judge what it says."""
    return judge(line, understand(line.sentence, now=line.now, language=line.language))


def judge(line: Line, answer: Understood | str | None) -> Verdict:
    """Put an answer beside what is right."""
    if not isinstance(answer, Understood):
        if line.is_talk:
            return Verdict(line=line, outcome=Outcome.SILENT, answer=answer)
        return Verdict(line=line, outcome=Outcome.ALLOWED if line.may_ask else Outcome.MISSED, answer=answer)
    if line.is_talk:
        return Verdict(line=line, outcome=Outcome.INVENTED, answer=answer)
    if not line.readings:
        return Verdict(line=line, outcome=Outcome.WRONG, answer=answer, reason="must ask")
    if not any(is_same_time(answer, wanted) for wanted in line.readings):
        return Verdict(line=line, outcome=Outcome.WRONG, answer=answer, reason="another time")
    if words := difference(answer.subject, line.subject):
        return Verdict(line=line, outcome=Outcome.WRONG, answer=answer, reason=words)
    return Verdict(line=line, outcome=Outcome.UNDERSTOOD, answer=answer)


def is_same_time(answer: Understood, wanted: Expected) -> bool:
    """Whether both name the same moments; two ways to write one repetition are the same."""
    if answer.first != wanted.first or not _is_same_zone(answer.zone, wanted.zone, at=wanted.first):
        return False
    if (answer.rule, answer.until) == (wanted.rule, wanted.until):
        return True
    return times(answer.first, answer.rule, answer.until) == times(wanted.first, wanted.rule, wanted.until)


def times(first: datetime, rule: str, until: date | None) -> list[datetime]:
    """List the first times of a repetition, at most COMPARED; of none, the one time. A broken rule has no times."""
    if not rule:
        return [first]
    try:
        found = islice(rrulestr(rule, dtstart=first), COMPARED)
        return [moment for moment in found if until is None or moment.date() <= until]
    except ValueError:
        return []


def _is_same_zone(found: str, wanted: str, *, at: datetime) -> bool:
    if found == wanted or not (found and wanted):
        return found == wanted
    try:
        return at.replace(tzinfo=ZoneInfo(found)).utcoffset() == at.replace(tzinfo=ZoneInfo(wanted)).utcoffset()
    except (KeyError, ValueError):
        return False


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of each language, then those of all."""
    verdicts = {language: [judged(line) for line in load(language)] for language in LANGUAGES}
    for language, found in verdicts.items():
        yield from _figures(language, found)
    yield from _figures("all", [verdict for found in verdicts.values() for verdict in found])


def _figures(of: str, verdicts: Sequence[Verdict]) -> Iterator[Figure]:
    def count(outcome: Outcome) -> int:
        return sum(verdict.outcome == outcome for verdict in verdicts)

    readable = [verdict for verdict in verdicts if verdict.line.readings]
    must_be_read = [verdict for verdict in readable if not verdict.line.may_ask]
    delays = [
        verdict.answer.delay is not None
        for verdict in readable
        if isinstance(verdict.answer, Understood)
        and verdict.outcome is Outcome.UNDERSTOOD
        and any(wanted.is_delay for wanted in verdict.line.readings)
    ]

    yield Figure(
        bench=BENCH,
        name=f"{of}: confirmed wrong",
        value=count(Outcome.WRONG),
        unit="sentences",
        at_most=0,
        note=f"of {len(verdicts)}",
    )
    yield Figure(
        bench=BENCH,
        name=f"{of}: understood",
        value=_percent(count(Outcome.UNDERSTOOD), len(readable)),
        unit="%",
        at_least=90,  # a reader that always asks would never be wrong
        note=f"of {len(readable)} that have a right reading; {len(readable) - len(must_be_read)} of these may be asked",
    )
    yield Figure(
        bench=BENCH,
        name=f"{of}: asked or silent where a reading was expected",
        value=_percent(count(Outcome.MISSED), len(must_be_read)),
        unit="%",
        note=f"of {len(must_be_read)} that must be read",
    )
    yield Figure(
        bench=BENCH,
        name=f"{of}: read where nothing was said",
        value=count(Outcome.INVENTED),
        unit="sentences",
        at_most=0,
        note=f"of {sum(verdict.line.is_talk for verdict in verdicts)} without a time",
    )
    yield Figure(
        bench=BENCH,
        name=f"{of}: lengths known to count from now",
        value=_percent(sum(delays), len(delays)),
        unit="%",
        note=f"of {len(delays)} understood",
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 100.0


def show(language: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Yield a description of each line of a language with one of these outcomes."""
    for verdict in map(judged, load(language)):
        if verdict.outcome not in outcomes:
            continue
        reason = f" ({verdict.reason})" if verdict.reason else ""
        yield f"{verdict.line.where}: {verdict.outcome}{reason}\n    {verdict.line.sentence}"
        for wanted in verdict.line.readings:
            yield f"    right: {_said(wanted)}, subject {verdict.line.subject!r}"
        if verdict.line.may_ask:
            yield "    right: asks"
        answer = verdict.answer
        said = f"{_said(answer)}, subject {answer.subject!r}" if isinstance(answer, Understood) else answer or "nothing"
        yield f"    found: {said}"


def _said(one: Understood | Expected) -> str:
    until = f"until {one.until}" if one.until else ""
    return " ".join(part for part in (f"{one.first:%a %Y-%m-%d %H:%M}", one.rule, until, one.zone) if part)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the figures, or the lines that fail."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.words.times", description=__doc__)
    parser.add_argument("--show", choices=LANGUAGES, action="append", help="list the failing lines of this language")
    parser.add_argument("--only", choices=[outcome.name.lower() for outcome in Outcome], help="only this outcome")
    asked = parser.parse_args(arguments)
    outcomes = [Outcome[asked.only.upper()]] if asked.only else [Outcome.WRONG, Outcome.INVENTED, Outcome.MISSED]
    for language in asked.show or ():
        print("\n".join(show(language, outcomes)))
    if not asked.show:
        print(table(measure(Options())))


if __name__ == "__main__":
    main()
