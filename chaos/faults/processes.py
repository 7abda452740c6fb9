"""Processes are killed, told to end, and frozen, with work in their hands."""

from __future__ import annotations

import signal
import time

from chaos.faults.base import Broken, Fault
from chaos.faults.customers import CustomerFault
from chaos.fleet import Program
from chaos.installation import MODEL_LEASE_SECONDS
from chaos.world import World

HELD_SECONDS = 0.6


class InHand(Fault):
    """The model is slow, so that answers are in the workers' hands when it happens."""

    people = 4
    most_slow = 2.5

    def inject(self) -> None:
        self.rule = self.world.fail("openai", "slow", seconds=self.most_slow, times=-1)
        self.all_say()
        self.world.until(self.holds, what="turns in hand")
        self.strike()
        self.world.sim.post("unfail", id=self.rule)

    def holds(self) -> bool:
        """Whether two turns at least wait for the slow model: the others' are over in a moment."""
        before = self.turns()
        time.sleep(HELD_SECONDS)
        self.had = len(before & self.turns())
        return self.had >= 2

    def turns(self) -> set[int]:
        """The turns in somebody's hands."""
        return {pk for (pk,) in self.world.database.rows("SELECT id FROM assistant_turn WHERE state = 'working'")}

    def strike(self) -> None:
        """What happens to the workers."""
        raise NotImplementedError

    def during(self) -> None:
        """They have written already."""

    def swept(self) -> int:
        """Turns that were freed from a dead worker since this began."""
        return int(self.world.database.value("SELECT COUNT(*) FROM assistant_turn WHERE crashes > 0") or 0)


class WorkersKilled(InHand):
    name = "F38"
    title = "both workers kill -9 with work in hand"
    quick = True
    times = 2

    def inject(self) -> None:
        left = 1 if self.world.is_quick else self.times
        for number in range(left + 3):
            if not left:
                break
            if number:  # what died is done, so that nothing dies three times of us
                self.world.fleet.start_missing()
                self.world.until(lambda: not self.waits(), seconds=self.bound, what="answers after the kill before")
            super().inject()
            left -= self.had > 0

    def strike(self) -> None:
        self.before = self.swept()
        for worker in self.world.fleet.of("worker"):
            worker.kill()
            self.world.kills += 1
        self.had = len(self.turns())  # the dead hold these; others ended in the last moment before

    def heal(self) -> None:
        self.world.fleet.start_missing()

    def bit(self) -> str:
        return f"{self.had} turns in hand" if self.had else ""

    def check(self) -> None:
        # Others may be answered before the leases of the dead are over. A broken build is waited for less long.
        self.world.until(
            lambda: self.swept() > self.before,
            seconds=min(MODEL_LEASE_SECONDS + 10, self.world.patience / 3),
            what="a turn freed from the killed workers",
        )


class WorkerDrained(InHand):
    name = "F39"
    title = "a worker is told to end (SIGTERM) and drains"

    def strike(self) -> None:
        self.code, self.took = self.world.fleet["worker1"].terminate(45)

    def bit(self) -> str:
        return f"exit {self.code} after {self.took:.1f} s"

    def heal(self) -> None:
        self.world.fleet.start_missing()

    def check(self) -> None:
        if self.code != 0:
            raise Broken(f"the worker did not end cleanly within 45 s: {self.code}")


class WorkerDrainCutShort(InHand):
    name = "F40"
    title = "SIGTERM, then kill -9 before the drain is over"

    def strike(self) -> None:
        self.code, _ = self.world.fleet["worker1"].terminate(0.3)
        self.world.fleet["worker1"].kill()
        self.world.kills += 1

    def bit(self) -> str:
        return f"{self.had} turns in hand"

    def heal(self) -> None:
        self.world.fleet.start_missing()


class WorkerFrozen(InHand):
    name = "F41"
    title = "workers frozen past their leases, then awake again"
    two_workers = True
    patience = MODEL_LEASE_SECONDS + 10

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.seconds = (MODEL_LEASE_SECONDS + 2) * world.slowness

    def strike(self) -> None:
        # A third worker is there to take over what the frozen ones hold.
        for name in ("worker1", "worker2"):
            self.world.fleet[name].signal(signal.SIGSTOP)
            self.world.kills += 1
        self.before = self.swept()
        third = self.world.fleet["worker1"]
        self.spare = self.world.fleet.add("worker3", third.log.parent, third.environment)
        self.spare.start()

    def bit(self) -> str:
        swept = self.swept() - self.before
        return f"{swept} turns taken from the frozen" if swept > 0 else ""

    def heal(self) -> None:
        for name in ("worker1", "worker2"):
            self.world.fleet[name].signal(signal.SIGCONT)

    def check(self) -> None:
        self.spare.terminate(30)
        self.spare.kill()
        del self.world.fleet.programs["worker3"]


class WorkersDeaf(Fault):
    name = "F35"
    title = "workers that live and do not move, until people are told of it"
    patience = 20.0  # and three times that: a minute
    seconds = 0.0

    def inject(self) -> None:
        for worker in self.world.fleet.of("worker"):
            worker.signal(signal.SIGSTOP)
            self.world.kills += 1

    def bit(self) -> str:
        return self.alerted("process:worker")

    def heal(self) -> None:
        # As a supervisor does that asks `deploy/healthcheck.py`.
        for worker in self.world.fleet.of("worker"):
            worker.kill()
        self.world.fleet.start_missing()


class WebKilled(Fault):
    name = "F4"
    title = "web kill -9 while webhooks come in, right after a 200"
    quick = True
    people = 6

    def inject(self) -> None:
        web = self.world.fleet["web1"]
        self.all_say()
        self.world.until(lambda: any(self.world.load.is_acked(said) for said in self.said), what="a 200")
        # Frozen first, so that requests are surely in its hands when it dies.
        web.signal(signal.SIGSTOP)
        front, port = self.world.made.proxies["front"], self.port(web)
        before = front.links_to(port)  # of requests that it may have answered already
        self.all_say()
        self.all_say()
        self.world.until(lambda: front.links_to(port) > before, what="requests")
        web.kill()

    def port(self, web: Program) -> int:
        """The port of a web process."""
        return int(web.environment["PORT"])

    def during(self) -> None:
        """They have written already."""

    def bit(self) -> str:
        return f"{gone} requests without an answer" if (gone := self.statuses().count(0)) else ""

    def heal(self) -> None:
        self.world.fleet.start_missing()


class EmbeddedKilled(Fault):
    name = "F5"
    title = "the embedded desk kill -9 while it takes and answers"
    embedded = only_embedded = quick = True
    people = 6

    def inject(self) -> None:
        self.rule = self.world.fail("openai", "slow", seconds=1.5, times=-1)
        self.all_say()
        self.world.until(lambda: self.world.working() >= 1, what="turns in hand")
        self.had = self.world.working()
        self.world.fleet["up"].kill()
        self.world.kills += 1
        self.world.sim.post("unfail", id=self.rule)

    def bit(self) -> str:
        return f"{self.had} turns in hand" if self.statuses().count(0) else ""

    def heal(self) -> None:
        self.world.fleet.start_missing()


class DeadlyText(CustomerFault):
    name = "F37"
    title = "a message whose task kills its process, each time, with others behind it in its webhook"
    alone = True
    embedded = False
    patience = 90.0
    people = 1

    def inject(self) -> None:
        for worker in self.world.fleet.of("worker"):
            worker.terminate(30)
            worker.kill()
            worker.start(SABOTAGE="deadly_text")
        people = [self.world.load.somebody() for _ in range(3)]
        deadly = self.message(people[0], expects="any", text="DEADLY #n, again and again.")
        self.post(self.body(deadly, *(self.message(person) for person in people[1:])))

    def during(self) -> None:
        """Nobody else writes: each death takes a while."""

    def bit(self) -> str:
        for worker in self.world.fleet.of("worker"):
            if not worker.runs:  # a supervisor starts it again
                self.world.kills += 1
                worker.start(SABOTAGE="deadly_text")
        # It dies with whichever row was being worked: its own, or the webhook that brought it.
        for table in ("messaging_message", "messaging_webhookevent"):
            for pk, crashes in self.world.database.rows(
                f"SELECT r.id, r.crashes FROM {table} r JOIN messaging_channel c ON c.id = r.channel_id"
                " WHERE c.external_id = ? AND r.state = 'dead'",
                self.own.external_id,
            ):
                self.world.expected_dead.add(f"{table}:{pk}")
                return f"dead after {crashes} starts"
        return ""

    def heal(self) -> None:
        for worker in self.world.fleet.of("worker"):
            worker.terminate(30)
            worker.kill()
            worker.start()


class LogSinkBlocked(Fault):
    name = "F44"
    title = "nobody reads what the processes log"
    quick = True
    seconds = 3.0
    people = 6

    def inject(self) -> None:
        for program in self.world.fleet.programs.values():
            program.reads.clear()
        for _ in range(4):
            self.all_say()

    def bit(self) -> str:
        full = [program.name for program in self.world.fleet.programs.values() if program.is_clogged]
        return f"full pipes of {', '.join(full)}" if any(name.startswith(("web", "worker")) for name in full) else ""

    def heal(self) -> None:
        # Everybody is answered while the sink is still blocked: that is the promise.
        try:
            self.world.until(lambda: not self.waits(), seconds=12, what="answers while the log sink is blocked")
        finally:
            for program in self.world.fleet.programs.values():
                program.reads.set()
