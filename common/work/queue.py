"""The doorbell: after commit, tell a worker that a row waits. Losing a ring costs half a second, never a row.

A process that runs a relay works what it rings for itself, while it has a thread free for it. What is more than that
goes to the broker, published by a daemon thread, so that a hung Redis never holds up a request.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from celery import current_app, shared_task
from django.conf import settings
from django.db import transaction

from common.celery.publish import can_push, push

logger = logging.getLogger("frontdesk.queue")

Task = Callable[[int], Any]
QUEUES = ("inbound", "assistant", "outbound", "bulk", "clock")
BREAKER_SECONDS = 5.0
GATHER_SECONDS = 0.002
MAX_GATHERED = 200
_tasks: dict[str, tuple[Task, str]] = {}


def task(name: str, *, queue: str) -> Callable[[Task], Task]:
    """Register a function of one row id as the task `name` on `queue`, for Celery and for the relay alike."""
    if queue not in QUEUES:
        raise ValueError(f"unknown queue {queue}")

    def register(function: Task) -> Task:
        _tasks[name] = (function, queue)
        shared_task(name=name, acks_late=True, ignore_result=True)(function)
        return function

    return register


def run(name: str, pk: int) -> None:
    """Work one row here and now."""
    _tasks[name][0](pk)


def queue_of(name: str) -> str:
    """The queue that a task belongs to."""
    return _tasks[name][1]


def enqueue(name: str, pk: int) -> None:
    """Ring for one row once the running transaction has committed. A hint only: it may be lost."""
    transaction.on_commit(lambda: bell.ring(name, pk), robust=True)


class Bell:
    """Passes rings on: to the broker by a thread of its own, or to the relay of this process."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, int]] = queue.Queue(maxsize=2000)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._broken_until = 0.0
        self.local: Callable[[str, int], bool] | None = None  # takes a row into this process, or says no

    @property
    def has_broker(self) -> bool:
        """Whether a broker is configured and was not found broken in the last seconds."""
        return bool(settings.REDIS_URL) and time.monotonic() >= self._broken_until

    def ring(self, name: str, pk: int) -> None:
        """Never blocks and never fails."""
        if self.local is not None and self.local(name, pk):
            return
        if settings.REDIS_URL:
            self._start()
            try:
                self._waiting.put_nowait((name, pk))
            except queue.Full:
                logger.debug("ring_dropped")

    def publish(self, *rings: tuple[str, int]) -> bool:
        """Hand rings to the broker; False when it is away."""
        if not self.has_broker:
            return False
        try:
            if can_push(settings.REDIS_URL):
                push(settings.REDIS_URL, [(queue_of(name), name, pk) for name, pk in rings])
            else:
                for name, pk in rings:
                    current_app.send_task(name, args=(pk,), queue=queue_of(name), retry=False, ignore_result=True)
        except Exception as error:  # noqa: BLE001 - whatever the client raises, the relay finds the row
            self._broken_until = time.monotonic() + BREAKER_SECONDS
            logger.warning("broker_away", extra={"error": type(error).__name__})
            return False
        return True

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="bell", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            rings = [self._waiting.get()]
            # Under load many go in one command.
            time.sleep(GATHER_SECONDS)
            with suppress(queue.Empty):
                while len(rings) < MAX_GATHERED:
                    rings.append(self._waiting.get_nowait())
            self.publish(*rings)


bell = Bell()
