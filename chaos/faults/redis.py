"""The broker is emptied, killed, frozen, cut, full, and stuffed with rings for nothing."""

from __future__ import annotations

import contextlib
import json
import signal
from typing import ClassVar

import redis
from celery import Celery

from chaos.faults.base import Broken, Fault
from chaos.installation import until

RINGING_SECONDS = 30


class BrokerFault(Fault):
    """Trouble with Redis; nothing that matters waits for it."""

    bound = 15.0
    allows: ClassVar[tuple[str, ...]] = (
        # kombu 5.7 about a task that ends when the connection it came by is gone: it cannot be acknowledged any more.
        "'NoneType' object has no attribute 'hostname'",
        "ConnectionError",
        "TimeoutError",
        "OperationalError",
        "BrokenPipeError",
        "ConnectionResetError",
    )

    def ring_the_frozen(self) -> int:
        """Customers write until rings wait in Redis; the workers must be frozen. Returns how many wait."""
        # The first rings go to the calls of the frozen, and after an outage none are sent for some seconds.
        for _ in range(RINGING_SECONDS):
            self.all_say()
            with contextlib.suppress(TimeoutError):
                return int(until(lambda: self.client.llen("inbound"), seconds=1.0, what="rings"))
        raise TimeoutError(f"no ring in Redis within {RINGING_SECONDS} s")

    @property
    def client(self) -> redis.Redis:
        """Redis itself, past the proxy."""
        return redis.Redis.from_url(self.world.made.broker.url, socket_timeout=5)


class Flushed(BrokerFault):
    name = "F27"
    title = "Redis flushed with rings in it"
    quick = True
    seconds = 0.5

    def inject(self) -> None:
        for worker in self.world.fleet.of("worker"):
            worker.signal(signal.SIGSTOP)
        try:
            self.lost = self.ring_the_frozen()
            self.client.flushall()
        finally:
            for worker in self.world.fleet.of("worker"):
                worker.signal(signal.SIGCONT)

    def during(self) -> None:
        """They have written already."""

    def bit(self) -> str:
        return f"{self.lost} rings lost" if self.lost else ""


class Killed(BrokerFault):
    name = "F28"
    title = "Redis kill -9, then back empty"
    quick = True

    def inject(self) -> None:
        self.felt = self.world.made.proxies["broker"].most_links
        self.world.made.broker.kill()

    def bit(self) -> str:
        return f"up to {self.felt} connections gone" if self.felt else ""

    def heal(self) -> None:
        self.world.made.broker.start_again()


class Absent(Killed):
    name = "F29"
    title = "Redis away for long: answers go on without it"
    quick = False
    seconds = 2.0

    def during(self) -> None:
        self.all_say()
        self.world.until(lambda: not self.waits(), seconds=15, what="answers without Redis")


class Frozen(BrokerFault):
    name = "F30"
    title = "Redis hangs (SIGSTOP)"
    bound = 20.0

    def inject(self) -> None:
        self.world.made.broker.freeze()

    def during(self) -> None:
        self.all_say()
        self.world.until(lambda: not self.waits(), seconds=20, what="answers while Redis hangs")

    def bit(self) -> str:
        return "answered while it hung"

    def check(self) -> None:
        self.answers_within(1.0, 200)

    def heal(self) -> None:
        self.world.made.broker.freeze(signal.SIGCONT)


class HalfOpen(BrokerFault):
    name = "F30B"
    title = "half-open connections to Redis: both ends believe in them"
    bound = 20.0

    def inject(self) -> None:
        proxy = self.world.made.proxies["broker"]
        before = proxy.felt
        proxy.half_open()
        self.dead = proxy.felt - before

    def bit(self) -> str:
        return f"{self.dead} dead connections" if self.dead else ""


class BlackHole(BrokerFault):
    name = "F30C"
    title = "the network to Redis swallows everything"
    bound = 20.0
    seconds = 3.0

    def inject(self) -> None:
        self.before = self.world.made.proxies["broker"].felt
        self.world.made.proxies["broker"].hang()

    def bit(self) -> str:
        held = self.world.made.proxies["broker"].felt - self.before
        return f"{held} pieces held" if held else ""

    def check(self) -> None:
        self.answers_within(1.0, 200)

    def heal(self) -> None:
        self.world.made.proxies["broker"].hang(on=False)


class OutOfMemory(BrokerFault):
    name = "F31"
    title = "Redis out of memory"
    quick = True
    allows = (*BrokerFault.allows, "OutOfMemoryError", "ResponseError", "RestartFreqExceeded")

    def inject(self) -> None:
        self.ended = self.world.ended.total()
        # Rings wait in it, so that the workers take them, and then cannot write down that they did.
        for worker in self.world.fleet.of("worker"):
            worker.signal(signal.SIGSTOP)
        try:
            self.ring_the_frozen()
            self.client.config_set("maxmemory", 1)
        finally:
            for worker in self.world.fleet.of("worker"):
                worker.signal(signal.SIGCONT)

    def bit(self) -> str:
        try:
            self.client.set("chaos", "1")
        except redis.exceptions.ResponseError:
            return "writes are refused"
        return ""

    def heal(self) -> None:
        self.client.config_set("maxmemory", 0)

    def check(self) -> None:
        if ended := self.world.ended.total() - self.ended:
            raise Broken(f"{ended} processes ended because Redis was full")


class StaleHints(BrokerFault):
    name = "F36"
    title = "50,000 rings for rows that are done or never were"
    bound = 10.0
    count = 50_000

    def inject(self) -> None:
        done = int(self.world.database.value("SELECT MAX(id) FROM messaging_message") or 1)
        sample = Celery(broker=self.world.made.broker.url)
        sample.send_task("messaging.handle", args=(done,), queue="chaos-sample")
        raw = self.client.lpop("chaos-sample")
        assert isinstance(raw, bytes)
        message = json.loads(raw)
        message["properties"]["delivery_info"]["routing_key"] = "inbound"
        text = json.dumps(message)
        # Taking them costs time of the processor that the faults after this one lack: a slow machine gets fewer.
        self.pushed = round(self.count / self.world.slowness / 1000)
        for _ in range(self.pushed):
            self.client.lpush("inbound", *([text] * 1000))

    def bit(self) -> str:
        left = int(self.client.llen("inbound"))
        return f"{left} rings before the fresh ones" if left > self.pushed * 100 else ""


class RungTwice(BrokerFault):
    name = "F34"
    title = "every task delivered twice and more, also while it runs"
    seconds = 1.0

    def inject(self) -> None:
        self.rule = self.world.fail("openai", "slow", seconds=1.0, times=-1)
        self.all_say()
        self.world.until(lambda: self.world.working() >= 1, what="turns in hand")
        celery = Celery(broker=self.world.made.broker.url)
        rings = [
            (task, queue, row)
            for table, task, queue in (
                ("assistant_turn", "assistant.turn", "assistant"),
                ("messaging_message", "messaging.deliver", "outbound"),
                ("messaging_message", "messaging.handle", "inbound"),
                ("messaging_webhookevent", "messaging.process_webhook", "inbound"),
            )
            for (row,) in self.world.database.rows(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 15")
        ]
        for task, queue, row in rings * 2:
            celery.send_task(task, args=(row,), queue=queue, ignore_result=True)
        self.rung = 2 * len(rings)
        self.world.sim.post("unfail", id=self.rule)

    def during(self) -> None:
        """They have written already."""

    def bit(self) -> str:
        return f"{self.rung} rings too many"
