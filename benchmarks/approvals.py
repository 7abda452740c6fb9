"""Candidates by the hundred, two approvers, and a core service that is down at first: one decision each, told once."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2

from benchmarks.installation import Installation, installation
from benchmarks.report import Figure, Options, percentile, say
from tests.simulator.process import Sim
from tests.support.speed import measured

NAME = "approvals"
PEOPLE = {"owner": "+15550100200", "partner": "+15550100201"}
CAPACITY, REFILL_PER_MIN = 5, 90.0
SPACING = 0.5  # seconds between two prompts, on a quiet machine
SCOPES = ("--scopes", "candidates:read,candidates:write")
PACE = {  # and the spacing
    "WA_BUCKET_CAPACITY": str(CAPACITY),
    "WA_BUCKET_REFILL_PER_MIN": f"{REFILL_PER_MIN:g}",
}
CHANNEL = "demo"  # Evolution, which knows no reply window
DECIDED_SECONDS, TOLD_SECONDS = 300, 480
SLACK_SHARE = 0.5  # of the spacing: between our clock at the sending and the simulator's at the receiving


def measure(options: Options) -> Iterator[Figure]:
    """Real processes on PostgreSQL and Redis; both approvers answer every list they get, one yes, the other no."""
    count = options.amount(50 if options.quick else 1000 if options.full else 100, least=30)
    spacing = options.bound(SPACING)
    with installation(servers=True) as desk:
        for name in ("web", "worker", "worker2"):
            desk.start(name, **PACE, MIN_SPACING_SEC=f"{spacing:g}", API_RATE="100000/min")
        desk.wait_until_ready(workers=True)
        yield from _play(desk, count, spacing)


def _play(desk: Installation, count: int, spacing: float) -> Iterator[Figure]:
    down = desk.sim.fail("core", "status", status=503, times=-1)
    began = time.monotonic()
    caller = Core(desk, "benchmark")
    ids = [caller.post(number) for number in range(count)]
    posted = time.monotonic() - began
    say(f"approvals: {count} candidates posted in {posted:.1f} s")
    both = zip(PEOPLE.values(), ("ALL", "ALL no"), strict=True)
    phones = [Phone(desk.sim, person, words, spacing) for person, words in both]
    for phone in phones:
        phone.start()
    _until(lambda: caller.count("pending") == 0, DECIDED_SECONDS, "all are decided")
    decided = time.monotonic() - began
    say(f"approvals: all decided after {decided:.1f} s; the core service comes back")
    told_before = len(_told(desk.sim))
    desk.sim.post("unfail", id=down)
    back = time.monotonic()
    with suppress(TimeoutError):
        _until(lambda: len(_told(desk.sim)) >= count, TOLD_SECONDS, "all are told")
    for phone in phones:
        phone.stop()
    yield from _figures(desk, ids, phones, posted=posted, decided=decided, told_before=told_before, back=back)


def _figures(desk: Installation, ids: list[int], phones: list[Phone], **at: Any) -> Iterator[Figure]:
    told = _told(desk.sim)
    told_at = time.monotonic() - at["back"]
    by_candidate = Counter(record["raw"]["data"]["candidate_id"] for record in told)
    ends = Counter(record["raw"]["data"]["decision"] for record in told)
    ways = {record["raw"]["data"]["candidate_id"]: record["raw"]["data"]["decision"] for record in told}
    contradicted = sum(
        ways[record["raw"]["data"]["candidate_id"]] != record["raw"]["data"]["decision"] for record in told
    )
    once = sum(by_candidate[pk] == 1 for pk in ids)
    note = (
        f"{len(told)} callbacks for {len(ids)} candidates, {at['told_before']} of them while it was down; {dict(ends)}"
    )
    yield _figure("callbacks delivered exactly once", once, "candidates", note, at_least=len(ids))
    yield _figure("decisions that contradict each other", contradicted, "candidates", "", at_most=0)
    yield _figure("posted", len(ids) / at["posted"], "candidates/s", "POST /api/candidates, one caller")
    yield _figure("decided", at["decided"], "s", f"all {len(ids)}, by lists of up to ten at the approvers' pace")
    yield _figure("told after the core service is back", told_at, "s", "the last of them")
    for phone, name in zip(phones, PEOPLE, strict=True):
        broken, fastest = phone.breaches()
        note = f"{len(phone.asked)} prompts, the two nearest {fastest:.2f} s apart"
        yield _figure(f"pace broken for the {name}", broken, "times", note, at_most=0)
    gaps = [later - earlier for phone in phones for earlier, later in itertools.pairwise(phone.asked)]
    yield _figure("between two prompts, median", percentile(gaps, 50), "s", "of both approvers")


def _figure(name: str, value: float, unit: str, note: str, **target: float) -> Figure:
    return Figure(bench=NAME, name=name, unit=unit, note=note, value=round(value, 2), runs=[round(value, 2)], **target)


class Core:
    """The core service's side of the API."""

    def __init__(self, desk: Installation, name: str) -> None:
        desk.manage("setup_approver", "--tenant", "demo", "--name", "partner", "--default")
        made = desk.manage("create_api_key", "--tenant", "demo", "--name", name, *SCOPES)
        key = made.split()[-1]
        url = desk.environment["PUBLIC_URL"]
        self._client = httpx2.Client(base_url=f"{url}/api/", headers={"Authorization": f"Bearer {key}"}, timeout=60)

    def post(self, number: int) -> int:
        """Ask for one decision."""
        body = {
            "title": f"Post {number}", "deadline_minutes": 120, "external_id": f"bench-{number}",
            "approvers": list(PEOPLE),
        }  # fmt: skip
        answer = self._client.post("candidates", json=body)
        answer.raise_for_status()
        return int(answer.json()["id"])

    def count(self, status: str) -> int:
        """How many stand so; a full page is enough to know that some do."""
        answer = self._client.get("candidates", params={"status": status, "limit": 1})
        answer.raise_for_status()
        return len(answer.json()["results"])


class Phone(threading.Thread):
    """An approver who answers each list by quoting it, and each single question."""

    def __init__(self, sim: Sim, person: str, words: str, spacing: float) -> None:
        super().__init__(daemon=True)
        self._sim = Sim(sim.url, sim.config_path)
        self.person, self.words, self.spacing = person, words, spacing
        self.asked: list[float] = []
        self._seen: set[str] = set()
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Look and answer until told to stop."""
        since = 0
        while not self._stop_asked.wait(0.05):
            with suppress(httpx2.TransportError):
                for record in self._sim.record("evolution", since=since, to=self.person):
                    since = max(since, record["seq"])
                    self._take(record)

    def stop(self) -> None:
        """No more answers."""
        self._stop_asked.set()
        self.join(10)

    def breaches(self) -> tuple[int, float]:
        """(how often the pace was broken, the smallest distance), by the simulator's clock."""
        gaps = [later - earlier for earlier, later in itertools.pairwise(self.asked)]
        slack = SLACK_SHARE * self.spacing
        near = sum(gap < self.spacing - slack for gap in gaps)
        many = 0
        for first, began in enumerate(self.asked):
            for last in range(first, len(self.asked)):
                allowed = CAPACITY + REFILL_PER_MIN / 60 * (self.asked[last] - began + slack) + 1
                many += last - first + 1 > allowed
        return near + many, min(gaps, default=0.0)

    def _take(self, record: dict[str, Any]) -> None:
        is_message = record["direction"] == "in" and record["accepted"] and record["id"] not in self._seen
        text = record["text"] or ""
        is_list, is_single = "decisions wait for you" in text, "Answer yes or no" in text
        if not is_message or not (is_list or is_single):
            return
        self._seen.add(record["id"])
        self.asked.append(record["at"])
        words = self.words if is_list else ("no" if "no" in self.words else "yes")
        self._sim.say(CHANNEL, words, person=self.person, reply_to=record["id"])


def _told(sim: Sim) -> list[dict[str, Any]]:
    return [record for record in sim.record("core", direction="in") if record["accepted"]]


def _until(condition: Any, seconds: float, what: str) -> None:
    until = time.monotonic() + seconds * measured()
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(f"not in {seconds:.0f} s: {what}")
        time.sleep(0.5)
