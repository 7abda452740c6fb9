"""The relay: finds due rows and has them worked, and frees rows whose worker died. One thread in each worker process.

It works rows itself on a few threads per queue, so that a waiting person is never behind a campaign. With a broker it
accepts only what those threads can work soon, publishes the ids of the rest for other processes, and looks again when
its threads become idle.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from common.work import queue, rows
from common.work.heartbeat import beat
from common.work.rows import rows_of, work_models

logger = logging.getLogger("frontdesk.relay")

THREADS = {"inbound": 3, "assistant": 4, "outbound": 4, "bulk": 3, "clock": 2}
BATCH = 200
REPUBLISH_SECONDS = 8.0  # a published row that nobody claimed is published again
HEARTBEAT_SECONDS = 5.0
LOOK_SECONDS = 0.02  # the shortest time between two looks
ROOM = 4  # with a broker: rows that may wait here for each thread
FRESH_SECONDS = 0.1  # a new row is left to the process that was woken up for it
OVERLOADED_ROWS = 40  # more due rows of one task than this: the workers are overloaded, and no wake-up was lost


def due_rows(limit: int = BATCH) -> Iterable[tuple[str, int, datetime]]:
    """Yield (task, row id, due since) of everything that is due now."""
    for model in work_models():
        for job in model.jobs:
            for pk, due_at in rows.due_rows(model, job, limit):
                yield job.task, pk, due_at


def sweep() -> int:
    """Free the expired leases of every kind of work; returns how many."""
    freed = 0
    for model in work_models():
        count = rows_of(model).sweep()
        if count:
            logger.warning("swept", extra={"work": model._meta.label_lower, "count": count})
        freed += count
    return freed


def work_all_due(*, rounds: int = 100) -> int:
    """Work everything that is due, in this thread, until nothing is; returns how many tasks ran.

    For commands and tests.
    """
    done = 0
    for _ in range(rounds):
        batch = list(due_rows())
        if not batch:
            return done
        for name, pk, _ in batch:
            queue.run_task(name, pk)
        done += len(batch)
    return done


class Relay:
    """The thread and its pools; `queues` are those that this process works."""

    def __init__(self, role: str = "worker", queues: Collection[str] = queue.QUEUES) -> None:
        self.role = role
        self.queues = queues
        self._stop = threading.Event()
        self._idle = threading.Event()  # threads became idle whose queue had more rows than were accepted
        self._queues_with_backlog: set[str] = set()  # those queues
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._load: Counter[str] = Counter()  # rows accepted and not finished, by queue
        self._busy: set[tuple[str, int]] = set()
        self._published: dict[tuple[str, int, datetime], float] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)
        self.moved_at = time.monotonic()  # on this process's clock; liveness checks that it advances

    def start(self) -> Relay:
        """Start looking for work; wake-ups of this process come straight here."""
        queue.wake_ups.local = self.accept
        self._thread.start()
        return self

    def accept(self, name: str, pk: int) -> bool:
        """Accept a row for this process; returns False when its threads are busy or the broker must distribute it."""
        lane = queue.queue_of(name)
        if queue.wake_ups.has_broker and (lane not in self.queues or self._load[lane] >= THREADS[lane] * ROOM):
            return False
        return self._submit(name, pk)

    def close(self) -> None:
        """Accept no more rows; running tasks continue."""
        self._stop.set()
        self._idle.set()
        queue.wake_ups.local = None

    def stop(self, patience: float = 20.0) -> None:
        """Stop accepting rows and wait for running tasks; rows that are not finished are swept by another process."""
        self.close()
        deadline = time.monotonic() + patience
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        while self._busy and time.monotonic() < deadline:
            time.sleep(0.05)
        if self._thread.is_alive():
            self._thread.join(timeout=max(0.1, deadline - time.monotonic()))

    def _run(self) -> None:
        next_sweep = next_beat = 0.0
        is_idle = False
        while not self._stop.is_set():
            try:
                self.moved_at = now = time.monotonic()
                if now >= next_beat:
                    next_beat = now + HEARTBEAT_SECONDS
                    beat(self.role)
                if now >= next_sweep:
                    # Set before the sweep: a sweep that fails must not keep due rows from being woken up.
                    next_sweep = now + settings.SWEEP_SECONDS * random.uniform(0.9, 1.1)
                    sweep()
                self._wake_up_due(
                    fresh=timedelta(seconds=FRESH_SECONDS if is_idle and queue.wake_ups.has_broker else 0)
                )
            except Exception:  # whatever it is, the relay continues
                # The database may be away: nothing is lost, the rows are there when it is back.
                logger.exception("relay_failed")
                connection.close()
                self._stop.wait(1.0)
            finally:
                close_old_connections()
            is_idle = self._idle.wait(settings.RELAY_SECONDS * random.uniform(0.8, 1.2))
            if is_idle:
                self._idle.clear()
                self._stop.wait(LOOK_SECONDS)

    def _wake_up_due(self, *, fresh: timedelta = timedelta()) -> None:
        now, newest = time.monotonic(), timezone.now() - fresh
        self._published = {row: at for row, at in self._published.items() if now - at < REPUBLISH_SECONDS}
        rows = [row for row in due_rows() if not fresh or row[2] <= newest]
        wake_ups: list[tuple[str, int]] = []
        counts = Counter(name for name, _, _ in rows)
        overloaded = {name for name, count in counts.items() if count > OVERLOADED_ROWS}
        left = {queue.queue_of(name) for name, count in counts.items() if count >= BATCH}  # more of their rows are due
        if overloaded and not queue.wake_ups.has_broker:
            random.shuffle(rows)  # other relays look at the same rows, and each row is for one of them
        for name, pk, due_at in rows:
            if self._stop.is_set():
                return
            if (name, pk) in self._busy or self.accept(name, pk):
                continue
            left.add(queue.queue_of(name))
            if name in overloaded and timezone.now() - due_at < timedelta(seconds=REPUBLISH_SECONDS):
                # The broker's queue is long already; a second wake-up would only make it longer.
                continue
            if (name, pk, due_at) not in self._published:
                # A row that waits again has a new due time: it was worked meanwhile and needs a new wake-up.
                self._published[name, pk, due_at] = now
                wake_ups.append((name, pk))
        self._queues_with_backlog = left & set(self.queues)
        if any(self._load[lane] <= THREADS[lane] for lane in self._queues_with_backlog):
            self._idle.set()  # its threads became idle during this look
        if wake_ups:
            queue.wake_ups.publish(*wake_ups)

    def _submit(self, name: str, pk: int) -> bool:
        lane = queue.queue_of(name)
        with self._lock:
            if self._stop.is_set():
                return False
            if (name, pk) in self._busy:
                return True
            self._busy.add((name, pk))
            self._load[lane] += 1
            if lane not in self._pools:
                self._pools[lane] = ThreadPoolExecutor(THREADS[lane], thread_name_prefix=lane)
            future = self._pools[lane].submit(self._work, name, pk)
        future.add_done_callback(lambda _: self._done(lane, name, pk))
        return True

    def _done(self, lane: str, name: str, pk: int) -> None:
        with self._lock:
            self._busy.discard((name, pk))
            self._load[lane] -= 1
            if lane in self._queues_with_backlog and self._load[lane] <= THREADS[lane]:
                self._idle.set()

    def _work(self, name: str, pk: int) -> None:
        try:
            queue.run_task(name, pk)
        except Exception:  # the row is swept later; the thread must survive
            logger.exception("task_failed", extra={"task": name, "work_id": pk})
            connection.close()
        finally:
            close_old_connections()
