"""What is measured, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.yardstick import QUIET_MILLISECONDS, ROOT, page_milliseconds

RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measured number; `target` says how it should be, with `at_most` or `at_least`."""

    bench: str
    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None
    runs: tuple[float, ...] = ()  # every repetition; `value` is the best of them
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the target is met; "" without one."""
        if self.at_least is not None:
            return f"ok (>= {self.at_least:g})" if self.value >= self.at_least else f"MISSED (>= {self.at_least:g})"
        if self.at_most is not None:
            return f"ok (<= {self.at_most:g})" if self.value <= self.at_most else f"MISSED (<= {self.at_most:g})"
        return ""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run was asked for."""

    quick: bool = False
    full: bool = False  # the largest sizes too: longer than the ten minutes of a usual run
    with_install: bool = False
    repeat: int = 1
    slowness: float = 1.0  # of this machine, from 1 on

    def amount(self, usual: int, *, least: int = 1) -> int:
        """So much of a work that takes a quiet machine as long as `usual` of it."""
        return max(least, round(usual / self.slowness))

    def bound(self, usual: float) -> float:
        """The time that a quiet machine may take for something, on this one."""
        return round(usual * self.slowness, 1)

    @property
    def rounds(self) -> int:
        """How often a load is repeated."""
        return 1 if self.quick else self.repeat


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of the values do not exceed."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def best_of(runs: Sequence[float], *, smallest: bool = False) -> dict[str, Any]:
    """`value` and `runs` of a figure that was measured several times."""
    rounded = tuple(round(run, 1) for run in runs)
    return {"value": min(rounded) if smallest else max(rounded), "runs": rounded}


def per_page(figure: Figure, pages: Sequence[float], *, least: float) -> Figure:
    """A rate, told by what is done while each core shows a page of Django's own admin: the same on any machine.

    Args:
        figure: the rate.
        pages: milliseconds of such a page just before and just after (`benchmarks.yardstick`).
        least: so much a second is to be done where a page takes QUIET_MILLISECONDS.
    """
    milliseconds = sum(pages) / len(pages)
    return Figure(
        bench=figure.bench,
        name=f"{figure.name}, in the time of a page",
        value=round(figure.value * milliseconds / 1000, 2),
        unit=figure.unit.partition("/")[0],
        at_least=round(least * QUIET_MILLISECONDS / 1000, 2),
        note=f"{figure.value:g} {figure.unit} times {milliseconds:.1f} ms",
    )


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| Figure | Value | Target | Runs, note |", "|---|---:|---|---|"]
    for figure in figures:
        runs = " / ".join(f"{run:g}" for run in figure.runs) if len(figure.runs) > 1 else ""
        remark = "; ".join(part for part in (runs, figure.note) if part)
        lines.append(
            f"| {figure.bench}: {figure.name} | {figure.value:g} {figure.unit} | {figure.verdict} | {remark} |"
        )
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Where it was measured, and how fast that machine is just now."""
    model = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return {
        "cores": os.cpu_count(),
        "cpu": model,
        "python": sys.version.split()[0],
        "system": platform.system(),
        "page_milliseconds": page_milliseconds(),
        "load_at_start": [round(value, 2) for value in os.getloadavg()],
    }


def write(figures: Sequence[Figure], about: dict[str, Any], *, seconds: float) -> Path:
    """Write the run to `benchmarks/results/<date>.json`; returns where."""
    now = datetime.now(UTC)
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    page = {
        "at": now.isoformat(timespec="seconds"),
        "commit": done.stdout.strip(),
        "seconds": round(seconds),
        "machine": about,
        "figures": [asdict(figure) | {"verdict": figure.verdict} for figure in figures],
    }
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%dT%H%M%S}.json"
    path.write_text(json.dumps(page, indent=1) + "\n")
    return path


def read(path: Path) -> list[Figure]:
    """The figures of a result written before."""
    found = json.loads(path.read_text())["figures"]
    names = {field.name for field in fields(Figure)}
    return [Figure(**{name: value for name, value in figure.items() if name in names}) for figure in found]


def say(text: str) -> None:
    """Tell how far it is, beside the table."""
    print(f"bench: {text}", file=sys.stderr, flush=True)
