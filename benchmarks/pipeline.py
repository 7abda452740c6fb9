"""From a signed webhook to the answer in the provider's hands: answers per second and latency, without a model."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks import load, stages
from benchmarks.installation import Installation, installation
from benchmarks.report import Figure, Options, best_of, per_page, percentile, say
from benchmarks.yardstick import page_milliseconds
from tests.support.speed import measured

NAME = "pipeline"
PATIENCE_SECONDS = 90
QUIET_SECONDS = 3.0
LEAST = 120  # questions of a run
MOST_RATE, SHARE = 20, 5  # messages a second: a fifth of what was measured, as long as that is not more
PER_SECOND = 100  # answers on the quiet machine (`benchmarks.yardstick`)
QUESTIONS = (
    "What are your opening hours?",
    "What does a cleaning cost?",
    "Where are you located?",
    "Can I park there?",
)
_numbers = itertools.count(1)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One load through the whole pipeline; a contact's answer is complete with its last message."""

    contacts: int
    answered: int
    sends: int
    seconds: float
    cpu: dict[str, float]  # milliseconds of processor time per answer, by process
    milliseconds: list[float]  # from the post to the first message of its answer

    @property
    def per_second(self) -> float:
        """Answered contacts per second."""
        return self.answered / self.seconds

    @property
    def sends_per_second(self) -> float:
        """Messages handed to the provider per second."""
        return self.sends / self.seconds


def measure(options: Options) -> Iterator[Figure]:
    """PostgreSQL and Redis with a worker for each of two cores, then the embedded default."""
    with installation(servers=True) as desk:
        for name in ("web", "worker", "worker2"):
            desk.start(name)
        desk.wait_until_ready(workers=True)
        drive(desk, people(20))
        usual = 120 if options.quick else 600 if options.full else 400
        yield from _spread(desk, options, options.amount(usual, least=LEAST))
    with installation(servers=False) as desk:
        desk.start("desk")
        desk.wait_until_ready(workers=True)
        drive(desk, people(10))
        yield from _embedded(desk, options, options.amount(60 if options.quick else 120, least=30))


def _spread(desk: Installation, options: Options, count: int) -> Iterator[Figure]:
    runs: dict[str, list[Run]] = {"known contacts": [], "new contacts": [], "new contacts, statuses on": []}
    everybody = people(count)
    desk.sim.statuses("none")
    say("pipeline: PostgreSQL and Redis, people who are new")
    runs["new contacts"].append(drive(desk, everybody))
    stages.analyze(desk.environment["DATABASE_URL"])
    drive(desk, everybody[:120], first=1)  # after that PostgreSQL plans anew, in each connection
    pages = [page_milliseconds()]
    for number in range(options.rounds):
        say(f"pipeline: PostgreSQL and Redis, round {number + 1} of {options.rounds}")
        runs["known contacts"].append(drive(desk, everybody, first=number + 2))
        pages.append(page_milliseconds())
    desk.sim.statuses("all")
    runs["new contacts, statuses on"].append(drive(desk, people(count)))
    time.sleep(0 if options.quick else 5)  # the last statuses
    desk.sim.statuses("none")
    for name, made in runs.items():
        figure = _throughput(f"PostgreSQL + Redis, {name}", made)
        yield figure
        if name == "known contacts":
            yield per_page(figure, pages, least=PER_SECOND)
    yield _unanswered("PostgreSQL + Redis", itertools.chain(*runs.values()))
    best = max(run.per_second for run in runs["known contacts"])
    rate = max(1.0, min(MOST_RATE, round(best / SHARE, 1)))
    url = desk.environment["DATABASE_URL"]
    since = stages.newest_event(url)
    slow = [drive(desk, people(round(rate * (3 if options.quick else 10))), rate=rate) for _ in range(options.rounds)]
    yield from _latency("PostgreSQL + Redis", slow, rate=rate, options=options)
    yield from stages.figures(NAME, f"PostgreSQL + Redis at {rate:g} messages/s", stages.stages(url, since))


def _embedded(desk: Installation, options: Options, count: int) -> Iterator[Figure]:
    everybody = people(count)
    say("pipeline: embedded")
    new = [drive(desk, everybody)]
    known = [drive(desk, everybody, first=number + 1) for number in range(options.rounds)]
    yield _throughput("embedded on SQLite, known contacts", known)
    yield _throughput("embedded on SQLite, new contacts", new)
    yield _unanswered("embedded on SQLite", [*new, *known])
    rate = max(1.0, round(5 / options.slowness, 1))
    slow = [drive(desk, people(round(rate * (6 if options.quick else 12))), rate=rate)]
    yield from _latency("embedded on SQLite", slow, rate=rate)


def _throughput(name: str, made: list[Run]) -> Figure:
    best = max(made, key=lambda run: run.per_second)
    cpu = ", ".join(f"{process} {value:.0f}" for process, value in best.cpu.items())
    note = f"{best.contacts} questions; {best.sends_per_second:.1f} messages/s out; CPU ms per answer: {cpu}"
    return Figure(
        bench=NAME,
        name=name,
        unit="answers/s",
        note=note,
        **best_of([run.per_second for run in made]),
    )


def _unanswered(name: str, runs: Iterable[Run]) -> Figure:
    """Without it a run that loses half of its answers would look slow, and nothing more."""
    lost = sum(run.contacts - run.answered for run in runs)
    return Figure(bench=NAME, name=f"{name}, not answered", unit="questions", value=lost, at_most=0)


def _latency(name: str, made: list[Run], *, rate: float, options: Options | None = None) -> Iterator[Figure]:
    for percent, target in ((50, 120), (95, 400)):
        yield Figure(
            bench=NAME,
            name=f"{name}, p{percent} at {rate:g} messages/s",
            unit="ms",
            at_most=options.bound(target) if options else None,
            note="webhook in to answer handed to the provider, new contacts",
            **best_of([percentile(run.milliseconds, percent) for run in made], smallest=True),
        )


def people(count: int) -> list[str]:
    """Numbers that nobody had before."""
    return [f"1555{next(_numbers):07d}" for _ in range(count)]


def drive(desk: Installation, contacts: list[str], *, first: int = 0, rate: float = 0.0) -> Run:
    """Post one question of each contact and wait for the answers.

    Args:
        desk: the installation.
        contacts: their numbers.
        first: which of the questions the first contact asks, the next one the next. Who asks the same twice running
            is offered a person the second time, so the same contacts are asked for with another one each time.
        rate: messages a second; as fast as they go when 0.
    """
    requests = [
        desk.message(
            person=person,
            message_id=f"PIPE{next(_numbers):016d}",
            text=QUESTIONS[(first + number) % len(QUESTIONS)],
        )
        for number, person in enumerate(contacts)
    ]
    seen = max((record["seq"] for record in desk.sim.record()[-1:]), default=0)
    before = {name: desk.cpu_seconds(name) for name in desk.running}
    result = load.run(load.Plan(port=desk.port, requests=requests, connections=16, rate=rate))
    if result.failures:
        raise RuntimeError(f"not every webhook was accepted: {result.statuses}")
    sent = {person: moment for person, moment in zip(contacts, result.sent, strict=True) if moment}
    return _collect(desk, contacts, sent, seen, before)


def _collect(
    desk: Installation, contacts: list[str], sent: dict[str, float], seen: int, before: dict[str, float]
) -> Run:
    """Read what the provider was sent until everybody has an answer and nothing more comes."""
    first: dict[str, float] = {}
    sends, last = 0, 0.0
    deadline = time.time() + PATIENCE_SECONDS * measured()
    heard = time.time()
    while time.time() < deadline and (len(first) < len(contacts) or time.time() - heard < QUIET_SECONDS):
        records = desk.sim.record("meta", since=seen, direction="in")
        for record in records:
            seen = record["seq"]
            person = record["to"].lstrip("+")
            if record["kind"] != "text" or not record["accepted"] or person not in sent:
                continue
            first.setdefault(person, record["at"])
            sends, last = sends + 1, max(last, record["at"])
            heard = time.time()
        time.sleep(0.25)
    used = {name: desk.cpu_seconds(name) - spent for name, spent in before.items()}
    return Run(
        contacts=len(contacts),
        answered=len(first),
        sends=sends,
        seconds=max(last, min(sent.values()) + 0.001) - min(sent.values()),
        cpu={name: 1000 * seconds / max(1, len(first)) for name, seconds in used.items()},
        milliseconds=[(moment - sent[person]) * 1000 for person, moment in first.items()],
    )
