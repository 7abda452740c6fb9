"""What goes with a piece of work through web and worker: the request id and the trace."""

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
class Context:
    """Ids that logs carry and work rows keep."""

    request_id: str = ""
    traceparent: str = ""


_current: ContextVar[Context] = ContextVar("frontdesk_context", default=Context())  # noqa: B039 - frozen


def current() -> Context:
    """The context of this thread of work."""
    return _current.get()


def new_request_id(offered: str = "") -> str:
    """The id offered by a trusted proxy if it is well formed, else a new one."""
    return offered if _REQUEST_ID.match(offered) else new_id().hex


def new_id() -> uuid.UUID:
    """A random UUID that names something and protects nothing: no secret, and no question to the system for each."""
    return uuid.UUID(int=random.getrandbits(128), version=4)


@contextmanager
def use(context: Context) -> Iterator[None]:
    """Run a block in `context`."""
    mark = _current.set(context)
    try:
        yield
    finally:
        _current.reset(mark)
