"""More at once than anybody should send: floods, drips, many writers."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from chaos.faults.base import Broken
from chaos.faults.customers import CustomerFault

POSTERS = 24


class Flood(CustomerFault):
    name = "F11"
    title = "a thousand webhooks as fast as they go"
    alone = True
    embedded = False
    people = 1
    bound = 120.0
    count = 1000

    def inject(self) -> None:
        # Statuses of messages that nobody knows: each body is another, and none of them costs an answer.
        bodies = [self.body(statuses=[self.status(number)]) for number in range(self.count)]
        with ThreadPoolExecutor(POSTERS) as pool:
            self.answers = [status for answers in pool.map(self.post, bodies) for status in answers]

    def status(self, number: int) -> dict[str, str]:
        """A status of a message of its own."""
        return {
            "id": f"wamid.FLOOD{time.time_ns()}{number}",
            "status": "delivered",
            "timestamp": str(int(time.time())),
            "recipient_id": self.chats[0][1].lstrip("+"),
        }

    def during(self) -> None:
        self.all_say()

    def bit(self) -> str:
        taken = self.answers.count(200)
        return f"{self.count} different bodies, {taken} x 200, {self.answers.count(429)} x 429" if taken else ""

    def check(self) -> None:
        if wrong := set(self.answers) - {0, 200, 429, 503}:
            raise Broken(f"answered {wrong}")


class DripFeeders(CustomerFault):
    name = "F12"
    title = "forty clients that send a byte now and then"
    alone = True
    seconds = 1.0

    def inject(self) -> None:
        self.links: list[socket.socket] = []
        self.stop = threading.Event()
        for program in (*self.world.fleet.of("web"), *self.world.fleet.of("up")):
            port = int(program.environment["PORT"])
            for _ in range(40):
                link = socket.create_connection(("127.0.0.1", port), timeout=5)
                link.sendall(b"POST /webhooks/meta/nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n{")
                self.links.append(link)
        threading.Thread(target=self._drip, daemon=True).start()

    def _drip(self) -> None:
        while not self.stop.wait(0.5):
            for link in self.links:
                try:
                    link.send(b" ")
                except OSError:
                    continue

    def during(self) -> None:
        self.all_say()
        self.world.until(lambda: not self.waits(), seconds=15, what="answers beside the drip-feeders")

    def bit(self) -> str:
        return f"{len(self.links)} connections dripped, the others were answered"

    def heal(self) -> None:
        self.stop.set()
        for link in self.links:
            link.close()

    def check(self) -> None:
        self.answers_within(1.0, 200)


class ManyWriters(CustomerFault):
    name = "F22"
    title = "twenty writers at once on SQLite"
    only_embedded = True
    quick = True
    people = 20

    def inject(self) -> None:
        for _ in range(3):
            self.all_say()

    def during(self) -> None:
        """They have written already."""

    def bit(self) -> str:
        taken = sum(self.world.load.is_acked(said) for said in self.said)
        return f"{taken} taken" if taken == len(self.said) else ""

    def check(self) -> None:
        if 503 in (answers := [told.status for told in self.world.outside.told if told.at >= self.began]):
            raise Broken(f"{answers.count(503)} webhooks were refused")
