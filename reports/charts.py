"""Bar charts: turn numbers into per cents of the chart's height; a template renders them as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

GAP = 0.18  # of the width of a group, on each side
STEPS = (1, 2, 4, 6, 8, 10)


@dataclass(frozen=True, kw_only=True)
class Group:
    """One place on the axis: messages received, and sent by who wrote them."""

    label: str
    received: int = 0
    sent: Sequence[int] = (0, 0, 0)  # assistant, people, others


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One rectangle, in a chart of 100 by 100 for each group's unit of width."""

    x: float
    y: float
    width: float
    height: float
    kind: str


@dataclass(frozen=True, kw_only=True)
class ChartColumn:
    """The bars of one group."""

    group: Group
    x: float
    bars: list[Bar]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """All columns, and the marks of the axis."""

    columns: list[ChartColumn]
    width: float
    marks: list[tuple[str, float]]  # (number, per cent from the top)


def build_chart(groups: Sequence[Group]) -> Chart:
    """Return the chart: received beside sent; sent is stacked by who wrote it."""
    highest = max([1, *(max(group.received, sum(group.sent)) for group in groups)])
    top = _round_up(highest)
    columns = [
        ChartColumn(group=group, x=float(number), bars=_bars(group, number, top)) for number, group in enumerate(groups)
    ]
    marks = [(f"{top * share:g}", 100 - 100 * share) for share in (1, 0.5)]
    return Chart(columns=columns, width=float(len(groups)), marks=marks)


def _bars(group: Group, number: int, top: float) -> list[Bar]:
    width = (1 - 2 * GAP) / 2
    places = [(number + GAP, 0, group.received, "in")]
    below = 0
    for kind, count in zip(("assistant", "people", "others"), group.sent, strict=True):
        places.append((number + GAP + width, below, count, kind))
        below += count
    return [
        Bar(
            x=round(x, 3),
            y=round(100 - 100 * (below + count) / top, 2),
            width=width,
            height=round(100 * count / top, 2),
            kind=kind,
        )
        for x, below, count, kind in places
        if count
    ]


def _round_up(number: int) -> float:
    """Return the next number that reads well and can be halved."""
    scale = 1
    while number > 10 * scale:
        scale *= 10
    step = next(step for step in STEPS if number <= step * scale)
    return max(2, step * scale)
