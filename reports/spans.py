"""Lengths of time as a histogram with fixed bars: small, and two of them can be added."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

# Upper ends in seconds: each about half as long again as the one before, so that a percentile is right within a fifth.
ENDS = (
    1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 135, 200, 300, 450, 700, 1000, 1500, 2300, 3600, 5400, 8000, 12000, 18000,
    27000, 43200, 86400, 172800, 345600, 604800,
)  # fmt: skip


def end_of(seconds: float) -> int:
    """The bar into which a length falls; the last one takes all that is longer."""
    return ENDS[min(bisect_left(ENDS, max(0.0, seconds)), len(ENDS) - 1)]


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """The length under which `share` (0.5, 0.9) of all stay, estimated inside its bar; None when there are none."""
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
