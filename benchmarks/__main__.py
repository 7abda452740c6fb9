"""`python -m benchmarks`: run the figures, print the table, write the JSON. Use `bin/bench`."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import (
    approvals,
    chart,
    cold_start,
    due,
    lists,
    memory,
    outbound,
    peers_bench,
    pipeline,
    reminders,
    report,
    webhook,
    words,
)
from benchmarks.report import Figure, Options, say
from benchmarks.yardstick import slowness

Measure = Callable[[Options], Iterator[Figure]]
# A new figure is a module with `measure` and a line here.
BENCHES: dict[str, tuple[str, Measure]] = {
    "cold-start": ("seconds from bin/dev in a fresh copy to the first answer", cold_start.measure),
    "memory": ("memory of each process, idle and after 100 answers", memory.measure),
    "webhook": ("signed webhooks accepted per second, beside a bare view with the same insert", webhook.measure),
    "pipeline": ("answers per second and latency from webhook to provider", pipeline.measure),
    "outbound": ("messages per second to the providers, for one number and for all", outbound.measure),
    "due": ("finding due work while up to 1,000,000 rows wait", due.measure),
    "reminders": ("reminders that wait, and thousands due in one minute", reminders.measure),
    "approvals": ("candidates, two approvers and a core service that is down at first", approvals.measure),
    "peers": ("the product beside pywa with FastAPI, and beside Celery with nothing to do", peers_bench.measure),
    "words": (
        "times, languages and questions of the corpora: how many are understood, and how many wrongly",
        words.measure,
    ),
    "lists": ("lists and pages at 100,000 sessions and 2,000,000 messages: queries and server time", lists.measure),
}


def main() -> int:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measure the product on this machine.")
    parser.add_argument("--only", metavar="NAME[,NAME]", help="measure these alone")
    parser.add_argument("--quick", action="store_true", help="one short round each: for trying it out, not for quoting")
    parser.add_argument("--full", action="store_true", help="the largest sizes too: more than half an hour in all")
    parser.add_argument("--with-install", action="store_true", help="cold-start: include the install of the packages")
    parser.add_argument("--repeat", type=int, default=1, help="rounds of each load; the best is the figure")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="also draw the main figures, as SVG")
    parser.add_argument("--read", type=Path, metavar="FILE", help="measure nothing: show a result written before")
    parser.add_argument("--list", action="store_true", help="name the figures and stop")
    given = parser.parse_args()
    if given.list:
        for name, (title, _) in BENCHES.items():
            print(f"{name:12}{title}")
        return 0
    if given.read:
        return show(report.read(given.read), given.chart)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # what was started is stopped then too
    names = given.only.split(",") if given.only else list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    about = report.machine()
    say(f"a page of Django's own admin takes {about['page_milliseconds']} ms on each core at once")
    options = Options(
        quick=given.quick,
        full=given.full and not given.quick,
        with_install=given.with_install,
        repeat=max(1, given.repeat),
        slowness=slowness(about["page_milliseconds"]),
    )
    return measure(names, options, given.chart, about)


def measure(names: list[str], options: Options, picture: Path | None, about: dict[str, Any]) -> int:
    """Measure and report; 1 when something could not be measured."""
    started, failed = time.monotonic(), False
    figures: list[Figure] = []
    for name in names:
        began = time.monotonic()
        try:
            for figure in BENCHES[name][1](options):
                figures.append(figure)
                say(f"{figure.bench}: {figure.name}: {figure.value:g} {figure.unit} {figure.verdict}")
        except Exception as error:  # noqa: BLE001 - the other figures are still worth having
            failed = True
            say(f"{name} failed: {type(error).__name__}: {error}")
        say(f"{name} took {time.monotonic() - began:.0f} s")
    show(figures, picture)
    path = report.write(figures, about, seconds=time.monotonic() - started)
    say(f"written to {path.relative_to(report.ROOT)}")
    return int(failed)


def show(figures: list[Figure], picture: Path | None) -> int:
    """Print the table and draw the picture."""
    print(report.table(figures))
    if picture is not None:
        chart.draw(figures, picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
