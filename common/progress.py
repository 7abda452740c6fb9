"""A progress bar for long commands, shown only at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
WIDTH = 30


def progress(items: Iterable[Item], *, total: int, word: str) -> Iterator[Item]:
    """Yield the items and show the progress."""
    shown = sys.stderr.isatty() and total > 1
    for number, item in enumerate(items, start=1):
        yield item
        if shown and (number % max(1, total // 100) == 0 or number == total):
            filled = min(WIDTH, WIDTH * number // max(1, total))
            sys.stderr.write(f"\r[{'#' * filled}{'.' * (WIDTH - filled)}] {number}/{total} {word}")
            sys.stderr.flush()
    if shown:
        sys.stderr.write("\n")
