"""Posts webhooks to the product, now or later, and repeats them as providers do."""

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import httpx2

from simulator.records import Record, Records

THREADS = 16
TIMEOUT = httpx2.Timeout(30.0, connect=3.0)
CAP_SECONDS = 3600.0
# A connection the product may already have closed must not be used again: gunicorn's keep-alive is 2 seconds.
LIMITS = httpx2.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=1.5)


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A signed request, ready to post; `repeats` is how often its provider tries again."""

    service: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    id: str = ""
    kind: str = ""
    to: str = ""
    text: str = ""
    repeats: int = 0
    readable: Any = None


@dataclass(frozen=True, kw_only=True)
class ProductResponse:
    """The response of the product; status 0 when there was none."""

    status: int
    body: str

    @property
    def ok(self) -> bool:
        """Return whether the product accepted the webhook."""
        return 200 <= self.status < 300

    @property
    def passing(self) -> bool:
        """Return whether a provider would try again."""
        return self.status in (0, 408, 429) or self.status >= 500


@dataclass(order=True)
class _Job:
    due: float
    number: int
    run: Callable[[], object] = field(compare=False)


class Poster:
    """A heap of due jobs, one clock thread, a pool of workers; threads start with the first job."""

    def __init__(self, records: Records) -> None:
        self.reset_retries()
        self._records = records
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._era = 0  # moves with every reset: what began before it leaves no trace after it
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="poster")
        self._clock: threading.Thread | None = None
        self._client = httpx2.Client(timeout=TIMEOUT, limits=LIMITS, trust_env=False)

    def reset_retries(self) -> None:
        """Restore the defaults: how often a webhook is posted again, and how long to wait for a response."""
        self.repeats: int | None = None  # None: each provider's own habit
        self.repeat_seconds = 0.5
        self.cap_seconds = CAP_SECONDS  # the longest wait between two tries
        self.timeout = TIMEOUT

    def later(self, seconds: float, run: Callable[[], object]) -> None:
        """Run a job after so many seconds; a job that began before a reset cannot start others."""
        with self._wake:
            if self._began() != self._era:
                return
            heapq.heappush(self._jobs, _Job(time.monotonic() + seconds, next(self._numbers), run))
            if self._clock is None:
                self._clock = threading.Thread(target=self._tick, daemon=True, name="clock")
                self._clock.start()
            self._wake.notify()

    def post(
        self, webhook: Webhook, then: Callable[[ProductResponse], object] = lambda answer: None
    ) -> ProductResponse:
        """Post once and return the answer; repeats follow in the background. `then` is called with each response."""
        return self._try(webhook, then, 0)

    def clear(self) -> None:
        """Cancel the jobs, also those that are running."""
        with self._wake:
            self._jobs.clear()
            self._era += 1

    def _began(self) -> int:
        return int(getattr(self._own, "era", self._era))

    def _run(self, job: _Job, era: int) -> None:
        self._own.era = era
        job.run()

    def _try(self, webhook: Webhook, then: Callable[[ProductResponse], object], repeat: int) -> ProductResponse:
        era = self._began()
        begun = time.monotonic()
        answer = self._send(webhook)
        seconds = time.monotonic() - begun
        if era != self._era:
            return answer
        self._records.add(_record(webhook, answer, seconds))
        then(answer)
        repeats = webhook.repeats if self.repeats is None else self.repeats
        if answer.passing and repeat < repeats:
            self.later(
                min(self.cap_seconds, self.repeat_seconds * 2**repeat), lambda: self._try(webhook, then, repeat + 1)
            )
        return answer

    def _send(self, webhook: Webhook) -> ProductResponse:
        try:
            headers = dict(webhook.headers)
            response = self._client.post(webhook.url, content=webhook.body, headers=headers, timeout=self.timeout)
            return ProductResponse(status=response.status_code, body=response.text[:4000])
        except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
            return ProductResponse(status=0, body=f"{type(problem).__name__}: {problem}")

    def _tick(self) -> None:
        while True:
            with self._wake:
                while not self._jobs or self._jobs[0].due > time.monotonic():
                    self._wake.wait(self._jobs[0].due - time.monotonic() if self._jobs else None)
                job, era = heapq.heappop(self._jobs), self._era
            self._pool.submit(self._run, job, era)


def _record(webhook: Webhook, answer: ProductResponse, seconds: float) -> Record:
    return Record(
        service=webhook.service,
        direction="out",
        path=webhook.url,
        status=answer.status,
        accepted=answer.ok,
        to=webhook.to,
        text=webhook.text,
        kind=webhook.kind,
        id=webhook.id,
        raw=webhook.readable,
        seconds=round(seconds, 4),
    )
