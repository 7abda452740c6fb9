"""How well the product understands words: figures from corpora, without any server.

Each part reads its corpus below `benchmarks/words/corpora/` and yields figures with targets. `bin/bench --only words`
prints them; `tests/guards/test_words.py` fails when one misses its target, so that `bin/check` does too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.report import Figure, Options
from benchmarks.words import answers, language, times

CORPORA = Path(__file__).parent / "corpora"
PARTS = {"times": times.measure, "language": language.measure, "answers": answers.measure}


def measure(options: Options) -> Iterator[Figure]:
    """Yield the figures of every part."""
    for part in PARTS.values():
        yield from part(options)
