"""What a fault is: how it is put in, how it is known to have bitten, and how it ends."""

from __future__ import annotations

import time
from typing import Any, ClassVar

from chaos.installation import Line
from chaos.load import Said
from chaos.outside import Told
from chaos.world import World

FAULTS: dict[str, type[Fault]] = {}


class NotBitten(Exception):
    """The fault was put in and nothing felt it: the run proves nothing about it."""


class Broken(Exception):
    """A promise that only this fault can see broken."""


class Fault:
    """One kind of trouble. `inject`, then the customers write, `bit` is waited for, `heal`, they write again."""

    name: ClassVar[str]  # F16 as in the list of faults; a letter tells variants apart
    title: ClassVar[str]
    line: ClassVar[str] = ""  # a wire: the fault has a business, a model and a channel for itself
    pace: ClassVar[float] = 50.0
    alone: ClassVar[bool] = True  # False: it hurts only its own channel, so that several run at once
    quick: ClassVar[bool] = False  # part of the short selection
    embedded: ClassVar[bool] = False  # can be played on SQLite without Redis
    only_embedded: ClassVar[bool] = False
    two_workers: ClassVar[bool] = False  # needs worker1 and worker2
    times: ClassVar[int] = 1  # how often it is done
    people: ClassVar[int] = 3  # who write during it
    seconds: float = 2.0  # how long it stands at least, once it has bitten
    patience: ClassVar[float] = 10.0  # how long it may take to bite, on a quiet machine
    bound: ClassVar[float] = 40.0  # seconds after `heal` until everybody is answered (RELIABILITY section 1)
    allows: ClassVar[tuple[str, ...]] = ()  # exceptions that may be logged because of it

    def __init_subclass__(cls) -> None:
        if hasattr(cls, "name"):
            FAULTS[cls.name] = cls

    def __init__(self, world: World) -> None:
        self.world = world
        self.began = time.time()
        self.said: list[Said] = []
        self.chats: list[tuple[Line, str]] = [
            (world.line_of(self.name) if self.line else world.line(), world.load.somebody()) for _ in range(self.people)
        ]

    def __repr__(self) -> str:
        return self.name

    @property
    def own(self) -> Line:
        """The fault's own channel."""
        return self.world.line_of(self.name)

    def inject(self) -> None:
        """Put the trouble in."""
        raise NotImplementedError

    def during(self) -> None:
        """What the customers do meanwhile."""
        self.all_say()

    def bit(self) -> str:
        """What shows that it was felt; "" while nothing does."""
        raise NotImplementedError

    def heal(self) -> None:
        """End the trouble."""

    def after(self) -> None:
        """What the customers do when it is over."""
        self.all_say()

    def check(self) -> None:
        """Raise Broken when a promise was broken that only this fault can see."""

    def all_say(self, expects: str = "answer") -> None:
        """Everybody of this fault writes."""
        for line, person in self.chats:
            self.say(line, person, expects=expects)

    def say(self, line: Line, person: str, *, expects: str = "answer", **more: Any) -> Said:
        """Somebody of this fault writes."""
        said = self.world.load.say(line, person, expects=expects, by=self.name, **more)
        self.said.append(said)
        return said

    def alerted(self, key: str) -> str:
        """The alert that was opened since the fault began, for people; "" while there is none."""
        count = self.world.database.value("SELECT COUNT(*) FROM alerts_alert WHERE key = ? AND ended_at IS NULL", key)
        return f"the alert {key} was opened after {time.time() - self.began:.0f} s" if count else ""

    def waits(self) -> list[Said]:
        """What must be answered and is not yet."""
        return [said for said in self.said if said.expects == "answer" and not self.world.load.is_answered(said)]

    def told(self) -> list[Told]:
        """The webhooks that were posted since the fault began, with their answers."""
        return [told for told in self.world.outside.told if told.at >= self.began]

    def statuses(self) -> list[int]:
        """What the product has answered to webhooks since the fault began."""
        return [told.status for told in self.told()]

    def answers_within(self, seconds: float, *statuses: int) -> None:
        """Raise Broken when more than one in a hundred of these answers took longer, on a machine that is not busy."""
        took = sorted(told.seconds for told in self.told() if told.status in statuses)
        most = seconds * self.world.excuse
        if took and (slowest := took[-1 - len(took) // 100]) > most:
            raise Broken(f"webhooks were answered {statuses} after {slowest:.1f} s, promised {seconds:g} s")
