"""`python -m chaos`: play the faults, print the table, write the JSON. Use `bin/chaos`."""

from __future__ import annotations

import argparse
import math
import random
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any

from chaos import report
from chaos.driver import play_all
from chaos.faults import FAULTS, Fault
from chaos.installation import START_SECONDS, TENANTS, WIRES, Line, installation
from chaos.load import Load
from chaos.outside import Outside
from chaos.scope import LEFT_OUT
from chaos.settling import Baseline, settle
from chaos.world import World
from tests.support.desk import ROOT
from tests.support.speed import counting_seconds, slowness
from tests.support.throwaway import ServerError

# (whatever the machine, and what is multiplied by its slowness): as runs on a quiet and on a busy one took.
START_MINUTES = (0.0, 0.6)  # servers, businesses and processes, and the end of the work
GENTLE_MINUTES = (0.9, 0.6)  # all that are played at once
HARD_MINUTES = (0.1, 0.04)  # each of the others
END_SECONDS = 40.0  # of a quiet machine: the end of the work, and the verdict
SABOTAGE_PATIENCE = 20.0
NO_SERVERS = 69  # EX_UNAVAILABLE


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a run was asked for."""

    seed: int
    only: tuple[str, ...] = ()
    quick: bool = False
    embedded: bool = False
    minutes: float = 0.0  # 0: until every fault was played
    sabotage: str = ""
    rate: float = 4.0


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="bin/chaos", description="Hurt the product and see what it promises.")
    parser.add_argument("--quick", action="store_true", help="the short selection, as continuous integration runs it")
    parser.add_argument("--embedded", action="store_true", help="SQLite in one process, without Redis")
    parser.add_argument("--only", metavar="F16[,F28]", default="", help="these faults alone")
    parser.add_argument("--seed", type=int, default=0, help="the same seed plays the same faults in the same order")
    parser.add_argument("--minutes", type=float, default=0.0, help="begin no other fault when this is over")
    parser.add_argument("--rate", type=float, default=0.0, help="messages a second in the background")
    parser.add_argument("--sabotage", default="", help="a broken build, which must turn the run red")
    parser.add_argument("--list", action="store_true", help="name the faults and stop")
    given = parser.parse_args()
    if given.list:
        for name, kind in sorted(FAULTS.items(), key=lambda item: _order(item[0])):
            print(f"{name:6}{'quick ' if kind.quick else '      '}{kind.title}")
        return 0
    only = tuple(name.strip().upper() for name in given.only.split(",") if name.strip())
    if unknown := [name for name in only if name not in FAULTS]:
        parser.error(f"unknown: {', '.join(unknown)}; see --list")
    options = Options(
        seed=given.seed or int(time.time()),
        only=only,
        quick=given.quick,
        embedded=given.embedded,
        minutes=given.minutes,
        sabotage=given.sabotage,
        rate=given.rate or (3.0 if given.quick or given.embedded else 4.0),
    )
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        return run(options)
    except ServerError as error:
        sys.stderr.write(f"chaos: {error}\n")
        return NO_SERVERS


def chosen(options: Options) -> list[type[Fault]]:
    """The faults of this run, in the seed's order."""
    kinds = [FAULTS[name] for name in options.only] or [
        kind for kind in FAULTS.values() if kind.quick or not options.quick
    ]
    if options.embedded:
        kinds = [kind for kind in kinds if kind.embedded]
    else:
        kinds = [kind for kind in kinds if not kind.only_embedded]
    random.Random(options.seed).shuffle(kinds)
    return kinds


def minutes_of(kinds: list[type[Fault]], slowness: float) -> float:
    """About how long these faults take on a machine so slow."""
    hard = sum(kind.alone for kind in kinds)
    parts = ((1.0, START_MINUTES), (min(1.0, (len(kinds) - hard) / 20), GENTLE_MINUTES), (hard, HARD_MINUTES))
    return sum(count * (fixed + slowness * scaled) for count, (fixed, scaled) in parts)


def lines_of(kinds: list[type[Fault]]) -> list[Line]:
    """Every business on every wire, and one channel more for each fault that wants its own."""
    wires = {"meta": "10654035224{:04d}", "evolution": "line-{:04d}", "twilio": "+1555010{:04d}"}
    plain = [(tenant, wire, 50.0) for tenant in TENANTS for wire in WIRES]
    own = [(kind.name.lower(), kind.line, kind.pace) for kind in kinds if kind.line]
    return [
        Line(tenant, wire, wires[wire].format(number), pace)
        for number, (tenant, wire, pace) in enumerate(plain + own, start=1)
    ]


def run(options: Options) -> int:
    """One run from the servers to the verdict."""
    kinds = chosen(options)
    started = time.monotonic()
    about = about_of(options, kinds)
    slow = about["slowness"]
    until = started + 60 * options.minutes - END_SECONDS * slow if options.minutes else math.inf
    is_small = bool(options.sabotage) and not any(kind.two_workers for kind in kinds)
    size = "embedded" if options.embedded else "small" if is_small else "whole"
    with installation(size, slowness=slow, sabotage=options.sabotage) as made:
        outside = Outside(made.sim).start()
        lines = lines_of(kinds)
        # Nobody writes to a fault's own channel but the fault.
        ordinary = [line for line in lines if line.tenant in TENANTS]
        load = Load(made.sim, outside, ordinary, options.seed, slow)
        quick = options.quick or bool(options.sabotage)
        world = World(made, load, outside, random.Random(f"world-{options.seed}"), is_quick=quick, started=started)
        if options.sabotage:  # it is to turn red, and soon
            world.patience = SABOTAGE_PATIENCE
        world.allowed |= {name for kind in kinds for name in kind.allows}
        world.say(f"seed {options.seed}; {len(kinds)} faults; servers run, the businesses are being set up")
        made.set_up(lines)
        world.until(world.is_well, seconds=START_SECONDS, what="the product is not well")
        load.start(options.rate / slow)
        baseline = Baseline.of(world)
        world.say("the product answers; customers write")
        outcomes = play_all(world, kinds, until=until)
        broken = settle(world, baseline)
        more, figures = report.judge(world, outcomes)
        about["seconds"] = round(time.monotonic() - started)
        page = report.Report(outcomes, more | broken, figures, about, LEFT_OUT)
        path = report.write(page)
        if not page.is_green:
            report.keep_logs(made.folder, path)
    print(report.table(page))
    verdict = "GREEN" if page.is_green else "RED"
    print(f"\nchaos: {verdict} after {about['seconds']} s, seed {options.seed}; {path.relative_to(ROOT)}")
    return 0 if page.is_green else 1


def about_of(options: Options, kinds: list[type[Fault]]) -> dict[str, Any]:
    """What the report says of the run; tells how fast the machine is, and how long it will take."""
    counted = counting_seconds()
    slow = slowness(counted)
    expected = minutes_of(kinds, slow)
    sys.stderr.write(
        f"chaos: {len(kinds)} faults, about {math.ceil(expected)} minutes; this machine counts to ten million in"
        f" {counted:g} s: times are {slow:g} times those of a quiet one\n"
    )
    return {
        "seed": options.seed,
        "seconds": 0,
        "kind": "embedded" if options.embedded else "quick" if options.quick else "full",
        "sabotage": options.sabotage,
        "counting_seconds": counted,
        "slowness": slow,
        "expected_minutes": round(expected, 1),
    }


def _order(name: str) -> tuple[int, str]:
    digits = "".join(character for character in name if character.isdigit())
    return int(digits), name


if __name__ == "__main__":
    sys.exit(main())
