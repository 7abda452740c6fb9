"""The request id and the trace id, passed from the request through work rows to the workers."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")


@dataclass(frozen=True)
class TraceContext:
    """The ids that logs carry and work rows store."""

    request_id: str = ""
    traceparent: str = ""


_current: ContextVar[TraceContext] = ContextVar("frontdesk_context", default=TraceContext())  # noqa: B039 - frozen


def current() -> TraceContext:
    """Return the context of this thread or task."""
    return _current.get()


def new_request_id(offered: str = "") -> str:
    """Return the id that a trusted proxy sent if it is well formed, else a new one."""
    return offered if _REQUEST_ID.match(offered) else new_id().hex


def new_id() -> uuid.UUID:
    """Return a random UUID from a fast generator that is not cryptographically secure."""
    return uuid.UUID(int=random.getrandbits(128), version=4)


@contextmanager
def use_context(context: TraceContext) -> Iterator[None]:
    """Run a block with `context` as the current one."""
    mark = _current.set(context)
    try:
        yield
    finally:
        _current.reset(mark)
