"""The outbox against the simulator: the pace of one number is kept, and what all numbers together can take."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import count

from benchmarks.installation import Installation, installation
from benchmarks.report import ROOT, Figure, Options, per_page, say
from benchmarks.yardstick import page_milliseconds
from tests.support.speed import measured

NAME = "outbound"
PACE = 80  # messages a second of one number, on a quiet machine
PER_SECOND = 300  # messages of all numbers on the quiet machine (`benchmarks.yardstick`)
EVERYBODY = ("meta", "dialog360", "evolution", "twilio", "imessage")
PATIENCE_SECONDS = 60.0
_phones = count(15560000000, 10_000_000)


def measure(options: Options) -> Iterator[Figure]:
    """Two workers on PostgreSQL and Redis; the messages wait already when the clock starts."""
    with installation(servers=True) as desk:
        for name in ("web", "worker", "worker2"):
            desk.start(name)
        desk.wait_until_ready(workers=True)
        _send(desk, ["dialog360"], rate=100_000, amount=60)  # imports, connections
        say("outbound: one number")
        pace = options.amount(PACE)
        yield from _one_number(_send(desk, ["meta"], rate=pace, amount=pace * (3 if options.quick else 6)), pace)
        say("outbound: all numbers")
        amount = options.amount(600 if options.quick else 1500, least=300)
        pages = [page_milliseconds()]
        figure = _all_numbers(_send(desk, EVERYBODY, rate=PACE, amount=amount), amount)
        pages.append(page_milliseconds())
        yield figure
        yield per_page(figure, pages, least=PER_SECOND)


def _one_number(times: Sequence[float], pace: int) -> Iterator[Figure]:
    # The bucket is full at first: as many messages as a second's worth go at once.
    waited = times[pace - 1 :]
    yield Figure(
        bench=NAME,
        name=f"one number set to {pace}/s, kept",
        value=round((len(waited) - 1) / max(waited[-1] - waited[0], 0.001), 1),
        unit="messages/s",
        at_least=0.95 * pace,
        note=f"{len(times)} messages, counted after the burst of {pace}",
    )
    yield Figure(
        bench=NAME,
        name=f"one number set to {pace}/s, most in any second",
        value=most_within(times, 1.0),
        unit="messages",
        at_most=2 * pace,
        note=f"burst of {pace} and a second's {pace}; after the burst {most_within(waited, 1.0)}",
    )


def _all_numbers(times: Sequence[float], amount: int) -> Figure:
    middle = times[len(times) // 10 : -len(times) // 10]
    return Figure(
        bench=NAME,
        name=f"{len(EVERYBODY)} numbers of {PACE}/s each",
        value=round((len(middle) - 1) / (middle[-1] - middle[0]), 1),
        unit="messages/s",
        note=f"the middle 80 % of {amount} messages; two workers, the simulator on the same cores"
        + (f"; {amount - len(times)} NOT SENT" if len(times) < amount else ""),
    )


def most_within(times: Sequence[float], seconds: float) -> int:
    """The largest number of moments in any window of so many seconds."""
    most = first = 0
    for last, moment in enumerate(times):
        while moment - times[first] >= seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


def _send(desk: Installation, providers: Sequence[str], *, rate: float, amount: int) -> list[float]:
    """Put messages to people of their own into the outbox; the moments at which the providers got them."""
    seen = max((record["seq"] for record in desk.sim.record()[-1:]), default=0)
    given = {"providers": list(providers), "rate": rate, "count": amount, "phones": next(_phones)}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.waiting", json.dumps(given)],
        cwd=ROOT,
        env=desk.environment | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        check=True,
    )
    times: list[float] = []
    deadline = time.monotonic() + PATIENCE_SECONDS * measured()
    while len(times) < amount and time.monotonic() < deadline:
        time.sleep(0.5)  # reading the record costs the simulator, which shares the cores
        for record in desk.sim.record(since=seen, direction="in"):
            seen = max(seen, record["seq"])
            if record["accepted"] and record["kind"] == "text":
                times.append(record["at"])
    if len(times) < max(3, amount // 2):
        raise RuntimeError(f"{len(times)} of {amount} messages were sent within {PATIENCE_SECONDS:g} s")
    return sorted(times)
