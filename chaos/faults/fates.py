"""Sends of unknown fate: the provider has them, and whoever sent them does not know."""

from __future__ import annotations

from chaos.faults.providers import ProviderFault
from chaos.outside import Send


class AcceptsAndTimesOut(ProviderFault):
    name = "F57"
    title = "the provider accepts and its answer does not come in time"
    quick = True
    embedded = True
    mode = "timeout_after_accept"
    rule = {"seconds": 5.0, "times": 3}

    def inject(self) -> None:
        super().inject()
        self.world.kills += self.people  # each of these sends is of unknown fate for a while


class AcceptsAndTimesOutEvolution(AcceptsAndTimesOut):
    name = "F57B"
    title = "the same on Evolution, which shows what its API sent"
    line = "evolution"
    quick = False


class AcceptsAndTimesOutTwilio(AcceptsAndTimesOut):
    name = "F57C"
    title = "the same on Twilio, whose statuses carry our reference"
    line = "twilio"
    quick = False


class KilledAfterAccept(ProviderFault):
    """Nothing but the row itself may tell the swept send apart from a new one: the statuses come when it is swept."""

    name = "F56"
    title = "workers kill -9 after the provider accepted and before they knew"
    alone = True
    quick = True
    mode = "timeout_after_accept"
    rule = {"seconds": 5.0, "times": 3}

    tries = 5  # a worker of a busy machine may hear of the time-out before the kill comes
    before = 0
    unknown: frozenset[int] = frozenset()

    def inject(self) -> None:
        self.world.sim.post("statuses", mode="manual")
        super().inject()

    def during(self) -> None:
        for number in range(self.tries):
            if number:
                super().heal()
                self.world.fleet.start_missing()
                super().inject()
            self.before = len(self.sends())
            self.all_say()
            self.world.until(lambda: len(self.sends()) > self.before, what="an accepted message")
            for worker in self.world.fleet.of("worker"):
                worker.kill()
                self.world.kills += 1
            accepted = {send.reference for send in self.sends()}
            self.unknown = frozenset(pk for pk, state, *_ in self.rows() if state == "working" and str(pk) in accepted)
            if self.unknown:
                return

    def bit(self) -> str:
        return f"{len(self.unknown)} sends of unknown fate" if self.unknown else ""

    def heal(self) -> None:
        super().heal()
        self.world.fleet.start_missing()
        try:
            self.world.until(self.is_swept, seconds=30.0, what="the sweep")
        finally:
            self.world.sim.post("statuses", mode="all")
            for send in self.silent():
                self.world.sim.status(send.channel, send.id, "delivered")

    def is_swept(self) -> bool:
        """Whether each of these sends has been taken from its dead worker, and is in nobody's hands."""
        swept = {pk for pk, state, *_ in self.rows() if state not in ("working", "queued")}
        return self.unknown <= swept

    def silent(self) -> list[Send]:
        """The sends whose statuses were kept back."""
        channels = {line.external_id for line in self.world.made.lines}
        return [send for send in self.world.outside.sends if send.at >= self.began and send.channel in channels]
