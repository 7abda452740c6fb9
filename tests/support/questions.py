"""Which tests the second run makes again: as many as it takes to put to its database all that the first was asked.

The first run of the whole suite notes what each test sends to the database: a statement in its shape (without the
values), the places of the product that send it, and the error that came back. Of what has been noted, `left_out` gives
the tests that ask nothing which others do not ask as well.
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
TESTS, HELPERS = "tests/", "common/"
FILES = 2  # one alone often holds what everybody calls
LEAST = 1000  # so many questions are asked by far; with fewer the listening is broken, and nothing may be left out
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
        self.always: set[str] = set()
        self.unfinished: set[str] = set()
        connection_created.connect(self._listen)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """What is asked from here on is asked by this test, its fixtures included; what is `once` asks nobody twice."""
        if item.get_closest_marker("once"):
            return (yield)
        self.test = item.nodeid
        self.asked.setdefault(item.nodeid, set())
        if is_always_repeated(item):
            self.always.add(item.nodeid)
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
        asked = {test: sorted(found.copy()) for test, found in self.asked.items() if test not in self.unfinished}
        text = json.dumps({"asked": asked, "always": sorted(asked.keys() & self.always)})
        (self.folder / f"{os.getpid()}.json").write_text(text, encoding="utf-8")

    def _listen(self, connection: Any, **_: Any) -> None:
        if self.hear not in connection.execute_wrappers:
            connection.execute_wrappers.append(self.hear)

    def hear(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Note a statement on its way to the database."""
        test, error = self.test, ""  # another thread may end the test in the meantime
        try:
            return execute(sql, params, many, context)
        except Exception as problem:
            error = type(problem).__name__
            raise
        finally:
            if test and (shape := shape_of(str(sql))):
                self.asked[test].add(f"{places_that_ask()} {error} {shape}")


def is_always_repeated(item: pytest.Item) -> bool:
    """Whether a test is made in both runs whatever it asks: by its mark, or because it has real transactions."""
    if any(item.get_closest_marker(name) for name in ALWAYS):
        return True
    if {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        return True
    return any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))


@cache
def shape_of(sql: str) -> str:
    """A statement without its values; empty for what begins and ends transactions."""
    return "" if sql.startswith(CONTROL) else NUMBERS.sub("0", ROWS.sub(r"\1", VALUES.sub("(%s)", sql)))


def places_that_ask() -> str:
    """The innermost place of the product on the way to a statement, and that of the innermost files beside `common`.

    What stands in `common` is called by everybody. Empty when the test itself asks.
    """
    innermost, callers = "", []
    frame = sys._getframe(2)
    while frame is not None and len(callers) < FILES:
        path, name = _place_of(frame.f_code)
        if path.startswith(TESTS):
            break
        if path:
            innermost = innermost or f"{path}:{name}"
            if not path.startswith(HELPERS) and not (callers and callers[-1].startswith(f"{path}:")):
                callers.append(f"{path}:{name}")
        frame = frame.f_back  # type: ignore[assignment]  # None at the end
    return " < ".join([innermost, *(caller for caller in callers if caller != innermost)])


@cache
def _place_of(code: CodeType) -> tuple[str, str]:
    path = code.co_filename
    if not path.startswith(ROOT) or "/site-packages/" in path or path == __file__:
        return "", ""
    return path.removeprefix(ROOT), code.co_qualname


def left_out(folder: Path) -> list[str]:
    """The noted tests that ask nothing which others, that are made again, do not ask as well.

    Raises ValueError when so little was heard that no choice can be made by it.
    """
    asked: dict[str, frozenset[str]] = {}
    always: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        noted = json.loads(path.read_text(encoding="utf-8"))
        asked |= {test: frozenset(questions) for test, questions in noted["asked"].items()}
        always.update(noted["always"])
    questions = questions_of(asked.values())
    if len(questions) < LEAST:
        raise ValueError(f"only {len(questions)} questions were heard")
    known = questions_of(asked[test] for test in always)
    again = cover({test: asked[test] for test in sorted(asked.keys() - always)}, known)
    return sorted(asked.keys() - always - again)


def questions_of(several: Iterable[Collection[str]]) -> set[str]:
    """All that several tests ask."""
    return set().union(*several)


def cover(asked: dict[str, frozenset[str]], known: Collection[str] = ()) -> set[str]:
    """Tests that together ask all that is asked and not yet known: each time the one that adds most.

    No smaller choice is looked for: the smallest is hard to find (set cover), and this one is near it.
    """
    missing = questions_of(asked.values()) - set(known)
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
