"""The verdict: a table for people, JSON for programs."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chaos.driver import Outcome
from chaos.invariants import CHECKS, duplicates, unanswered
from chaos.world import World
from tests.support.desk import ROOT

RESULTS = ROOT / "var" / "chaos"
SHOWN = 6  # of the sentences about one promise


@dataclass
class Report:
    """Everything that is known at the end."""

    outcomes: Sequence[Outcome]
    broken: dict[str, list[str]]  # promise -> sentences
    figures: dict[str, Any]
    about: dict[str, Any]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def is_green(self) -> bool:
        """Whether every promise was kept and every fault bit."""
        return not self.broken and not any(outcome.problems or not outcome.bit for outcome in self.outcomes)


def judge(world: World, outcomes: Sequence[Outcome]) -> tuple[dict[str, list[str]], dict[str, Any]]:
    """Compute all invariants, and put what was lost and duplicated down to the faults."""
    broken = {}
    for title, check in CHECKS.items():
        if found := list(check(world)):
            broken[title] = found
    lost, twice = unanswered(world), duplicates(world)
    for outcome in outcomes:
        window = (outcome.began, outcome.ended)
        outcome.lost = sum(
            number in outcome.numbers or window[0] <= world.load.said[number].at <= window[1] for number in lost
        )
        outcome.duplicated = sum(window[0] <= further.at <= window[1] for _, further in twice)
    said = world.load.said.values()
    figures = {
        "numbers": len(said),
        "acknowledged": sum(world.load.is_acked(one) for one in said),
        "answered": sum(world.load.is_answered(one) for one in said),
        "sends": len(world.outside.sends),
        "webhooks": len(world.outside.told),
        "lost": len(lost),
        "transcripts": [transcript(world, number) for number in lost[:5]],
        "duplicated": len(twice),
        "interrupted processes": world.kills,
        "ended by themselves": sum(world.ended.values()),
    }
    return broken, figures


def transcript(world: World, number: int) -> list[str]:
    """The conversation of a number that was lost: what came and went, and its turns."""
    said = world.load.said[number]
    conversation = world.database.value("SELECT conversation_id FROM messaging_message WHERE external_id = ?", said.id)
    if conversation is None:
        return [f"#{number}: no message; its webhooks and their items:", *_webhooks(world, said.id)]
    messages = world.database.rows(
        "SELECT id, direction, state, text, created_at FROM messaging_message WHERE conversation_id = ? ORDER BY id",
        conversation,
    )
    turns = world.database.rows(
        "SELECT id, state, wanted_id, seen_id, draft_for, reruns, attempts, crashes, outcome, last_error"
        " FROM assistant_turn WHERE conversation_id = ? ORDER BY id",
        conversation,
    )
    return [f"#{number}", *(" ".join(map(str, row)) for row in messages), *(f"turn {row}" for row in turns)]


def _webhooks(world: World, external_id: str) -> list[str]:
    """The kept bodies that name a message, and the items that were set aside."""
    events = world.database.rows("SELECT id, state, attempts, crashes, last_error, body FROM messaging_webhookevent")
    found = [f"webhook {row[:-1]}" for row in events if external_id.encode() in bytes(row[-1])]
    items = world.database.rows(
        "SELECT id, event_id, state, attempts, crashes, last_error FROM messaging_webhookitem WHERE external_id = ?",
        external_id,
    )
    return [*(found or ["none was kept"]), *(f"item {row}" for row in items)]


def table(report: Report) -> str:
    """The report for a person."""
    lines = [
        "| Fault | What | Times | Bit | Lost | Duplicated | Recovery s | Verdict |",
        "|---|---|---:|---|---:|---:|---:|---|",
    ]
    for outcome in report.outcomes:
        verdict = "; ".join(outcome.problems) or ("ok" if outcome.bit else "did not bite")
        recovery = "" if outcome.recovery is None else f"{outcome.recovery:.1f}"
        lines.append(
            f"| {outcome.name} | {outcome.title} | {outcome.times} | {outcome.bit or 'no'} | {outcome.lost} |"
            f" {outcome.duplicated} | {recovery} | {verdict} |"
        )
    lines += [
        "",
        ", ".join(f"{name} {value}" for name, value in report.figures.items() if not isinstance(value, list)),
        "",
    ]
    for title in CHECKS:
        found = report.broken.get(title, [])
        lines.append(f"{'BROKEN' if found else 'kept  '}  {title}" + (f" ({len(found)})" if found else ""))
        lines += [f"        {sentence}" for sentence in found[:SHOWN]]
    for title, found in report.broken.items():
        if title not in CHECKS:
            lines += [f"BROKEN  {title}", *(f"        {sentence}" for sentence in found[:SHOWN])]
    return "\n".join(lines)


def keep_logs(folder: Path, path: Path) -> None:
    """Keep the processes' logs of a red run beside its JSON."""
    target = path.with_suffix("")
    target.mkdir(exist_ok=True)
    for log in folder.glob("*.log"):
        shutil.copy(log, target / log.name)


def write(report: Report) -> Path:
    """Write `var/chaos/<date>.json`; returns where."""
    now = datetime.now(UTC)
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    page = {
        "at": now.isoformat(timespec="seconds"),
        "commit": done.stdout.strip(),
        "green": report.is_green,
        **report.about,
        "figures": report.figures,
        "broken": report.broken,
        "left_out": report.left_out,
        "faults": [asdict(outcome) for outcome in report.outcomes],
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / f"{now:%Y-%m-%dT%H%M%S}-{time.monotonic_ns() % 1000:03d}.json"
    path.write_text(json.dumps(page, indent=1) + "\n")
    return path
