"""Which tests the second run makes again: as many as it takes to ask the other database all that the first was asked.

The first run of the whole suite notes what each test sends to the database: a statement in its shape (without the
values), the two innermost places of the product that send it, and the error that came back. Of what has been noted,
`left_out` gives the tests that ask nothing new.
"""

from __future__ import annotations

import heapq
import json
import os
import re
import sys
from collections.abc import Callable, Collection, Generator, Iterable
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from django.db.backends.signals import connection_created

ROOT = f"{Path(__file__).resolve().parents[2]}/"
TEST = "test"
PLACES = 2  # one alone is often a helper that everybody calls
# Marks of tests that bring servers, processes or threads, and of those that try what the database makes of a question.
ALWAYS = ("both", "browser", "postgres", "redis", "slow")
VALUES = re.compile(r"\((?:%s|NULL)(?:,\s*(?:%s|NULL))+\)")
ROWS = re.compile(r"(\(%s\))(?:,\s*\1)+")
NUMBERS = re.compile(r"\b\d+\b")
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA")


class Listener:
    """A plugin of pytest: writes down, in a file for each process, which test asked what."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.test = ""
        self.asked: dict[str, set[str]] = {}
        self.always: list[str] = []
        self.unfinished: set[str] = set()
        connection_created.connect(self._listen)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """What is asked from here on is asked by this test, its fixtures included; what is `once` asks nobody twice."""
        if item.get_closest_marker("once"):
            return (yield)
        self.test = item.nodeid
        self.asked.setdefault(item.nodeid, set())
        if is_of_both_runs(item):
            self.always.append(item.nodeid)
        try:
            return (yield)
        finally:
            self.test = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """What was skipped or failed has not asked all that it would."""
        if not report.passed:
            self.unfinished.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write it down, but for what did not end: the second run has that, as all that was never noted."""
        asked = {test: sorted(questions) for test, questions in self.asked.items() if test not in self.unfinished}
        text = json.dumps({"asked": asked, "always": sorted(asked.keys() & set(self.always))})
        (self.folder / f"{os.getpid()}.json").write_text(text, encoding="utf-8")

    def _listen(self, connection: Any, **_: Any) -> None:
        if self.hear not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.hear)

    def hear(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Note a statement on its way to the database."""
        error = ""
        try:
            return execute(sql, params, many, context)
        except Exception as problem:
            error = type(problem).__name__
            raise
        finally:
            shape = shape_of(str(sql))
            if self.test and shape and (place := place_that_asks()):
                self.asked[self.test].add(f"{place} {error} {shape}")


def is_of_both_runs(item: pytest.Item) -> bool:
    """Whether a test is marked as one of both runs or has real transactions."""
    if any(item.get_closest_marker(name) for name in ALWAYS):
        return True
    if {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        return True
    return any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))


@cache
def shape_of(sql: str) -> str:
    """A statement without its values; empty for what begins and ends transactions."""
    return "" if sql.startswith(CONTROL) else NUMBERS.sub("0", ROWS.sub(r"\1", VALUES.sub("(%s)", sql)))


def place_that_asks() -> str:
    """The innermost places of the product on the way to a statement; empty when the test itself asks."""
    found: list[str] = []
    frame = sys._getframe(2)
    while frame is not None and len(found) < PLACES:
        place = _place_of(frame.f_code)
        if place == TEST:
            break
        found += [place] if place else []
        frame = frame.f_back  # type: ignore[assignment]  # None at the end
    return " < ".join(found)


@cache
def _place_of(code: CodeType) -> str:
    path = code.co_filename
    if not path.startswith(ROOT) or "/site-packages/" in path:
        return ""
    inside = path.removeprefix(ROOT)
    return TEST if inside.startswith("tests/") else f"{inside}:{code.co_qualname}"


def left_out(folder: Path) -> list[str]:
    """The noted tests that ask nothing which others, that are made again, do not ask as well."""
    asked: dict[str, frozenset[str]] = {}
    always: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        noted = json.loads(path.read_text(encoding="utf-8"))
        asked |= {test: frozenset(questions) for test, questions in noted["asked"].items()}
        always.update(noted["always"])
    again = always | cover({test: asked[test] for test in sorted(asked.keys() - always)}, union(asked, always))
    return sorted(asked.keys() - again)


def union(asked: dict[str, frozenset[str]], tests: Iterable[str]) -> set[str]:
    """All that some tests ask."""
    return {question for test in tests for question in asked[test]}


def cover(asked: dict[str, frozenset[str]], known: Collection[str] = ()) -> set[str]:
    """Tests that together ask all that is asked and not yet known: each time the one that adds most.

    No smaller choice is looked for: the smallest is hard to find (set cover), and this one is near it.
    """
    missing = union(asked, asked) - set(known)
    chosen: set[str] = set()
    heap = [(-len(questions), test) for test, questions in asked.items()]
    heapq.heapify(heap)
    while missing:
        before, test = heapq.heappop(heap)
        adds = len(asked[test] & missing)
        if adds == -before:
            chosen.add(test)
            missing -= asked[test]
        elif adds:  # others have asked some of it in the meantime
            heapq.heappush(heap, (-adds, test))
    return chosen
