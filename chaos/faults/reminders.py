"""Reminders that fall due while everything is down, edited, crowded, or in the hands of a worker that dies."""

from __future__ import annotations

import itertools
import time
from collections import Counter

from chaos.faults.base import Broken, Fault
from chaos.load import Said
from chaos.world import World

PER_MINUTE = 5000
CHAT_SLACK = 1.0  # seconds: what a machine that does something else adds to the slowest of a few

_phones = itertools.count(15580000000, 1_000_000)


class ReminderFault(Fault):
    """A business of its own whose people have reminders."""

    line = "meta"
    pace = 80.0
    people = 1
    count = 40
    bound = 60.0

    def remind(self, *, seconds: float, within: float = 1.0, is_planned: bool = True) -> None:
        """Make the reminders of this fault; what is not planned waits for the clock to plan it."""
        self.first = next(_phones)
        given = f"{self.own.external_id!r}, {self.first}, {self.count}, {seconds}, {within}, is_planned={is_planned}"
        self.world.made.inside(f"from chaos.reminding import remind; remind({given})")

    def reminded(self) -> Counter[str]:
        """How often each person was told, by the outside record."""
        own = range(self.first, self.first + self.count)
        sends = [send for send in self.world.outside.sends if send.channel == self.own.external_id]
        return Counter(person for send in sends if int(person := send.to.lstrip("+")) in own and "⏰" in send.text)

    def all_told(self) -> bool:
        """Whether everybody was told."""
        return len(self.reminded()) == self.count

    def ended(self) -> int:
        """How many times have come to an end."""
        sql = (
            "SELECT COUNT(*) FROM reminders_occurrence o JOIN tenants_tenant t ON t.id = o.tenant_id"
            " WHERE t.slug = ? AND o.outcome IN ('sent', 'sent_late')"
        )
        return int(self.world.database.value(sql, self.own.tenant) or 0)

    def check(self) -> None:
        self.world.until(self.all_told, seconds=self.bound, what=f"all {self.count} reminded")
        twice = [person for person, times in self.reminded().items() if times > 1]
        # A process that dies with the provider's answer in hand may cost one copy, as for any message.
        if len(twice) > self.may_repeat:
            raise Broken(f"{len(twice)} people were reminded twice")
        if (ended := self.ended()) != self.count:
            raise Broken(f"{ended} of {self.count} times ended as sent")

    may_repeat = 0


class DueWhileDown(ReminderFault):
    name = "F73"
    title = "reminders fall due while no worker runs"
    seconds = 1.0

    def inject(self) -> None:
        for worker in self.world.fleet.of("worker"):
            worker.terminate(30)
        self.remind(seconds=1)
        time.sleep(3)

    def bit(self) -> str:
        return f"{self.count} fell due and nobody was told" if not self.reminded() else ""

    def heal(self) -> None:
        self.world.fleet.start_missing()


class EditedWhileFiring(ReminderFault):
    name = "F74"
    title = "reminders are edited while they fall due"
    seconds = 1.0

    def inject(self) -> None:
        self.remind(seconds=6 * self.world.slowness, within=8 * self.world.slowness)
        self.world.until(self.reminded, seconds=30, what="the first one told")
        self.world.made.inside(f"from chaos.reminding import edit; edit({self.own.external_id!r})")

    def bit(self) -> str:
        sql = "SELECT COUNT(*) FROM reminders_reminder WHERE text LIKE ?"
        return f"{edited} edited" if (edited := self.world.database.value(sql, "new %")) else ""


class ManyInAMinute(ReminderFault):
    name = "F75"
    title = "reminders fall due at 5,000 a minute, and people chat"
    pace = 400.0  # so that the workers are the limit, and not the channel
    many = 1200
    bound = 120.0

    def __init__(self, world: World) -> None:
        super().__init__(world)
        # What a quiet machine sends in a minute another one sends in the minutes that it takes to count as far.
        self.count = round(self.many / world.slowness)

    def inject(self) -> None:
        self.calm = self._chat(12)
        self.remind(seconds=1, within=self.many * 60 / PER_MINUTE)
        self.world.until(lambda: self.ended() > 20, seconds=30, what="reminders under way")

    def during(self) -> None:
        self.crowded = self._chat(26)

    def bit(self) -> str:
        return f"{self.ended()} said meanwhile" if self.ended() else ""

    def check(self) -> None:
        super().check()
        calm, crowded = (self._took(said) for said in (self.calm, self.crowded))
        if crowded > 2 * calm + CHAT_SLACK * self.world.excuse:
            raise Broken(f"chat took {crowded:.1f} s (p95) beside {calm:.1f} s when it was calm")

    def _chat(self, times: int) -> list[Said]:
        """People of other businesses write two a second, whether or not the one before was answered."""
        chat = []
        for _ in range(times):
            chat.append(self.say(self.world.line("meta"), self.world.load.somebody()))
            time.sleep(0.5)
        self.world.until(lambda: not any(said in self.waits() for said in chat), seconds=30, what="answers")
        return chat

    def _took(self, chat: list[Said]) -> float:
        """Seconds from the message to its answer at the provider, p95."""
        answers = self.world.load.outside.answers
        took = sorted(answers[said.number][0].at - said.at for said in chat)
        return took[int(len(took) * 0.95)]


class KilledHalfway(ReminderFault):
    name = "F76"
    title = "workers kill -9 halfway through the reminders"
    count = 150
    may_repeat = 2

    def inject(self) -> None:
        self.remind(seconds=1)
        self.world.until(lambda: self.ended() > 30, seconds=40, what="some reminders said")
        self.had = self.ended()
        for worker in self.world.fleet.of("worker"):
            worker.kill()
            self.world.kills += 1

    def bit(self) -> str:
        return f"{self.had} of {self.count} said when they died" if self.had < self.count else ""

    def heal(self) -> None:
        self.world.fleet.start_missing()
