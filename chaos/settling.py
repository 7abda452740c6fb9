"""The end of a run: everything is whole again, all work is done, and the processes are as slim as at the start."""

from __future__ import annotations

import time
from dataclasses import dataclass

from chaos.world import World

SETTLE_SECONDS = 30.0
QUIET_SECONDS = 2.0
MEMORY_FACTOR = 1.3
MEMORY_SLACK_MB = 60.0
# Statuses of messages that are known by now: the clock joins those whose process died.
UNJOINED = (
    "SELECT COUNT(*) FROM messaging_pendingstatus s JOIN messaging_message m"
    " ON m.channel_id = s.channel_id AND m.external_id = s.external_id WHERE m.direction = 'out'"
)
WARM_QUESTIONS = 2  # on each channel, so that each worker has answered
WARM_SECONDS = 20.0
CONNECTIONS_SLACK = 70  # threads that had not worked yet when the baseline was taken


@dataclass(frozen=True)
class Baseline:
    """Memory per role and connections, before anything was hurt."""

    memory: dict[str, float]  # of its largest process
    connections: int

    @classmethod
    def of(cls, world: World) -> Baseline:
        """As it is once everybody has been answered: a process that has done nothing yet has loaded half of itself."""
        said = [world.load.say(line, world.load.somebody()) for line in world.load.lines for _ in range(WARM_QUESTIONS)]
        world.until(
            lambda: all(map(world.load.is_answered, said)), seconds=WARM_SECONDS, what="the first questions are open"
        )
        memory: dict[str, float] = {}
        for program in world.fleet.programs.values():
            memory[program.role] = max(memory.get(program.role, 0.0), program.memory())
        return cls(memory, connections(world))


def connections(world: World) -> int:
    """Connections to PostgreSQL."""
    if world.made.is_embedded:
        return 0
    return int(world.database.value("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = 'frontdesk'"))


def settle(world: World, baseline: Baseline) -> dict[str, list[str]]:
    """Stop the load, wait until nothing is open any more, stop everything; returns what did not come back."""
    world.load.stop()
    world.load.close()
    world.say("no more messages; the work is being finished")
    world.fleet.start_missing()
    deadline = time.monotonic() + min(SETTLE_SECONDS * world.slack, world.patience * world.slowness)
    quiet_since = time.monotonic()
    # Statuses come one after the other: it is over when nothing has been open for a while.
    while time.monotonic() < deadline and time.monotonic() - quiet_since < QUIET_SECONDS:
        if not _is_over(world):
            quiet_since = time.monotonic()
        time.sleep(0.1)
    broken = {}
    if thick := list(_grown(world, baseline)):
        broken["memory and connections are back at their baseline"] = thick
    world.outside.stop()
    world.fleet.stop()
    return broken


def _is_over(world: World) -> bool:
    load = world.load
    waiting = any(
        said.expects == "answer" and not load.is_answered(said) and not load.is_acked(said)
        for said in load.said.values()
    )
    return not waiting and not world.database.open_rows() and not world.database.value(UNJOINED)


def _grown(world: World, baseline: Baseline) -> list[str]:
    found = []
    for name, program in world.fleet.programs.items():
        now, before = program.memory(), baseline.memory[program.role]
        if now > before * MEMORY_FACTOR + MEMORY_SLACK_MB:
            found.append(f"{name} holds {now:.0f} MB, {before:.0f} MB at the start")
    now_open = connections(world)
    if now_open > baseline.connections + CONNECTIONS_SLACK:
        found.append(f"{now_open} connections, {baseline.connections} at the start")
    return found
