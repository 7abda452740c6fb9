"""What this machine is worth just now: how long a page of Django's own admin takes.

Targets that depend on the machine are told in such pages. Counting in a loop, which fits the smallest cache, was tried
first: on a machine that took twice as long to count the product took four times as long, and so did this page.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
QUIET_MILLISECONDS = 20.0  # a page on the quiet machine that the targets were written on
MOST_SLOW = 12.0  # times: what is slower still gets the bounds of this
PAGES = 15


class Pages:
    """A process of its own that shows pages of Django's own admin."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "benchmarks.bare.page"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.process.communicate()  # the end of its input is its end

    def ask(self, count: int = 1) -> None:
        """Have it show so many pages; `answer` waits for them."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n" * count)
        self.process.stdin.flush()

    def answer(self) -> float:
        """The milliseconds that the next of the pages asked for took."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the page of Django's own admin was not shown, see above")
        return float(line)

    def shown(self) -> float:
        """Show one page; the milliseconds that it took."""
        self.ask()
        return self.answer()


def page_milliseconds() -> float:
    """How long a page takes when each core shows pages at once: the median of the slowest core."""
    made = [Pages() for _ in range(os.cpu_count() or 1)]
    for pages in made:
        pages.ask(PAGES)
    medians = [statistics.median([pages.answer() for _ in range(PAGES)]) for pages in made]
    for pages in made:
        pages.process.communicate()
    return round(max(medians), 1)


def slowness(page: float) -> float:
    """How many times slower than the quiet machine one is that takes so many milliseconds for a page: from 1 on."""
    return min(MOST_SLOW, max(1.0, round(page / QUIET_MILLISECONDS, 2)))
