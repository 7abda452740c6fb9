"""Plays the chosen faults one after the other under load; those that hurt only their own channel at once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from chaos.faults import Broken, Fault
from chaos.world import World

AT_ONCE = 6


@dataclass
class Outcome:
    """What came of one fault."""

    name: str
    title: str
    times: int = 1
    bit: str = ""
    recovery: float | None = None
    bound: float = 0.0
    problems: list[str] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0
    numbers: list[int] = field(default_factory=list)
    lost: int = 0
    duplicated: int = 0


def play(world: World, kind: type[Fault]) -> Outcome:
    """One fault from beginning to recovery."""
    fault = kind(world)
    times = 1 if world.is_quick else kind.times
    outcome = Outcome(kind.name, kind.title, times=times, bound=kind.bound, began=time.time())
    world.say(f"{kind.name} begins: {kind.title}")
    healed = time.monotonic()
    try:
        try:
            fault.inject()
            fault.during()
            outcome.bit = str(world.until(fault.bit, seconds=kind.patience, what="the fault is not felt"))
            time.sleep(fault.seconds * (0.5 if world.is_quick else 1.0))
        finally:
            fault.heal()
            healed = time.monotonic()
        fault.after()
        if kind.alone:
            supervise(world)
        _recover(world, fault, outcome, healed)
        fault.check()
    except Broken as promise:
        outcome.problems.append(str(promise))
    except TimeoutError as late:
        outcome.problems.append(str(late))
    except Exception as error:  # noqa: BLE001 - the other faults are still worth playing; this one is red
        outcome.problems.append(f"{type(error).__name__}: {error}"[:300])
    outcome.numbers = [said.number for said in fault.said]
    outcome.ended = time.time()
    verdict = "; ".join(outcome.problems) or f"bit: {outcome.bit}; recovered after {outcome.recovery:.1f} s"
    world.say(f"{kind.name} {'RED' if outcome.problems else 'ok'}: {verdict}")
    return outcome


def supervise(world: World) -> None:
    """Start what has ended by itself, as the supervisor of an installation does; the report counts it."""
    for name in world.fleet.start_missing():
        world.ended[name] += 1
        world.say(f"{name} had ended by itself and is started again")


def _recover(world: World, fault: Fault, outcome: Outcome, healed: float) -> None:
    while fault.waits():
        supervise(world)
        if time.monotonic() - healed > world.patience * world.slack / 3:
            numbers = ", ".join(f"#{said.number}" for said in fault.waits()[:8])
            raise Broken(f"not answered {time.monotonic() - healed:.0f} s after the end of the fault: {numbers}")
        time.sleep(0.05)
    outcome.recovery = time.monotonic() - healed
    if outcome.recovery > fault.bound * world.slack:
        raise Broken(f"recovery took {outcome.recovery:.0f} s, promised {fault.bound:.0f} s")


def play_all(world: World, kinds: Sequence[type[Fault]], *, until: float) -> list[Outcome]:
    """All faults, the gentle ones at once; after `until` (monotonic) no other is begun."""
    # The longest first: nothing is played beside the last one.
    gentle = sorted((kind for kind in kinds if not kind.alone), key=lambda kind: -kind.patience)
    outcomes: list[Outcome] = []
    if gentle:
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="fault") as pool:
            outcomes += pool.map(lambda kind: play(world, kind), gentle)
    hard = [kind for kind in kinds if kind.alone]
    for kind in hard:
        if time.monotonic() > until:
            world.say(f"{kind.name} is left out: the time is up")
            outcome = Outcome(kind.name, kind.title, times=0, problems=["not played: the time was up"])
            outcomes.append(outcome)
            continue
        outcomes.append(play(world, kind))
        supervise(world)
    return outcomes
