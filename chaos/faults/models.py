"""The language model hangs, refuses, talks nonsense; people take over while it thinks."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from chaos.faults.base import Broken, Fault

ATTEMPTS = 4  # on a busy machine the model may be faster than the person who takes over


class ModelFault(Fault):
    """A failure rule for this fault's own model."""

    line = "meta"
    alone = False
    mode: ClassVar[str] = "slow"
    rule: ClassVar[dict[str, Any]] = {}
    expects: ClassVar[str] = "answer"

    def inject(self) -> None:
        self.id = self.world.fail("openai", self.mode, match=self.match(), **self.rule)

    def match(self) -> dict[str, str]:
        """The calls of this fault's own model: with the quotes, since one name may begin another one (F53, F53B)."""
        return {"contains": f'"{self.own.model}"'}

    def during(self) -> None:
        self.all_say(self.expects)

    def bit(self) -> str:
        return f"{used} calls struck" if (used := self.world.rule_used(self.id)) else ""

    def heal(self) -> None:
        self.world.sim.post("unfail", id=self.id)

    def outcomes(self) -> list[str]:
        """How the turns of this business ended."""
        rows = self.world.database.rows(
            "SELECT t.outcome FROM assistant_turn t JOIN tenants_tenant n ON n.id = t.tenant_id WHERE n.slug = ?",
            self.own.tenant,
        )
        return [outcome for (outcome,) in rows]

    def texts(self) -> list[str]:
        """What this channel's customers were told."""
        return [send.text for send in self.world.outside.sends if send.channel == self.own.external_id]


class FallbackFault(ModelFault):
    """Trouble that ends in the fixed sentence."""

    patience = 45.0
    expects = "any"

    def bit(self) -> str:
        said = [text for text in self.texts() if text.startswith("Sorry")]
        return f"{len(said)} fixed sentences" if len(said) >= self.people else ""

    def after(self) -> None:
        """The model's breaker may still be open: the fixed sentence is as good."""
        self.all_say("any")
        self.world.until(lambda: len(self.texts()) >= 2 * self.people, seconds=30, what="an answer of any kind")

    def check(self) -> None:
        used = self.world.rule_used(self.id)
        if used > 3 * self.people:
            raise Broken(f"{used} calls for {self.people} turns: more than three each")


class ModelHangs(FallbackFault):
    name = "F48"
    title = "the model hangs"
    embedded = True
    rule = {"seconds": 15.0, "times": -1}
    people = 2


class ModelStorm(FallbackFault):
    name = "F49"
    title = "the model answers 429 and 503 without end"
    embedded = True
    mode = "status"
    rule = {"status": 503, "times": -1}


class ModelGarbage(ModelFault):
    name = "F50"
    title = "the model talks garbage, then sense"
    quick = True
    embedded = True
    mode = "garbage"
    rule = {"times": 1}

    def check(self) -> None:
        if wrong := [text for text in self.texts() if "doctype" in text or "{" in text]:
            raise Broken(f"garbage was sent: {wrong[0][:80]}")


class NewMessageMeanwhile(ModelFault):
    name = "F52"
    title = "the customer writes again while the model thinks"
    quick = True
    embedded = True
    rule = {"seconds": 1.0, "times": -1}

    def during(self) -> None:
        self.all_say()
        self.world.until(lambda: self.world.rule_used(self.id) >= 1, what="a call of the model")
        self.all_say()


class TakenOver(ModelFault):
    """Somebody takes the conversation over while the model thinks."""

    people = 2
    rule = {"seconds": 3.7, "times": -1}  # as long as LLM_TIMEOUT allows on a busy machine
    patience = 1.0  # it is known by then

    def during(self) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            # A machine so busy that the calls were too late has opened the model's breaker: then nobody would think.
            self.world.database.write("DELETE FROM common_circuitbreaker WHERE name LIKE ?", f"%{self.own.model}")
            used = self.world.rule_used(self.id)
            # Whether the answer was begun before the take-over is committed is for the rows to tell, not for us.
            self.all_say("any")
            self.world.until(lambda: self.world.rule_used(self.id) >= used + self.people, what="the model is thinking")  # noqa: B023 - called in this round
            for line, person in self.chats:
                self.take_over(line.external_id, person)
            self.world.until(lambda: self.paused() == attempt * self.people, what="the take-over is committed")  # noqa: B023 - called in this round
            self.committed = time.time()
            self.world.until(lambda: self.active() == 0, what="the end of the turns")
            if self._has_bitten() or attempt == ATTEMPTS:
                return
            self.chats = [(self.own, self.world.load.somebody()) for _ in self.chats]

    def _has_bitten(self) -> bool:
        """A turn may be over before the model's answer to it is noted: that is waited for."""
        latest = self.committed + float(self.rule["seconds"]) * self.world.slowness + self.world.slack
        while not self.bit() and time.time() < latest:
            time.sleep(0.2)
        return bool(self.bit())

    def active(self) -> int:
        """Turns of this business that are not over."""
        sql = (
            "SELECT COUNT(*) FROM assistant_turn t JOIN tenants_tenant n ON n.id = t.tenant_id"
            " WHERE n.slug = ? AND t.state IN ('queued', 'working', 'uncertain')"
        )
        return int(self.world.database.value(sql, self.own.tenant))

    def take_over(self, channel: str, person: str) -> None:
        """How it is done."""
        raise NotImplementedError

    def paused(self) -> int:
        """Conversations of this business that a person has."""
        return int(
            self.world.database.value(
                "SELECT COUNT(*) FROM messaging_conversation c JOIN tenants_tenant n ON n.id = c.tenant_id"
                " WHERE n.slug = ? AND c.paused_at IS NOT NULL",
                self.own.tenant,
            )
        )

    def bit(self) -> str:
        thought = [
            call for call in self.world.outside.calls
            if call["kind"] == "chat" and call["reference"] == self.own.model and call["at"] > self.committed
        ]  # fmt: skip
        return f"{len(thought)} answers came after the take-over was committed" if thought else ""

    def after(self) -> None:
        self.all_say("none")


class OwnerMeanwhile(TakenOver):
    name = "F53"
    title = "the owner writes from their own phone while the model thinks"
    quick = True
    embedded = True

    def take_over(self, channel: str, person: str) -> None:
        self.world.sim.owner(channel, "I will see to it myself.", person=person)


class OwnerMeanwhileEvolution(OwnerMeanwhile):
    name = "F53B"
    title = "the same on Evolution"
    line = "evolution"
    quick = False


class OptOutMeanwhile(TakenOver):
    name = "F65"
    title = "the customer says STOP while the model thinks"

    def take_over(self, channel: str, person: str) -> None:
        self.world.sim.say(channel, "STOP", person=person)

    def paused(self) -> int:
        return int(
            self.world.database.value(
                "SELECT COUNT(*) FROM messaging_contact c JOIN tenants_tenant n ON n.id = c.tenant_id"
                " WHERE n.slug = ? AND c.opted_out_at IS NOT NULL",
                self.own.tenant,
            )
        )


class KillSwitch(ModelFault):
    name = "F66"
    title = "the kill switch of a business, while the model thinks; then released"
    embedded = True
    rule = {"seconds": 2.0, "times": 2}
    people = 2

    def _turn(self, on: bool) -> None:
        sql = f"UPDATE tenants_tenant SET outbound_enabled = {'true' if on else 'false'} WHERE slug = ?"
        self.world.database.write(sql, self.own.tenant)

    def during(self) -> None:
        self.all_say()
        self.world.until(lambda: self.world.rule_used(self.id) >= 1, what="the model is thinking")
        self._turn(on=False)
        self.off_at = time.time()

    def bit(self) -> str:
        held = self.world.database.value(
            "SELECT COUNT(*) FROM messaging_message m JOIN tenants_tenant n ON n.id = m.tenant_id"
            " WHERE n.slug = ? AND m.state = 'held' AND m.held_by = 'switch'",
            self.own.tenant,
        )
        return f"{held} held by the switch" if held else ""

    def heal(self) -> None:
        super().heal()
        self.world.switched.append((self.own.external_id, self.off_at, time.time()))
        self._turn(on=True)
        self.world.made.manage("release_held", "--tenant", self.own.tenant, SABOTAGE="")


class KilledAfterTheModel(ModelFault):
    name = "F51"
    title = "workers kill -9 after the model has answered and before it was said"
    alone = True
    people = 1
    rule = {"times": 0}

    def during(self) -> None:
        self.all_say()
        self.world.until(lambda: not self.waits(), what="a conversation")
        first = self.said[0].id
        conversation = self.world.database.value(
            "SELECT conversation_id FROM messaging_message WHERE external_id = ?", first
        )
        drafts = (
            "SELECT COUNT(*) FROM assistant_turn WHERE conversation_id = ? AND draft IS NOT NULL AND state = 'working'"
        )
        slow = self.world.fail("openai", "slow", match=self.match(), seconds=1.5)
        self.all_say()
        self.world.until(lambda: self.world.rule_used(slow) == 1, what="the model is thinking")
        with self.world.database.session() as link:
            # The lock keeps the draft from being said, for as long as it takes to kill.
            link.execute("SELECT id FROM messaging_conversation WHERE id = %s FOR UPDATE", (conversation,))
            self.world.until(lambda: self.world.database.value(drafts, conversation), what="a draft that is not said")
            for worker in self.world.fleet.of("worker"):
                worker.kill()
                self.world.kills += 1

    def bit(self) -> str:
        return "a draft was left behind"

    def heal(self) -> None:
        super().heal()
        self.world.fleet.start_missing()
