"""Figures of the corpus of answers."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.report import Figure, Options


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of this corpus."""
    yield from ()
