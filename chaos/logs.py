"""Reads the logs of all processes for what must not stand there."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

from chaos.load import CANARY
from chaos.world import World

SAYS_NOTHING = {"HandlingFailed"}  # raised from another one, which counts
RAISED = re.compile(r"^([A-Za-z_][\w.]*[a-z][\w.]*)(?::|$)")  # the last line of a traceback: the exception's name


def wrong_lines(world: World) -> Iterator[str]:
    """A sentence for each kind of line that must not be there."""
    forbidden = {CANARY: "a name", "Please note my wish": "a text", "canary-secret-": "a secret"}
    forbidden |= dict.fromkeys({said.person for said in world.load.said.values()}, "a number")
    found: Counter[str] = Counter()
    for path in sorted(world.made.folder.glob("*.log")):
        for line in path.read_text(errors="replace").splitlines():
            for word, what in forbidden.items():
                if word in line or (what == "a number" and word.lstrip("+") in line):
                    found[f"{path.name} holds {what}: {line[:160]}"] += 1
                    break
            if problem := _traceback(line, world.allowed):
                found[f"{path.name}: {problem}"] += 1
    for text, count in found.most_common(20):
        yield f"{text} ({count} times)" if count > 1 else text


def _traceback(line: str, allowed: set[str]) -> str:
    if not line.startswith("{"):
        return f"a line that is no event: {line[:200]}" if line.strip() and "Killed" not in line else ""
    try:
        event = json.loads(line)
    except ValueError:
        return ""  # the process was killed in the middle of it
    text = event.get("exception")
    if not text:
        return ""
    named = [found[1] for row in str(text).splitlines() if (found := RAISED.match(row))]
    last = next((name for name in map(_name, reversed(named)) if name not in SAYS_NOTHING), "")
    end = str(text).splitlines()[-1]
    if last in allowed or any(" " in words and words in end for words in allowed):
        return ""
    return f"{event.get('action')} {last}: {end[:160]}"


def _name(exception: str) -> str:
    return exception.rpartition(".")[2]
