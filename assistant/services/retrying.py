"""How often and how long a turn may try: 3 requests that fail, 45 seconds (RELIABILITY A1)."""

from __future__ import annotations

import time

from assistant.providers.base import Decision
from assistant.providers.errors import MAX_WAIT_SECONDS

MAX_TRIES = 3
PAUSE_SECONDS = 0.5  # before the same model is asked again, when it names no time itself
LEAST_SECONDS = 1.0  # with less than this left no call is begun


class Tries:
    """The tries and the time of one run of a turn."""

    def __init__(self, seconds: float) -> None:
        self.left = MAX_TRIES
        self._until = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        """Until the turn's deadline."""
        return self._until - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether nothing more may be tried."""
        return self.left <= 0 or self.seconds_left < LEAST_SECONDS

    def begin(self) -> bool:
        """Take one try; False when there is none left."""
        if self.is_over:
            return False
        self.left -= 1
        return True

    def may_repeat(self, decision: Decision, retried: int, *, has_others: bool) -> bool:
        """Whether to ask the same model once more; waits as long as that takes.

        Where another model stands ready the same one is asked again once, and never waited for long.
        """
        most = min(1, decision.retries) if has_others else decision.retries
        pause = PAUSE_SECONDS * (retried + 1) if decision.wait is None else decision.wait
        longest = 3.0 if has_others else min(MAX_WAIT_SECONDS, self.seconds_left - LEAST_SECONDS)
        if retried >= most or self.left <= 0 or pause > longest:
            return False
        time.sleep(pause)
        return True
