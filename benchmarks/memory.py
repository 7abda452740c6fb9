"""Memory of the running product: PSS, which counts a page shared by several processes once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.installation import Installation, installation
from benchmarks.pipeline import drive, people
from benchmarks.report import Figure, Options, say

NAME = "memory"
SETTLE_SECONDS = 6.0  # the clock and the health checks have run once
MESSAGES = 100


def measure(options: Options) -> Iterator[Figure]:
    """The embedded default, then three processes on PostgreSQL and Redis (whose own memory is not counted)."""
    for label, servers, names in (
        ("embedded", False, ("desk",)),
        ("PostgreSQL + Redis", True, ("web", "worker", "beat")),
    ):
        say(f"memory: {label}")
        with installation(servers=servers) as desk:
            for name in names:
                desk.start(name)
            desk.wait_until_ready(workers=True)
            time.sleep(SETTLE_SECONDS)
            idle = _megabytes(desk)
            count = options.amount(50 if options.quick else MESSAGES, least=30)
            run = drive(desk, people(count))
            time.sleep(1)
            yield from _figures(label, idle, _megabytes(desk), run.answered)


def _figures(
    label: str, idle: dict[str, list[float]], after: dict[str, list[float]], answered: int
) -> Iterator[Figure]:
    for state, found in (("idle", idle), (f"after {answered} answers", after)):
        parts = [f"{name} {' + '.join(f'{value:.0f}' for value in values)}" for name, values in found.items()]
        yield Figure(
            bench=NAME,
            name=f"{label}, {state}",
            value=round(sum(sum(values) for values in found.values())),
            unit="MB",
            note="PSS of each process: " + ", ".join(parts),
        )


def _megabytes(desk: Installation) -> dict[str, list[float]]:
    found = {name: [pss(pid) for pid in pids] for name, pids in desk.processes().items()}
    return {name: sorted(values, reverse=True) for name, values in found.items()}


def pss(pid: int) -> float:
    """Proportional set size of one process in MB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
