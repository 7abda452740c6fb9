"""The providers are slow, down, full, wrong, or change their minds; each fault has a channel of its own."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from chaos.faults.base import Broken, Fault
from chaos.faults.models import ModelFault
from chaos.outside import Send


class ProviderFault(Fault):
    """A failure rule of the simulator on this fault's own channel."""

    line = "meta"
    alone = False
    mode: ClassVar[str] = "status"
    rule: ClassVar[dict[str, Any]] = {}
    expects: ClassVar[str] = "answer"

    def match(self) -> dict[str, str]:
        """What of the simulator's traffic is meant: this channel's sends."""
        own = self.own.external_id
        if self.own.provider == "twilio":
            return {"path": "/Messages", "contains": own.replace("+", "%2B")}
        return {"path": own}

    def inject(self) -> None:
        self.id = self.world.fail(self.own.provider, self.mode, match=self.match(), **self.rule)

    def during(self) -> None:
        self.all_say(self.expects)

    def bit(self) -> str:
        return f"{used} requests struck" if (used := self.world.rule_used(self.id)) else ""

    def heal(self) -> None:
        self.world.sim.post("unfail", id=self.id)

    def rows(self) -> list[tuple[int, str, str, str]]:
        """(id, state, held_by, last_error) of what this channel was to send."""
        rows: list[tuple[int, str, str, str]] = self.world.database.rows(
            "SELECT m.id, m.state, m.held_by, m.last_error FROM messaging_message m"
            " JOIN messaging_channel c ON c.id = m.channel_id WHERE m.direction = 'out' AND c.external_id = ?",
            self.own.external_id,
        )
        return rows

    def sends(self) -> list[Send]:
        """What this channel's provider accepted."""
        return [send for send in self.world.outside.sends if send.channel == self.own.external_id]

    def allow_dead(self) -> int:
        """What is dead or held on this channel is meant to be; returns how many."""
        rows = [row for row in self.rows() if row[1] in ("dead", "held")]
        self.world.expected_dead |= {f"messaging_message:{row[0]}" for row in rows}
        return len(rows)


class TooMany(ProviderFault):
    name = "F58"
    title = "a storm of 429"
    embedded = True
    people = 5
    rule = {"status": 429, "times": 6, "headers": {"retry-after": "1"}}
    patience = 25.0

    def bit(self) -> str:
        used = self.world.rule_used(self.id)
        return f"{used} refused" if used >= 2 else ""

    def check(self) -> None:
        calls = [
            call["at"] for call in self.world.outside.calls
            if call["status"] == 429 and self.own.external_id in call["path"]
        ]  # fmt: skip
        together = [later - first for first, later in itertools.pairwise(calls)]
        if sum(gap < 0.3 for gap in together) > 3:
            raise Broken("refused requests came one upon the other")


class Down(ProviderFault):
    name = "F59"
    title = "the provider is down; the breaker opens"
    mode = "refuse"
    rule = {"times": -1}
    seconds = 6.0
    people = 6
    bound = 45.0

    def bit(self) -> str:
        used = self.world.rule_used(self.id)
        return f"{used} connections refused" if used >= 5 else ""


class Permanent(ProviderFault):
    name = "F60"
    title = "the provider refuses for good"
    embedded = True
    rule = {"status": 400, "times": 3}
    expects = "any"

    def bit(self) -> str:
        dead = [row for row in self.rows() if row[1] == "dead" and row[3]]
        return f"{len(dead)} failed at once, with a reason" if len(dead) == 3 else ""

    def after(self) -> None:
        self.allow_dead()
        super().after()


class TokenRevoked(ProviderFault):
    name = "F61"
    title = "the access token is revoked, then mended"
    rule = {"status": 401, "times": -1}

    def bit(self) -> str:
        held = [row for row in self.rows() if row[2] == "channel"]
        return f"{len(held)} held for the channel" if len(held) >= 3 else ""

    def heal(self) -> None:
        super().heal()
        used = self.world.rule_used(self.id)
        if used > 3:
            raise Broken(f"{used} calls with a revoked token")
        self.world.made.inside(
            "from messaging.models import Channel; from messaging import services;"
            f"channel = Channel.objects.get(external_id={self.own.external_id!r});"
            "Channel.objects.filter(pk=channel.pk).update(problem='');"
            "services.release_held(held_by=('channel',), channel=channel)",
            SABOTAGE="",
        )


class Nonsense(ProviderFault):
    name = "F63"
    title = "a 200 that says nothing, though the message went"
    embedded = True
    mode = "garbage"
    rule = {"times": 3, "accept": True}


class Broken5xx(ProviderFault):
    name = "F63B"
    title = "500 after the body went out, though the message went"
    rule = {"status": 500, "times": 3, "accept": True}


class FailedLater(ProviderFault):
    name = "F64"
    title = "accepted, then reported as failed"
    mode = "fails_later"
    rule = {"times": 2, "error": "131026"}
    expects = "any"

    def bit(self) -> str:
        dead = [row for row in self.rows() if row[1] == "dead"]
        return f"{len(dead)} shown as failed" if len(dead) >= 1 else ""

    def after(self) -> None:
        self.allow_dead()
        super().after()


class StatusFirst(ProviderFault):
    name = "F8"
    title = "a status before the answer to the send that it is about"
    line = "evolution"
    quick = True
    embedded = True
    mode = "timeout_after_accept"
    rule = {"seconds": 1.2, "times": 3}

    def bit(self) -> str:
        ids = {send.id: send.at for send in self.sends()}
        early = [
            told for told in self.world.outside.told
            if told.kind.startswith("status") and told.id in ids and told.at < ids[told.id] + 1.2 * self.world.slowness
        ]  # fmt: skip
        return f"{len(early)} statuses came first" if early else ""


class PaceKept(ProviderFault):
    name = "F72"
    title = "forty answers at once on a channel of five a second"
    pace = 5.0
    people = 20
    rule = {"times": 0}

    def during(self) -> None:
        self.all_say()
        self.all_say()

    def bit(self) -> str:
        sends = self.sends()
        took = sends[-1].at - sends[0].at if sends else 0.0
        return f"{len(sends)} in {took:.1f} s" if len(sends) >= 15 and took > 1.5 else ""


class WindowCloses(ModelFault):
    name = "F62"
    title = "the reply window closes while the answer is in the queue"
    embedded = True
    rule = {"seconds": 4.0, "times": -1}
    expects = "any"

    def during(self) -> None:
        self.all_say("any")
        self.world.until(lambda: self.world.rule_used(self.id) >= self.people, what="the model is thinking")
        old = datetime.now(UTC) - timedelta(hours=25)
        sql = (
            "UPDATE messaging_conversation SET last_inbound_at = ? WHERE channel_id ="
            " (SELECT id FROM messaging_channel WHERE external_id = ?)"
        )
        self.world.database.write(sql, old.isoformat(sep=" "), self.own.external_id)
        self.shut_at = time.time()

    def bit(self) -> str:
        held = self.world.database.value(
            "SELECT COUNT(*) FROM messaging_message m JOIN messaging_channel c ON c.id = m.channel_id"
            " WHERE c.external_id = ? AND m.state = 'held' AND m.held_by = 'window'",
            self.own.external_id,
        )
        return f"{held} held by the window" if held else ""

    def heal(self) -> None:
        super().heal()
        sends = [send for send in self.world.outside.sends if send.channel == self.own.external_id]
        # A send that had begun when it was shut may end a little later.
        if late := [send for send in sends if send.at > self.shut_at + self.world.excuse]:
            raise Broken(f"{len(late)} free texts went out after the window had closed")
