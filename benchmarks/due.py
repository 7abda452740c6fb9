"""What it costs to find due work while much more of it waits: the relay's query and the sweep's.

`python -m benchmarks.due SIZES` measures in this process, in the environment it is given, and prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.demo import demo_database
from benchmarks.environment import ask, environment_of
from benchmarks.report import Figure, Options, say

NAME = "due"
SIZES = (10_000, 100_000, 1_000_000)
QUICK_SIZES = (1_000, 10_000, 100_000)
DUE = 200
FAR_AWAY = 90 * 24 * 3600
RUNS = 25
FLAT = 3.0  # times as long as with the least rows, at most
LOOKS = {"due query": "the ids of what is due", "sweep": "frees expired leases", "relay": "a look at all kinds of work"}
Found = dict[str, dict[str, dict[str, Any]]]  # by size and look: milliseconds, buffers


def measure(options: Options) -> Iterator[Figure]:
    """On PostgreSQL and SQLite, with more and more messages waiting for their day."""
    for label in ("PostgreSQL", "SQLite"):
        is_large = options.full or label == "PostgreSQL"  # filling takes the time
        sizes = SIZES if is_large and not options.quick else QUICK_SIZES
        if not options.full:
            sizes = (*sizes[:-1], options.amount(sizes[-1], least=10 * sizes[0]))
        say(f"due: {label}, up to {sizes[-1]:,} waiting rows")
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontdesk-bench-")))
            server = {"max_wal_size": "4GB"} if label == "PostgreSQL" else None
            url = stack.enter_context(demo_database(folder, postgres=server))
            found = ask("benchmarks.due", sizes, environment_of(folder, 8000, "", {"DATABASE_URL": url}))
            yield from figures(label, found)


def figures(label: str, found: Found) -> Iterator[Figure]:
    """The cost at the largest size, and how much it grew from the smallest."""
    sizes = [int(size) for size in found]
    for look, what in LOOKS.items():
        costs = [found[str(size)][look] for size in sizes]
        buffers = [f"{size:,}: {cost['ms']:.2f} ms{_buffers(cost)}" for size, cost in zip(sizes, costs, strict=True)]
        yield Figure(
            bench=NAME,
            name=f"{label}, {look} with {sizes[-1]:,} waiting",
            value=round(costs[-1]["ms"], 2),
            unit="ms",
            note=f"{what}; " + ", ".join(buffers),
        )
        yield Figure(
            bench=NAME,
            name=f"{label}, {look}, growth from {sizes[0]:,} to {sizes[-1]:,}",
            value=round(costs[-1]["ms"] / costs[0]["ms"], 2),
            unit="times",
            at_most=FLAT,
        )


def _buffers(cost: dict[str, Any]) -> str:
    return f" {cost['buffers']} buffers" if cost["buffers"] is not None else ""


def costs(sizes: tuple[int, ...], *, runs: int = RUNS) -> Found:
    """Fill the outbox step by step and look at each step; what is due is the same each time."""
    from django.db import transaction

    from benchmarks.waiting import outbox
    from config import demo_sql
    from messaging.models import Channel

    channel = Channel.objects.select_related("tenant").filter(tenant__slug="demo")[0]
    everybody = {"tenant": channel.tenant, "channels": [channel]}
    fill = transaction.atomic(outbox)
    fill(**everybody, count=DUE, sessions=DUE, due_in=-60, phones=15570000000)
    found, waiting = {}, 0
    for number, size in enumerate(sizes):
        phones = 15580000000 + number * 10_000
        fill(**everybody, count=size - waiting, sessions=1_000, due_in=FAR_AWAY, phones=phones)
        waiting = size
        demo_sql.run_sql("ANALYZE")
        found[str(size)] = {name: _cost(look, runs) for name, look in _looks().items()}
    return found


def _looks() -> dict[str, Callable[[], object]]:
    from common.work import relay
    from common.work.rows import due_rows, rows_of
    from messaging.models import Message

    deliver = next(job for job in Message.jobs if job.task == "messaging.deliver")
    return {
        "due query": lambda: due_rows(Message, deliver, DUE),
        "sweep": lambda: rows_of(Message).sweep(),
        "relay": lambda: list(relay.due_rows(DUE)),
    }


def _cost(look: Callable[[], object], runs: int) -> dict[str, Any]:
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        look()
        times.append((time.perf_counter() - started) * 1000)
    # The best of many: what others do on the machine only adds.
    return {"ms": min(times), "buffers": _pages_read(look)}


def _pages_read(look: Callable[[], object]) -> int | None:
    """Pages of PostgreSQL that the statements of a look touch."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    asked: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        look()
    pages = 0
    with connection.cursor() as cursor:
        for sql, params in asked:
            if sql.startswith(("SELECT", "UPDATE")):
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
                plan = cursor.fetchone()[0]
                top = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
                pages += top["Shared Hit Blocks"] + top["Shared Read Blocks"]
    return pages


def main() -> int:
    """Measure in the environment given."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
    print(json.dumps(costs(tuple(json.loads(sys.argv[1])))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
