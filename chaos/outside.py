"""What the outside world has seen: the simulator's record, read as it grows."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

import httpx2

from tests.simulator.process import Sim

NUMBER = re.compile(r"#(\d+)")


@dataclass(frozen=True, kw_only=True)
class Send:
    """A message that a provider accepted."""

    seq: int
    at: float
    service: str
    channel: str
    to: str
    text: str
    id: str
    reference: str

    @property
    def numbers(self) -> list[int]:
        """The numbers that it repeats."""
        return [int(found) for found in NUMBER.findall(self.text)]


@dataclass(frozen=True, kw_only=True)
class Told:
    """A webhook that the product was posted, and its answer."""

    seq: int
    at: float
    service: str
    kind: str
    to: str
    text: str
    id: str
    status: int
    raw: Any
    seconds: float


class Outside:
    """A thread that reads the record; everything is kept for the end."""

    def __init__(self, sim: Sim) -> None:
        self.sends: list[Send] = []
        self.told: list[Told] = []
        self.calls: list[dict[str, Any]] = []  # every request of the product, accepted or not, without its body
        self.answers: dict[int, list[Send]] = defaultdict(list)  # by number
        self.acked: dict[str, float] = {}  # message id -> when it was first answered 200
        self._sim = Sim(sim.url, sim.config_path)
        self._since = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="outside", daemon=True)

    def start(self) -> Outside:
        """Begin to read; returns itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Read what is left and stop."""
        self._stop.set()
        self._thread.join(30)
        self.look()

    def look(self) -> None:
        """Read what is new."""
        for record in self._sim.record(since=self._since):
            self._since = max(self._since, record["seq"])
            self._take(record)

    def _follow(self) -> None:
        while not self._stop.wait(0.1):
            with suppress(httpx2.TransportError):  # the machine is busy: the next look sees it
                self.look()

    def _take(self, record: dict[str, Any]) -> None:
        if record["direction"] == "out":
            told = Told(**{each.name: record[each.name] for each in fields(Told)})
            self.told.append(told)
            if record["accepted"] and told.id:
                self.acked.setdefault(told.id, told.at)
            return
        self.calls.append({name: value for name, value in record.items() if name != "raw"})
        if record["accepted"] and record["channel"]:  # look-ups and the like are recorded without one
            send = Send(**{each.name: record[each.name] for each in fields(Send)})
            self.sends.append(send)
            for number in dict.fromkeys(send.numbers):
                self.answers[number].append(send)

    def sends_to(self, person: str) -> list[Send]:
        """The messages that a person got."""
        return [send for send in self.sends if send.to == person]
