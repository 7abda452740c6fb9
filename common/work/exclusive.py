"""A lock that lets tasks of a process run together, or one task exclusively.

A row whose earlier attempts killed their process gets its last attempt exclusively, so that no other task dies with it
and none of them can kill it (RELIABILITY F37).
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 60.0  # longer than any task takes


class ExclusiveLock:
    """Counts the tasks that run, and makes new ones wait while one wants to run exclusively."""

    def __init__(self, patience: float = PATIENCE_SECONDS) -> None:
        self.patience = patience
        self._changed = threading.Condition()
        self._inside = 0
        self._is_taken = False  # a task runs exclusively, or waits to
        self._mine = threading.local()

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Run beside other tasks; waits while one runs exclusively, but not longer than `patience`."""
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
    def exclusive(self) -> Iterator[bool]:
        """Wait for the other tasks to finish; yields False when they did not finish in time."""
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


exclusive_lock = ExclusiveLock()
