"""Chooses which tests the second run of `bin/test` repeats: enough of them to send its database every known question.

A question is a statement in its shape (without the values), the places of the product that send it, and the error that
came back. `Listener` notes the questions of each test during the first run; `left_out` returns the tests whose
questions are all asked by other tests that are repeated.
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
from types import CodeType, FrameType
from typing import Any

import pytest
from django.db.backends.signals import connection_created

ROOT = f"{Path(__file__).resolve().parents[2]}/"
TESTS, HELPERS = "tests/", "common/"
FILES = 2  # one alone often holds what everybody calls
LEAST = 1000  # the suite asks about 4,000 questions; with fewer than this the listener must be broken
# Marks of tests that bring servers, processes or threads, and of those that try what the database makes of a question.
ALWAYS = ("both", "browser", "postgres", "redis", "slow")
VALUES = re.compile(r"\((?:%s|NULL)(?:,\s*(?:%s|NULL))+\)")
ROWS = re.compile(r"(\(%s\))(?:,\s*\1)+")
NUMBERS = re.compile(r"\b\d+\b")
CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "PRAGMA")


class Listener:
    """A pytest plugin that writes the questions of each test to a file in `folder`, one file for each process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.test = ""
        self.asked: dict[str, set[str]] = {}
        self.always: set[str] = set()
        self.unfinished: set[str] = set()
        connection_created.connect(self._listen)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note the questions of this test and its fixtures; not of a test marked `once`, which is never repeated."""
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
        """Remember a test that was skipped or failed: it has not asked all of its questions."""
        if not report.passed:
            self.unfinished.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """Write the notes, without tests that were skipped or failed: what is not noted is repeated."""
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
    """Tell whether a test is in both runs whatever it asks: it is marked so, or has real transactions."""
    if any(item.get_closest_marker(name) for name in ALWAYS):
        return True
    if {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
        return True
    return any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))


@cache
def shape_of(sql: str) -> str:
    """Return a statement without its values; "" for statements that begin or end a transaction."""
    return "" if sql.startswith(CONTROL) else NUMBERS.sub("0", ROWS.sub(r"\1", VALUES.sub("(%s)", sql)))


def places_that_ask() -> str:
    """Return where in the product the statement comes from; "" when the test itself sends it.

    That is the innermost function of the product on the stack, and the innermost one of each of the two innermost files
    outside of `common`, whose helpers are called from everywhere.
    """
    innermost = ""
    callers: list[str] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and len(callers) < FILES:
        path, name = _place_of(frame.f_code)
        if path.startswith(TESTS):
            break
        if path:
            innermost = innermost or f"{path}:{name}"
            if not path.startswith(HELPERS) and not (callers and callers[-1].startswith(f"{path}:")):
                callers.append(f"{path}:{name}")
        frame = frame.f_back
    return " < ".join([innermost, *(caller for caller in callers if caller != innermost)])


@cache
def _place_of(code: CodeType) -> tuple[str, str]:
    path = code.co_filename
    if not path.startswith(ROOT) or "/site-packages/" in path or path == __file__:
        return "", ""
    return path.removeprefix(ROOT), code.co_qualname


def left_out(folder: Path) -> list[str]:
    """Return the noted tests that need no repetition: other tests, which are repeated, ask all of their questions.

    Raises ValueError when fewer than LEAST questions were noted.
    """
    asked: dict[str, frozenset[str]] = {}
    always: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        noted = json.loads(path.read_text(encoding="utf-8"))
        asked |= {test: frozenset(questions) for test, questions in noted["asked"].items()}
        always.update(noted["always"])
    questions = questions_of(asked.values())
    if len(questions) < LEAST:
        raise ValueError(f"only {len(questions)} questions were noted")
    known = questions_of(asked[test] for test in always)
    again = cover({test: asked[test] for test in sorted(asked.keys() - always)}, known)
    return sorted(asked.keys() - always - again)


def questions_of(several: Iterable[Collection[str]]) -> set[str]:
    """Return all questions of several tests."""
    return set().union(*several)


def cover(asked: dict[str, frozenset[str]], known: Collection[str] = ()) -> set[str]:
    """Return tests that together ask every question which is not yet known.

    Greedy: takes the test that adds most questions, again and again. The smallest choice is hard to find (set cover).
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
