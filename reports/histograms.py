"""Histograms of lengths of time with fixed bars: small, and two of them can be added."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

# Upper ends in seconds, each about 1.5 times the one before, so that a percentile is right within a fifth.
ENDS = (
    1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200, 300, 450, 700, 1000, 1500, 2300, 3600, 5400, 8000, 12000, 18000,
    27000, 43200, 86400, 172800, 345600, 604800,
)  # fmt: skip


def bar_end(seconds: float) -> int:
    """Return the upper end of the bar for a length; the last bar holds all longer ones."""
    return ENDS[min(bisect_left(ENDS, max(0.0, seconds)), len(ENDS) - 1)]


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return the length below which `share` (0.5, 0.9) of all are, estimated inside its bar.

    None when there are none.
    """
    total = sum(counts.values())
    if not total:
        return None
    wanted, below = share * total, 0
    for end in sorted(counts):
        if counts[end] and below + counts[end] >= wanted:
            begin = ENDS[ENDS.index(end) - 1] if end in ENDS[1:] else 0
            return begin + (end - begin) * (wanted - below) / counts[end]
        below += counts[end]
    return float(max(counts))
