"""A gate before all work of a process: many work side by side, or one alone.

What has ended its process before is given its last chance alone, so that nothing else dies of it, and it dies of
nothing else (RELIABILITY F37).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 60.0  # longer than any piece of work takes


class Gate:
    """Counts who works, and keeps newcomers out while somebody wants to be alone."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self.patience = patience
        self._changed = threading.Condition()
        self._inside = 0
        self._is_taken = False  # somebody is alone, or waits to be
        self._mine = threading.local()

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        """Work beside others; waits while somebody is alone, but not for ever."""
        if getattr(self._mine, "inside", False):
            yield
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._is_taken, self.patience)
            self._inside += 1
        self._mine.inside = True
        try:
            yield
        finally:
            self._mine.inside = False
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Yield whether nobody else works any more; False when they did not come to an end in time."""
        if getattr(self._mine, "inside", False):
            yield False  # it would wait for itself
            return
        with self._changed:
            if not self._changed.wait_for(lambda: not self._is_taken, self.patience):
                is_first = False
            else:
                is_first = self._is_taken = True
                is_alone = self._changed.wait_for(lambda: not self._inside, self.patience)
        if not is_first:
            yield False
            return
        self._mine.inside = is_alone
        try:
            yield is_alone
        finally:
            self._mine.inside = False
            with self._changed:
                self._is_taken = False
                self._changed.notify_all()


gate = Gate()
