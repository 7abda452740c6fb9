"""Lists and pages at 100,000 sessions and 2,000,000 messages: queries and server time, cold and warm."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.environment import ask
from benchmarks.large import large
from benchmarks.list_routes import Cost
from benchmarks.report import Figure, Options, say
from benchmarks.yardstick import QUIET_MILLISECONDS

NAME = "lists"
KINDS = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
MAX_QUERIES = 12
MOST_MILLISECONDS = 150.0  # on the quiet machine (`benchmarks.yardstick`)
LEAST_ROUNDS = 9


def measure(options: Options) -> Iterator[Figure]:
    """Every route on PostgreSQL; on SQLite too when everything is asked for."""
    for kind, label in KINDS.items():
        if kind == "sqlite" and not options.full:
            continue
        with large(kind) as environment:
            say(f"lists: {label}")
            rounds = options.amount(10 if options.quick else 21, least=LEAST_ROUNDS)
            found = ask("benchmarks.list_routes", rounds, environment)
        yield from _figures(label, [Cost(**cost) for cost in found["costs"]], found["page"])


def _figures(label: str, found: list[Cost], page: float) -> Iterator[Figure]:
    most_ms = round(MOST_MILLISECONDS * page / QUIET_MILLISECONDS, 1)
    yield Figure(
        bench=NAME, name="a page of Django's own admin", value=round(page, 1), unit="ms", note="between the others"
    )
    for cost in found:
        yield Figure(
            bench=NAME,
            name=f"{label}, {cost.name}, p95",
            value=cost.p95,
            unit="ms",
            at_most=most_ms,
            note=f"p50 {cost.p50:g} ms, cold {cost.cold:g} ms, {cost.queries} queries, {cost.bytes / 1024:.0f} kB",
        )
    most = max(found, key=lambda cost: cost.queries)
    yield Figure(
        bench=NAME,
        name=f"{label}, most queries of a request",
        value=most.queries,
        unit="queries",
        at_most=MAX_QUERIES,
        note=most.name,
    )
