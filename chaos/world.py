"""What a fault has in its hands: the installation, the load, the outside record, and the seed."""

from __future__ import annotations

import json
import os
import random
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from chaos.installation import Installation, Line, until
from chaos.load import Load
from chaos.outside import Outside

QUIET_SLACK = 3.0
MOST_SLACK = 30.0


def busyness() -> float:
    """How many times more than a core and a half wants to run on each core just now; never below 1."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1) / 1.5)


@dataclass
class World:
    """Everything there is in a run."""

    made: Installation
    load: Load
    outside: Outside
    random: random.Random
    is_quick: bool = False
    patience: float = 90.0  # seconds until what is not answered counts as not recovered
    started: float = field(default_factory=time.monotonic)
    interrupted: list[float] = field(default_factory=list)  # when a process was hurt with work in hand
    pauses: dict[tuple[str, str], float] = field(default_factory=dict)  # (channel, person) -> seen committed at
    switched: list[tuple[str, float, float]] = field(default_factory=list)  # tenant, kill switch seen at, released at
    ended: Counter[str] = field(default_factory=Counter)  # processes that ended by themselves
    allowed: set[str] = field(
        default_factory=set
    )  # exceptions that may stand in the logs: a name, or words of the line
    expected_dead: set[str] = field(default_factory=set)  # external ids of items that must end dead

    @property
    def kills(self) -> int:
        """Processes and sends killed, frozen or cut with work in hand: each may cost one duplicate."""
        return len(self.interrupted)

    @kills.setter
    def kills(self, count: int) -> None:
        self.interrupted += [time.time()] * (count - len(self.interrupted))

    @property
    def slowness(self) -> float:
        """How many times slower than a quiet one this machine was at the start; never below 1."""
        return self.made.slowness

    @property
    def slack(self) -> float:
        """How much longer facts are waited for than they take on a quiet machine: three times, more on a slow one."""
        return min(MOST_SLACK, QUIET_SLACK * self.slowness * busyness())

    @property
    def excuse(self) -> float:
        """What a promised time is multiplied by: a slow or busy machine keeps it later."""
        return self.slack / QUIET_SLACK

    def fail(self, service: str, mode: str, **more: Any) -> int:
        """A failure rule of the simulator; its `seconds` are those of a quiet machine. Returns its id."""
        if "seconds" in more:
            more["seconds"] = round(more["seconds"] * self.slowness, 2)
        return int(self.sim.fail(service, mode, **more))

    @property
    def sim(self) -> Any:
        """The outside world's control."""
        return self.made.sim

    @property
    def fleet(self) -> Any:
        """The product's processes."""
        return self.made.fleet

    @property
    def database(self) -> Any:
        """The rows themselves."""
        return self.made.database

    def until(self, condition: Callable[[], Any], *, seconds: float = 20.0, what: str) -> Any:
        """Wait for a fact."""
        return until(condition, seconds=seconds * self.slack, what=what)

    def line(self, provider: str = "", tenant: str = "") -> Line:
        """One of the ordinary channels."""
        found = [line for line in self.made.lines if provider in ("", line.provider) and tenant in ("", line.tenant)]
        return self.random.choice([line for line in found if not line.tenant.startswith("f")] or found)

    def line_of(self, fault: str) -> Line:
        """The channel that a fault has for itself."""
        return next(line for line in self.made.lines if line.tenant == fault.lower())

    def rule_used(self, rule: int) -> int:
        """How often a failure rule of the simulator has struck."""
        rules = self.sim.get("fail")["rules"]
        return int(next((entry["used"] for entry in rules if entry["id"] == rule), 0))

    def working(self, table: str = "assistant_turn", tenant: str = "") -> int:
        """How many rows are in somebody's hands."""
        sql = f"SELECT COUNT(*) FROM {table} WHERE state = 'working'"
        if tenant:
            sql += f" AND tenant_id = (SELECT id FROM tenants_tenant WHERE slug = '{tenant}')"
        return int(self.database.value(sql))

    def is_well(self) -> bool:
        """Whether every web process answers, and the workers and the clock were heard."""
        try:
            for program in (*self.fleet.of("web"), *self.fleet.of("up")):
                address = f"http://127.0.0.1:{program.environment['PORT']}/health"
                with urllib.request.urlopen(address, timeout=5) as answer:
                    checks = json.loads(answer.read())["checks"]
        except (OSError, ValueError, KeyError):
            return False
        return all(check["status"] == "ok" for check in checks.values() if check is not checks.get("llm"))

    def say(self, text: str) -> None:
        """One line of progress."""
        sys.stderr.write(f"chaos {time.monotonic() - self.started:6.1f} s  {text}\n")
        sys.stderr.flush()
