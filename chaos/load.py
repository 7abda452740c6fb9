"""Numbered messages of customers, posted by the simulator as their providers post them, and seeded."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from chaos.installation import Line
from chaos.outside import Outside
from tests.simulator.process import Sim

CANARY = "Canary Wharfinger"  # the name of every customer, which no log may hold
POSTERS = 24
BACKLOG = 20  # unanswered at once
PEOPLE = 30  # who write in the background
THINGS = (
    "a table by the window", "two tickets for the late show", "warm bread", "an early taxi", "flowers in blue",
    "the small meeting room", "a quiet corner", "one more blanket", "my parcel at the gate", "coffee without sugar",
    "the red bicycle", "somebody who speaks Welsh", "a vegetarian menu", "the key of room nine", "fresh towels",
)  # fmt: skip
WHYS = (
    "because my sister arrives", "since the old one broke", "if the weather holds", "as we said on the phone",
    "before the children are back", "unless that is too much trouble", "for my mother's birthday",
    "while the lift is under repair", "so that nobody has to wait outside", "in exchange for the voucher",
    "when the train is late again",
)  # fmt: skip
PROVIDERS_TIMES = 40  # on a quiet machine, where no fault lasts longer
PROVIDERS_PATIENCE = {"delay_seconds": 0.4, "cap_seconds": 2.0}
PROVIDERS_TIMEOUT_SECONDS = 5.0


@dataclass(eq=False)
class Said:
    """One numbered message; `expects` is answer, none, or any (another end is as good: a fixed sentence, a reason)."""

    number: int
    line: Line
    person: str
    id: str
    text: str
    expects: str = "answer"
    by: str = "load"  # the fault it belongs to
    at: float = field(default_factory=time.time)


class Load:
    """Says things, at once for a fault, and all the time in the background."""

    def __init__(self, sim: Sim, outside: Outside, lines: Sequence[Line], seed: int, slowness: float = 1.0) -> None:
        self.said: dict[int, Said] = {}
        self.outside = outside
        self._sim = Sim(sim.url, sim.config_path)
        self.lines = lines
        self._random = random.Random(f"load-{seed}")
        self._numbers = itertools.count(1)
        self._people = itertools.count(2_000_001)
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(POSTERS, thread_name_prefix="load")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="background", daemon=True)
        times, timeout = round(PROVIDERS_TIMES * slowness), PROVIDERS_TIMEOUT_SECONDS * slowness
        sim.post("repeats", times=times, timeout_seconds=timeout, **PROVIDERS_PATIENCE)

    def start(self, per_second: float) -> None:
        """Begin to write in the background."""
        self._rate = per_second
        self._chats = [(self._random.choice(self.lines), self.somebody()) for _ in range(PEOPLE)]
        self._thread.start()

    def stop(self) -> None:
        """Say nothing more; what was said is still posted."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def close(self) -> None:
        """Wait until everything was posted at least once."""
        self._pool.shutdown(wait=True)

    def somebody(self) -> str:
        """A phone number that nobody has yet."""
        with self._lock:
            number = next(self._people)
            while str(number).endswith("0199"):  # the simulator says that these have no WhatsApp
                number = next(self._people)
        return f"+1555{number}"

    def say(
        self, line: Line, person: str, *, expects: str = "answer", by: str = "load", text: str = "", **more: Any
    ) -> Said:
        """Post a message without waiting for the answer; `copies` posts it again that often."""
        said = self.note(line, person, expects=expects, by=by, text=text)
        for _ in range(1 + int(more.pop("copies", 0))):
            self._pool.submit(self._post, said, more)
        return said

    def note(self, line: Line, person: str, *, expects: str = "answer", by: str = "load", text: str = "") -> Said:
        """Number a message without posting it."""
        with self._lock:
            number = next(self._numbers)
            # Nobody wishes the same thing twice: people who repeat themselves are taken for machines.
            words = (
                text or f"Please note my wish #{number}: {_pick(THINGS, number)} {_pick(WHYS, number // len(THINGS))}."
            )
            said = Said(
                number, line, person, _id(line.provider, number), words.replace("#n", f"#{number}"), expects, by
            )
            self.said[number] = said
        return said

    def is_answered(self, said: Said) -> bool:
        """Whether a provider accepted a message to this person that repeats the number."""
        return any(send.to == said.person for send in self.outside.answers.get(said.number, ()))

    def is_acked(self, said: Said) -> bool:
        """Whether the product has answered 200 to it."""
        return said.id in self.outside.acked

    def _post(self, said: Said, more: dict[str, Any]) -> None:
        self._sim.say(said.line.external_id, said.text, person=said.person, id=said.id, name=CANARY, **more)

    def _go_on(self) -> None:
        """Somebody writes; now and then twice in a row, with a copy, or with a clock that runs back."""
        while not self._stop.wait(self._random.expovariate(self._rate)):
            if self._is_behind():
                continue
            line, person = self._random.choice(self._chats)
            self.say(line, person, copies=int(self._random.random() < 0.15))
            if self._random.random() < 0.15:
                self.say(line, person, at=int(time.time()) - 30)

    def _is_behind(self) -> bool:
        """Whether the product has enough to do: a busy machine is not to be buried in the background."""
        recent = [said for said in list(self.said.values())[-300:] if said.by == "load"]
        return sum(not self.is_answered(said) for said in recent) >= BACKLOG


def _pick(words: Sequence[str], number: int) -> str:
    return words[number % len(words)]


def _id(provider: str, number: int) -> str:
    return {
        "meta": f"wamid.HBgLMTU1NTAxMDAxMTEVAgASGBQz{number:016d}=",
        "evolution": f"3A{number:018d}",
        "twilio": f"SM{number:032d}",
    }[provider]
