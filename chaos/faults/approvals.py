"""Decisions under trouble: races, a core service that is away or not to be proven, unclear words, lost rates."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from chaos.faults.base import Broken, Fault
from chaos.installation import APPROVAL_PACE
from chaos.outside import Send

SLACK = 2  # prompts: the simulator's clock is not the database's


class ApprovalFault(Fault):
    """Two approvers on this fault's own line; they answer every prompt by quoting it."""

    line = "evolution"
    alone = False
    embedded = True
    people = 2
    words = ("ALL yes", "ALL no")
    candidates = 6
    deadlines: tuple[float, ...] = (600.0,)
    addresses: Sequence[str] = ()  # where decisions are told, in turn; none: the core service's own

    def ask(self) -> None:
        """The core service asks; the candidates' ids are kept."""
        given = {
            "tenant": self.own.tenant, "line": self.own.external_id, "people": [person for _, person in self.chats],
            "count": self.candidates, "deadlines": [seconds * self.world.slowness for seconds in self.deadlines],
            "callbacks": list(self.addresses),
        }  # fmt: skip
        told = self.world.made.inside(f"from chaos.business import ask; ask(**{given!r})")
        self.ids: list[int] = json.loads(told.strip().splitlines()[-1])

    def inject(self) -> None:
        self.ask()

    def during(self) -> None:
        self.answer_all()

    def after(self) -> None:
        """They have answered."""

    def bit(self) -> str:
        return f"{len(self.ids)} candidates decided" if self.ids and not self.pending() else ""

    def pending(self) -> int:
        """How many still wait."""
        return self.count("status = 'pending'")

    def count(self, condition: str) -> int:
        """How many of this fault's candidates are so."""
        marks = ", ".join(map(str, self.ids))
        sql = f"SELECT COUNT(*) FROM approvals_candidate WHERE id IN ({marks}) AND {condition}"
        return int(self.world.database.value(sql))

    def prompts(self, person: str) -> list[Send]:
        """What an approver was asked."""
        asks = ("decisions wait for you", "Answer yes or no")
        return [send for send in self.world.outside.sends_to(person) if any(words in send.text for words in asks)]

    def answer_all(self) -> None:
        """Both answer each prompt once, at the same time, until nothing waits."""
        threads = [
            threading.Thread(target=self._answer, args=(person, words), daemon=True)
            for (_, person), words in zip(self.chats, self.words, strict=True)
        ]
        for thread in threads:
            thread.start()
        self.world.until(lambda: not self.pending(), seconds=60, what="all candidates have their decision")
        for thread in threads:
            thread.join(5)

    def _answer(self, person: str, words: str) -> None:
        answered: set[str] = set()
        until = time.monotonic() + 60 * self.world.slack
        while time.monotonic() < until and self.pending():
            for send in self.prompts(person):
                if send.id not in answered:
                    answered.add(send.id)
                    said = words if "decisions wait" in send.text else words.removeprefix("ALL ")
                    with suppress(OSError):
                        self.world.sim.say(self.own.external_id, said, person=person, reply_to=send.id)
            time.sleep(0.1)

    def callbacks(self) -> list[dict[str, Any]]:
        """Callbacks that the core service believed."""
        records = self.world.sim.record("core", direction="in")
        return [one for one in records if one["accepted"] and one["raw"]["data"]["candidate_id"] in self.ids]

    def check(self) -> None:
        marks = ", ".join(map(str, self.ids))
        where = f"kind = 'decided' AND candidate_id IN ({marks})"
        sql = f"SELECT candidate_id, COUNT(*) FROM approvals_trailentry WHERE {where} GROUP BY 1"
        decided = dict(self.world.database.rows(sql))
        if decided != dict.fromkeys(self.ids, 1):
            raise Broken(f"decisions per candidate: {decided}")
        self.check_told()

    def check_told(self) -> None:
        """Each decision was told under one id, and never two ways."""
        self.world.until(lambda: len({one["reference"] for one in self.callbacks()}) == len(self.ids), seconds=60,
                         what="the core service knows every decision")  # fmt: skip
        ids = Counter((one["raw"]["data"]["candidate_id"], one["reference"], one["raw"]["data"]["decision"])
                      for one in self.callbacks())  # fmt: skip
        if len(ids) != len(self.ids):
            raise Broken(f"a decision was told in two ways: {ids}")


class DecisionRace(ApprovalFault):
    name = "F69"
    title = "two approvers contradict each other while deadlines pass"
    quick = True
    deadlines = (6.0, 6.5, 7.0, 600.0, 600.0, 600.0)


class CoreAway(ApprovalFault):
    name = "F70"
    title = "the core service is down when decisions are told"

    def inject(self) -> None:
        match = {"contains": f'"tenant":"{self.own.tenant}"'}
        self.rule = self.world.fail("core", "status", status=503, match=match, times=1)
        self.ask()

    def bit(self) -> str:
        done = not self.pending() and self.world.rule_used(self.rule)
        return "a callback was refused" if done else ""


class CoreUnproven(ApprovalFault):
    name = "F68"
    title = "the core service's address speaks no TLS: nothing is told, the decisions stand"
    candidates = 2

    def inject(self) -> None:
        port = int(self.world.sim.url.rpartition(":")[2])
        self.addresses = [f"https://127.0.0.1:{port}/core/unproven"]
        self.ask()

    def bit(self) -> str:
        sql = (
            "SELECT COUNT(*) FROM tenants_webhookdelivery d JOIN tenants_webhookendpoint e ON e.id = d.endpoint_id"
            " WHERE e.url = ? AND d.attempts > 0 AND d.state = 'queued'"
        )
        tried = self.world.database.value(sql, self.addresses[0])
        return f"{tried} callbacks tried" if tried and not self.pending() else ""

    def check_told(self) -> None:
        if self.callbacks():
            raise Broken("a decision was told to an address that proved nothing")


class UnclearWords(ApprovalFault):
    name = "F71"
    title = "an unclear answer decides nothing and is asked about"
    candidates = 1
    words = ("yes", "yes")

    def during(self) -> None:
        person = self.chats[0][1]
        prompt = self.world.until(lambda: self.prompts(person), what="the prompt")[0]
        self.world.sim.say(self.own.external_id, "yes but cheaper", person=person, reply_to=prompt.id)
        sends = self.world.outside.sends_to
        self.world.until(lambda: any("I did not understand" in one.text for one in sends(person)), what="the question")
        self.open = self.pending()
        self.answer_all()

    def check(self) -> None:
        if self.open != 1:
            raise Broken("an unclear answer decided")
        super().check()


class PaceLost(ApprovalFault):
    name = "F72B"
    title = "Redis flushed and the workers killed while approvers are asked at their pace"
    alone = True
    embedded = False
    candidates = 30

    def inject(self) -> None:
        self.ask()
        self.world.until(lambda: self.prompts(self.chats[0][1]), what="a first prompt")
        import redis

        redis.Redis.from_url(self.world.made.broker.url, socket_timeout=5).flushall()
        for worker in self.world.fleet.of("worker"):
            worker.kill()
            self.world.kills += 1
        self.world.fleet.start_missing()

    def check(self) -> None:
        # A prompt in the hands of a killed worker may have gone: it waits for an operator, and is not sent again.
        open_ones = (
            "SELECT COUNT(*) FROM messaging_message m JOIN tenants_tenant n ON n.id = m.tenant_id"
            " WHERE n.slug = ? AND m.state IN ('queued', 'working', 'uncertain')"
        )
        fate = partial(self.world.database.value, open_ones, self.own.tenant)
        self.world.until(lambda: not fate(), seconds=30, what="the fate of every prompt")
        sql = (
            "SELECT m.id FROM messaging_message m JOIN tenants_tenant n ON n.id = m.tenant_id"
            " WHERE n.slug = ? AND m.purpose = 'approval' AND m.state = 'held' AND m.held_by = 'uncertain'"
        )
        held = [pk for (pk,) in self.world.database.rows(sql, self.own.tenant)]
        if len(held) > self.world.kills:
            raise Broken(f"{len(held)} prompts of unknown fate for {self.world.kills} killed workers")
        self.world.expected_dead |= {f"messaging_message:{pk}" for pk in held}
        capacity, refill = APPROVAL_PACE
        for _, person in self.chats:
            moments = [send.at for send in self.prompts(person)]
            for number, began in enumerate(moments):
                for last, ended in enumerate(moments[number:], start=1):
                    if last > capacity + refill * (ended - began) + SLACK:
                        raise Broken(f"{last} prompts in {ended - began:.1f} s")
        super().check()


class SwitchedOff(ApprovalFault):
    name = "F66B"
    title = "the kill switch of a business holds its prompts"
    candidates = 2

    def turn(self, *, on: bool) -> None:
        """Turn the switch of this fault's business."""
        self.world.made.inside(
            "from messaging.services.switches import switch_tenant; from tenants.models import Tenant;"
            f" switch_tenant(tenant=Tenant.objects.get(slug={self.own.tenant!r}), on={on}, by='chaos', reason='drill')"
        )

    def inject(self) -> None:
        self.turn(on=False)
        self.ask()

    def during(self) -> None:
        held = "purpose = 'approval' AND state = 'held' AND held_by = 'switch'"
        sql = f"SELECT COUNT(*) FROM messaging_message WHERE {held}"
        self.world.until(lambda: self.world.database.value(sql) >= 2, what="held prompts")
        self.gone = sum(len(self.prompts(person)) for _, person in self.chats)

    def bit(self) -> str:
        return "prompts held" if hasattr(self, "gone") else ""

    def heal(self) -> None:
        self.turn(on=True)

    def after(self) -> None:
        self.answer_all()

    def check(self) -> None:
        if self.gone:
            raise Broken(f"{self.gone} prompts went out while the switch was off")
        super().check()
