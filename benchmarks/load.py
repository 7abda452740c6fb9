"""The load client: a process of its own with keep-alive sockets and one epoll loop, so that it costs the server little.

`python -m benchmarks.load PLAN` reads the requests, sends them and prints a JSON result. Closed loop: `connections`
clients, each sends the next request when its last is answered. Open loop: request number n is sent at n / `rate`
seconds, whether or not earlier ones were answered, and its latency counts from that moment.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIMEOUT_SECONDS = 30.0
MAX_CONNECTIONS = 256


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to send and how."""

    port: int
    requests: Sequence[str]  # whole HTTP requests
    connections: int = 16
    rate: float = 0.0  # requests per second; 0: closed loop
    seconds: float = 0.0  # closed loop: stop by then; 0: when all are sent


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of it; `sent` and `milliseconds` are in the order of the requests, None where there was no answer."""

    seconds: float
    statuses: dict[str, int]
    sent: list[float | None]  # by time.time()
    milliseconds: list[float | None]

    @property
    def latencies(self) -> list[float]:
        """The latencies of what was answered."""
        return [value for value in self.milliseconds if value is not None]

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds

    @property
    def failures(self) -> int:
        """Requests with another answer than 200."""
        return sum(count for status, count in self.statuses.items() if status != "200")


def request(*, path: str, body: bytes = b"", headers: dict[str, str] | None = None, method: str = "POST") -> str:
    """One HTTP request as text."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body.decode()])


def run(plan: Plan) -> Result:
    """Send a plan from a process of its own."""
    given = json.dumps(vars(plan))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        cwd=Path(__file__).resolve().parents[1],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the load client failed: {done.stderr[-600:]}")
    return Result(**json.loads(done.stdout))


@dataclass
class _Link:
    """One keep-alive connection."""

    sock: socket.socket
    number: int = -1  # the request under way; -1: idle
    due: float = 0.0
    buffer: bytearray = field(default_factory=bytearray)


class _Client:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.packed = [text.encode() for text in plan.requests]
        self.selector = selectors.DefaultSelector()
        self.idle: list[_Link] = []
        self.links = 0
        self.next = 0
        self.open = 0
        self.statuses: Counter[str] = Counter()
        self.sent: list[float | None] = [None] * len(self.packed)
        self.milliseconds: list[float | None] = [None] * len(self.packed)

    def go(self) -> dict[str, Any]:
        """Send everything; the result as plain data."""
        for _ in range(self.plan.connections):
            self.idle.append(self._connect())
        self.began = time.perf_counter()
        last = self.began
        while True:
            now = time.perf_counter()
            self._send_due(now)
            if not self.open and self._is_over(now):
                break
            for key, _ in self.selector.select(self._patience(now)):
                self._read(key.data)
                last = time.perf_counter()
            if self.open and time.perf_counter() - last > TIMEOUT_SECONDS:
                self.statuses["timeout"] += self.open
                break
        return {
            "seconds": last - self.began,
            "statuses": dict(self.statuses),
            "sent": self.sent,
            "milliseconds": self.milliseconds,
        }

    def _is_over(self, now: float) -> bool:
        late = bool(self.plan.seconds) and now - self.began >= self.plan.seconds
        return late or self.next >= len(self.packed)

    def _due_at(self) -> float:
        return self.began + self.next / self.plan.rate

    def _patience(self, now: float) -> float:
        if not self.plan.rate or self.next >= len(self.packed):
            return 1.0
        return max(0.0, min(1.0, self._due_at() - now))

    def _send_due(self, now: float) -> None:
        while not self._is_over(now):
            if self.plan.rate and self._due_at() > now:
                return
            if not self.idle:
                if not self.plan.rate or self.links >= MAX_CONNECTIONS:
                    return
                self.idle.append(self._connect())
            self._send(self.idle.pop(), now)

    def _send(self, link: _Link, now: float) -> None:
        link.number, link.due = self.next, self._due_at() if self.plan.rate else now
        self.sent[self.next] = time.time()
        self.next += 1
        self.open += 1
        try:
            link.sock.sendall(self.packed[link.number])
        except OSError:  # the server closed an idle connection: once more on a new one
            self._drop(link)
            fresh = self._connect()
            fresh.number, fresh.due = link.number, link.due
            fresh.sock.sendall(self.packed[link.number])

    def _connect(self) -> _Link:
        sock = socket.create_connection(("127.0.0.1", self.plan.port), timeout=TIMEOUT_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = _Link(sock)
        self.selector.register(sock, selectors.EVENT_READ, link)
        self.links += 1
        return link

    def _drop(self, link: _Link) -> None:
        self.selector.unregister(link.sock)
        link.sock.close()
        self.links -= 1
        if link in self.idle:
            self.idle.remove(link)

    def _read(self, link: _Link) -> None:
        try:
            data = link.sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            self._closed(link)
            return
        link.buffer += data
        status = _status_of(link.buffer)
        if status and link.number >= 0:
            self._done(link, status)

    def _closed(self, link: _Link) -> None:
        was_idle = link.number < 0
        self._drop(link)
        if not was_idle:
            self.statuses["closed"] += 1
            self.open -= 1
        if not self.plan.rate:
            self.idle.append(self._connect())

    def _done(self, link: _Link, status: str) -> None:
        self.statuses[status] += 1
        self.milliseconds[link.number] = round((time.perf_counter() - link.due) * 1000, 3)
        self.open -= 1
        link.number = -1
        link.buffer.clear()
        self.idle.append(link)


def _status_of(buffer: bytearray) -> str:
    """The status of a whole answer; "" while some of it is missing."""
    head, found, body = buffer.partition(b"\r\n\r\n")
    if not found:
        return ""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head[9:12].decode() if len(body) >= int(value) else ""
    return head[9:12].decode() if body.endswith(b"0\r\n\r\n") else ""


if __name__ == "__main__":
    json.dump(_Client(Plan(**json.load(sys.stdin))).go(), sys.stdout)
