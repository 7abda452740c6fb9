"""The main figures of a run as a picture: an SVG of bars, plain enough to be read in a diff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from benchmarks.report import Figure

WIDTH, ROW, LABEL, VALUE = 900, 24, 410, 120
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; }
  .bar { fill: #57606a; } .ours { fill: #0969da; } .missed { fill: #bf3989; } .limit { stroke: #24292f; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .bar { fill: #8b949e; } .ours { fill: #4493f8; } .missed { fill: #f778ba; }
    .limit { stroke: #e6edf3; }
  }
"""
# (bench, beginning of the figure's name): requests of one kind, so their lengths may be compared.
INBOUND = (
    ("webhook", "product, 16"),
    ("webhook", "bare insert, 16"),
    ("webhook", "bare view, 16"),
    ("peers", "inbound, pywa"),
)
Bar = tuple[str, float, str, str]  # label, length as a share, value, class


def draw(figures: Sequence[Figure], path: Path) -> None:
    """Write the picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(svg(figures))


def svg(figures: Sequence[Figure]) -> str:
    """Two panels: what is accepted per second beside others, and how each figure stands to its target."""
    parts: list[str] = []
    top = 8
    for title, bars, limit in (
        ("Signed webhooks per second, 16 clients", list(_inbound(figures)), 0.0),
        ("Budgets: left of the line is kept, right of it missed", list(_targets(figures)), 0.5),
    ):
        if bars:
            parts += _panel(title, bars, top, limit)
            top += (len(bars) + 1) * ROW + 20
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" role="img">'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>", ""])


def _inbound(figures: Sequence[Figure]) -> Iterator[Bar]:
    wanted = [
        figure
        for bench, begin in INBOUND
        for figure in figures
        if figure.bench == bench and figure.name.startswith(begin)
    ]
    most = max((figure.value for figure in wanted), default=1.0)
    for figure in wanted:
        kind = "ours" if figure.name.startswith("product") else "bar"
        yield f"{figure.bench}: {figure.name}", figure.value / most, f"{figure.value:g}", kind


def _targets(figures: Sequence[Figure]) -> Iterator[Bar]:
    """Half the width is the target itself; what is twice as bad or worse fills the row."""
    for figure in figures:
        if figure.at_most:
            used = figure.value / figure.at_most
        elif figure.at_least:
            used = figure.at_least / max(figure.value, 0.001)
        else:
            continue
        kind = "missed" if figure.verdict.startswith("MISSED") else "ours"
        yield f"{figure.bench}: {figure.name}", min(1.0, used / 2), f"{figure.value:g} {figure.unit}", kind


def _panel(title: str, bars: Sequence[Bar], top: int, limit: float) -> list[str]:
    room = WIDTH - LABEL - VALUE
    lines = [f'<text class="title" x="0" y="{top + 14}">{escape(title)}</text>']
    for number, (label, share, value, kind) in enumerate(bars, start=1):
        y = top + number * ROW
        shown = label if len(label) <= 62 else label[:61] + "…"
        lines += [
            f'<text x="0" y="{y + 14}">{escape(shown)}</text>',
            f'<rect class="{kind}" x="{LABEL}" y="{y + 3}" width="{max(1, share * room):.0f}" height="14"/>',
            f'<text x="{LABEL + max(1, share * room) + 6:.0f}" y="{y + 14}">{escape(value)}</text>',
        ]
    if limit:
        x = LABEL + limit * room
        lines.append(f'<line class="limit" x1="{x}" x2="{x}" y1="{top + ROW}" y2="{top + (len(bars) + 1) * ROW}"/>')
    return lines
