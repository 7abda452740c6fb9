"""One background thread with one event loop per process: the vendors' clients must never use a second loop."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

_lock = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def run_on_loop(work: Coroutine[Any, Any, Result], *, seconds: float) -> Result:
    """Run a coroutine on the process's loop and wait for it; raises TimeoutError and cancels it when time is up."""
    future = asyncio.run_coroutine_threadsafe(work, event_loop())
    try:
        return future.result(seconds)
    except TimeoutError:
        future.cancel()
        raise


def event_loop() -> asyncio.AbstractEventLoop:
    """Return the loop of this process, started with the first call: after a fork, never before."""
    with _lock:
        found = _loops.get(os.getpid())
        if found is None:
            _loops.clear()
            found = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=found.run_forever, name="models", daemon=True).start()
        return found
