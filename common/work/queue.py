"""The queue: after commit, wake up a worker because a row is due. A lost wake-up costs half a second, never a row.

A process that runs a relay works its own rows, as long as it has a free thread. Further wake-ups go to the broker,
published by a daemon thread, so that a hanging Redis never blocks a request.
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

from common.breakers import ProcessBreaker
from common.celery.publish import can_push, push

logger = logging.getLogger("frontdesk.queue")

Task = Callable[[int], Any]
QUEUES = ("inbound", "assistant", "outbound", "bulk", "clock")
BREAKER_SECONDS = 5.0
GATHER_SECONDS = 0.002
MAX_GATHERED = 200
_tasks: dict[str, tuple[Task, str]] = {}


def register_task(name: str, *, queue: str) -> Callable[[Task], Task]:
    """Register a function of one row id as the task `name` on `queue`, for Celery and for the relay."""
    if queue not in QUEUES:
        raise ValueError(f"unknown queue {queue}")

    def register(function: Task) -> Task:
        _tasks[name] = (function, queue)
        shared_task(name=name, acks_late=True, ignore_result=True)(function)
        return function

    return register


def run_task(name: str, pk: int) -> None:
    """Run the task with one row, in this thread."""
    _tasks[name][0](pk)


def queue_of(name: str) -> str:
    """Return the queue that a task belongs to."""
    return _tasks[name][1]


def enqueue(name: str, pk: int) -> None:
    """Wake up a worker for one row once the current transaction has committed. The wake-up may be lost."""
    transaction.on_commit(lambda: wake_ups.wake_up(name, pk), robust=True)


class WakeUps:
    """Passes wake-ups to the relay of this process, or to the broker through a thread of its own."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[str, int]] = queue.Queue(maxsize=2000)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.breaker = ProcessBreaker(seconds=BREAKER_SECONDS)
        self.local: Callable[[str, int], bool] | None = None  # accepts a row for this process, or returns False

    @property
    def has_broker(self) -> bool:
        """Return whether a broker is configured and has not failed in the last seconds."""
        return bool(settings.REDIS_URL) and not self.breaker.is_open

    def wake_up(self, name: str, pk: int) -> None:
        """Wake up a worker for one row; never blocks and never raises."""
        if self.local is not None and self.local(name, pk):
            return
        if settings.REDIS_URL:
            self._start()
            try:
                self._waiting.put_nowait((name, pk))
            except queue.Full:
                logger.debug("wake_up_dropped")

    def publish(self, *pairs: tuple[str, int]) -> bool:
        """Publish wake-ups to the broker; returns False when it is away."""
        if not self.has_broker:
            return False
        try:
            if can_push(settings.REDIS_URL):
                push(settings.REDIS_URL, [(queue_of(name), name, pk) for name, pk in pairs])
            else:
                for name, pk in pairs:
                    current_app.send_task(name, args=(pk,), queue=queue_of(name), retry=False, ignore_result=True)
        except Exception as error:  # noqa: BLE001 - whatever the client raises, the relay finds the row
            self.breaker.open()
            logger.warning("broker_away", extra={"error": type(error).__name__})
            return False
        return True

    def _start(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="wake-ups", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            pairs = [self._waiting.get()]
            # Under load many wake-ups go in one command.
            time.sleep(GATHER_SECONDS)
            with suppress(queue.Empty):
                while len(pairs) < MAX_GATHERED:
                    pairs.append(self._waiting.get_nowait())
            self.publish(*pairs)


wake_ups = WakeUps()
