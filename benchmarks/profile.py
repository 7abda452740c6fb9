"""Where a message's time goes: statements and milliseconds of each stage, and a profile of the whole.

    .venv/bin/python -m benchmarks.profile [--messages 300] [--cprofile]

Everything runs in this one process on PostgreSQL of its own (durable), with the simulator beside it: webhooks by
Django's test client through the real middleware, tasks by the relay's own functions.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import os
import pstats
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.installation import Installation, installation
from benchmarks.pipeline import QUESTIONS

ORDER = (
    "receive",
    "messaging.process_webhook",
    "messaging.handle",
    "assistant.turn",
    "messaging.deliver",
    "receive a status",
    "process a status",
)

GROUPS = ("warm", "counted", "timed", "profiled")


@dataclass
class Stage:
    """What one step cost, each time it ran."""

    statements: list[int] = field(default_factory=list)
    savepoints: list[int] = field(default_factory=list)
    transactions: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)


Stages = dict[str, Stage]


def main() -> int:
    """Read the command line, set up, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.profile", description=__doc__)
    parser.add_argument("--messages", type=int, default=100)
    parser.add_argument("--cprofile", action="store_true", help="also a profile by function")
    parser.add_argument("--sql", action="store_true", help="also print the statements of one message by stage")
    given = parser.parse_args()
    with installation(servers=True) as desk:
        _become(desk)
        story = Story(desk, print_sql=given.sql)
        story.tell("warm", 5, defaultdict(Stage))
        # Once to count and once to time: writing the statements down costs as much as some of them.
        for title in ("a new contact", "a contact known already"):
            stages: Stages = defaultdict(Stage)
            for group in ("counted", "timed"):
                story.counts = group == "counted"
                story.tell(group, given.messages, stages)
            print(f"\n{title}\n{_table(stages, given.messages)}", flush=True)
            story.print_sql = False
        if given.cprofile:
            _profile(lambda: story.tell("profiled", given.messages, defaultdict(Stage)))
    return 0


class Story:
    """Messages of customers, one after the other, through every stage."""

    def __init__(self, desk: Installation, *, print_sql: bool) -> None:
        from django.test import Client

        self.desk = desk
        self.client = Client()
        self.print_sql = print_sql
        self.counts = False
        self.number = 0

    def tell(self, group: str, count: int, stages: Stages) -> None:
        """One question each of `count` people of a group, and the statuses of what they were answered."""
        base = GROUPS.index(group) * 1_000_000
        for number in range(count):
            self._message(f"1555{base + number:07d}", stages)

    def _message(self, person: str, stages: Stages) -> None:
        from messaging.models import Message

        self.number += 1
        before = Message.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        text = QUESTIONS[self.number % len(QUESTIONS)]
        request = self.desk.message(person=person, message_id=f"PROFILE{self.number:013d}", text=text)
        self._post(request, "receive", stages)
        self._work(stages)
        sent = Message.objects.filter(pk__gt=before, direction="out").exclude(external_id="")
        for row in list(sent[:1]):
            for status in ("sent", "delivered", "read"):
                self._post(self.desk.status(row.external_id, person, status), "receive a status", stages)
                self._work(stages, rename={"messaging.process_statuses": "process a status"})

    def _post(self, request: str, stage: str, stages: Stages) -> None:
        head, _, body = request.partition("\r\n\r\n")
        path = head.split(" ", 2)[1]
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if not line.startswith("Content-"))
        with self._counted(stages[stage], stage):
            answer = self.client.generic("POST", path, body, content_type="application/json", headers=headers)
        if answer.status_code != 200:
            raise RuntimeError(f"{stage}: {answer.status_code}")

    def _work(self, stages: Stages, rename: dict[str, str] | None = None) -> None:
        from common.work import queue, relay

        while due := list(relay.due_rows()):
            for name, pk, *_ in due:
                stage = (rename or {}).get(name, name)
                with self._counted(stages[stage], stage):
                    queue.run_task(name, pk)

    @contextmanager
    def _counted(self, stage: Stage, name: str) -> Iterator[None]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        if not self.counts:
            started = time.perf_counter()
            yield
            stage.milliseconds.append((time.perf_counter() - started) * 1000)
            return
        connection.queries_log.clear()
        with CaptureQueriesContext(connection) as captured:
            yield
        kinds: Counter[str] = Counter(_kind(query["sql"]) for query in captured.captured_queries)
        stage.statements.append(kinds["statement"])
        stage.savepoints.append(kinds["savepoint"])
        stage.transactions.append(kinds["transaction"])
        if self.print_sql and self.number == 6:  # the first one that is counted
            print(f"\n-- {name}")
            for query in captured.captured_queries:
                print("  ", query["sql"][:230])


def _kind(sql: str) -> str:
    word = sql.split(" ", 1)[0].upper()
    if word in ("SAVEPOINT", "RELEASE"):
        return "savepoint"
    if word == "BEGIN":
        return "transaction"
    return "end" if word in ("COMMIT", "ROLLBACK") else "statement"


def _table(stages: Stages, messages: int) -> str:
    lines = [
        "| Stage | Runs per message | Statements | Savepoint commands | Transactions | ms (median) |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    totals = [0.0] * 4
    names = [*(name for name in ORDER if name in stages), *(name for name in stages if name not in ORDER)]
    for name in names:
        stage, runs = stages[name], len(stages[name].statements) / messages
        each = [
            statistics.median(stage.statements),
            statistics.median(stage.savepoints),
            statistics.median(stage.transactions),
            statistics.median(stage.milliseconds),
        ]
        totals = [total + runs * value for total, value in zip(totals, each, strict=True)]
        lines.append(f"| {name} | {runs:g} | {each[0]:g} | {each[1]:g} | {each[2]:g} | {each[3]:.1f} |")
    lines.append(
        f"| **a message, all in all** | | {totals[0]:.0f} | {totals[1]:.0f} | {totals[2]:.0f} | {totals[3]:.0f} |"
    )
    return "\n".join(lines)


def _become(desk: Installation) -> None:
    """Make this process one of the installation's own; rings go nowhere, the story works every row itself."""
    for name, value in desk.environment.items():
        os.environ[name] = value
    os.environ.pop("REDIS_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    logging.getLogger("frontdesk").setLevel(logging.WARNING)


def _profile(run: Callable[[], Any]) -> None:
    profiler = cProfile.Profile()
    profiler.runcall(run)
    for order in ("cumulative", "tottime"):
        print(f"\nby {order}")
        pstats.Stats(profiler, stream=sys.stdout).sort_stats(order).print_stats(45)


if __name__ == "__main__":
    sys.exit(main())
