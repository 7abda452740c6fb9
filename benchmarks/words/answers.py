"""Figures of the corpus of answers: what the assistant without a language model does with a customer's line.

`corpora/answers/<business>.tsv` is what two businesses have written down, `<language>.tsv` and
`<language>-unseen.tsv` are lines with what is expected. The rules were made on the first half; the unseen half is not
looked at when rules are changed. Measured is what the product runs: `line_sort`, `is_emergency`, `find_entries`.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from assistant.matching.emergencies import is_emergency
from assistant.matching.finding import ResultKind, find_entries
from assistant.matching.index import EntryIndex, EntrySource
from assistant.matching.line_sorts import LineSort, line_sort
from benchmarks.report import Figure, Options

CORPUS = Path(__file__).parent / "corpora" / "answers"
BUSINESSES = ("clinic", "bikes")
LANGUAGES = ("en", "pt", "es", "ro")
HALVES = ("dev", "unseen")
# What is expected of a line besides keys of entries.
SORTS = {LineSort.DESK: "self", LineSort.PERSON: "person", LineSort.CLOSING: "silent", LineSort.HELLO: "hello"}
MANY_ENTRIES = 2000


@dataclass(frozen=True)
class Line:
    """One line of a customer, and what is expected: a key of an entry, "both:a,b", "either:a,b" (buttons), "not:a"
    (anything but that entry), "unknown", "emergency", "person", "self", "hello" or "silent"."""

    business: str
    expected: str
    before: str  # what the customer asked before it
    question: str

    @property
    def keys(self) -> set[str]:
        """The entries that are expected, or for "not" the one that must not be said."""
        return set(self.expected.rpartition(":")[2].split(","))

    @property
    def is_answerable(self) -> bool:
        """Whether something written down is to be said."""
        sort = self.expected.partition(":")[0]
        return sort not in {*SORTS.values(), "unknown", "emergency", "not", "either"}


@dataclass
class Count:
    """What came out over the lines of a half."""

    given: int = 0  # lines that were answered with what is written down
    right: int = 0
    answerable: int = 0
    answered: int = 0
    offered: int = 0  # answerable lines that got buttons with what was expected among them
    emergencies: int = 0
    found: int = 0
    others: int = 0
    false: int = 0  # emergencies that are none
    opposite: int = 0  # answers that say the opposite of what is wanted
    wrong: list[str] = field(default_factory=list)


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of each language and half, and how long a search takes."""
    for half in HALVES:
        for language in LANGUAGES:
            yield from _figures(count(language, half), f"{language} {half}")
    yield _speed()


def count(language: str, half: str) -> Count:
    """Put every line of a half to the rules."""
    counted = Count()
    for line in lines(language, half):
        outcome, keys = decide(line, language)
        _add(counted, line, outcome, keys)
    return counted


def decide(line: Line, language: str) -> tuple[str, list[str]]:
    """(what the assistant does, keys of the entries that it says or offers), as the product does it."""
    if is_emergency(line.question):
        return "emergency", []
    sort = line_sort(line.question)
    if sort != LineSort.QUESTION:
        return SORTS[sort], []
    index, keys = business(line.business)
    found = find_entries(line.question, index, language, before=line.before)
    return str(found.kind), [keys[pk] for pk in found.entries]


def lines(language: str, half: str) -> list[Line]:
    """The lines of a language: of the half that rules are made on, or of the unseen one."""
    name = f"{language}.tsv" if half == "dev" else f"{language}-unseen.tsv"
    return [Line(**row) for row in _rows(CORPUS / name)]


@cache
def business(name: str) -> tuple[EntryIndex, list[str]]:
    """What a business has written down, ready to be searched, and the keys of its entries."""
    rows = _rows(CORPUS / f"{name}.tsv")
    texts = [{column: text for column, text in row.items() if column != "key"} for row in rows]
    return EntryIndex(EntrySource(pk, **text) for pk, text in enumerate(texts)), [row["key"] for row in rows]


def _add(counted: Count, line: Line, outcome: str, keys: list[str]) -> None:
    said = set(keys)
    if line.expected == "emergency":
        counted.emergencies += 1
        counted.found += outcome == "emergency"
    else:
        counted.others += 1
        counted.false += outcome == "emergency"
    counted.answerable += line.is_answerable
    counted.offered += line.is_answerable and outcome == ResultKind.CHOICE and bool(said & line.keys)
    if outcome != ResultKind.ANSWER:
        return
    is_opposite = line.expected.startswith("not:") and bool(said & line.keys)
    is_right = said == line.keys if not line.expected.startswith(("not:", "either:")) else False
    counted.given += 1
    counted.opposite += is_opposite
    counted.right += is_right
    counted.answered += line.is_answerable and is_right
    if not is_right:
        counted.wrong.append(f"{line.expected} -> {','.join(keys)}: {line.question}")


def _figures(counted: Count, name: str) -> Iterator[Figure]:
    yield Figure(
        bench="words-answers", name=f"right of given, {name}", value=_percent(counted.right, counted.given), unit="%",
        at_least=98, note=f"{counted.given} given",
    )  # fmt: skip
    yield Figure(
        bench="words-answers", name=f"answered of answerable, {name}", unit="%",
        value=_percent(counted.answered, counted.answerable),
        note=f"{counted.answerable} lines; buttons for {_percent(counted.offered, counted.answerable):g} % more",
    )  # fmt: skip
    yield Figure(
        bench="words-answers", name=f"emergencies found, {name}", unit="%",
        value=_percent(counted.found, counted.emergencies), at_least=90, note=f"{counted.emergencies} lines",
    )  # fmt: skip
    yield Figure(
        bench="words-answers", name=f"false emergencies, {name}", unit="%",
        value=_percent(counted.false, counted.others), at_most=1, note=f"{counted.others} lines",
    )  # fmt: skip
    yield Figure(
        bench="words-answers", name=f"opposite answers, {name}", value=counted.opposite, unit="", at_most=0,
    )  # fmt: skip


def _speed() -> Figure:
    """A search over the most entries that a business may have."""
    rows = [row for name in BUSINESSES for row in _rows(CORPUS / f"{name}.tsv")]
    texts = [{column: text for column, text in row.items() if column != "key"} for row in rows]
    index = EntryIndex(EntrySource(pk, **texts[pk % len(texts)]) for pk in range(MANY_ENTRIES))
    questions = [line.question for line in lines("en", "dev")[:100]]
    find_entries(questions[0], index, "en")
    started = time.perf_counter()
    for question in questions:
        find_entries(question, index, "en")
    milliseconds = 1000 * (time.perf_counter() - started) / len(questions)
    return Figure(
        bench="words-answers", name=f"one search in {MANY_ENTRIES} entries", value=round(milliseconds, 1), unit="ms"
    )


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 100.0


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
