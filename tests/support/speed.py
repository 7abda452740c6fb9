"""How fast this machine is just now: what waits of tests, faults and measurements are multiplied by."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

COUNT = 10_000_000
ROUNDS = 3
MOST_SLOW = 4.0  # times: what is slower still gets the bounds of this
FAST_SECONDS = 0.3  # what a quiet machine takes, whose figures the bounds were written for


def counting_seconds() -> float:
    """How long Python takes here to count to ten million on each core at once: the slowest core's best of three.

    What the rates of two machines, or of two hours on a shared one, differ by.
    """
    command = [sys.executable, "-I", "-S", str(Path(__file__))]
    counters = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(os.cpu_count() or 1)]
    took = [float(counter.communicate()[0]) for counter in counters]
    return round(max(took), 2)


def slowness(counted: float) -> float:
    """How many times slower than a quiet machine one is that counts in so many seconds: from 1 to MOST_SLOW."""
    return min(MOST_SLOW, max(1.0, round(counted / FAST_SECONDS, 2)))


@cache
def measured() -> float:
    """The slowness of this machine, measured once in a process, when it is first asked for."""
    return slowness(counting_seconds())


def _count() -> float:
    started, total = time.perf_counter(), 0
    for number in range(COUNT):
        total += number
    return time.perf_counter() - started


if __name__ == "__main__":
    print(min(_count() for _ in range(ROUNDS)))
