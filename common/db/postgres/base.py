"""The database wrapper that `DATABASES["default"]["ENGINE"] = "common.db.postgres"` names."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Knows whether a kept connection still stands by what lies there to be read.

    Django asks `SELECT 1` at the begin of each request and each task, a whole round trip. A server that restarts, or
    ends one of its connections, says so and closes it: then there is something to read, and nothing else makes a server
    speak unasked. What a network swallows is noticed by neither before `tcp_user_timeout`.
    """

    def is_usable(self) -> bool:
        """Whether the connection can be used; asks the server only after an error, or when it has said something."""
        link: Any = self.connection
        if link is None or link.closed:
            return False
        if self.errors_occurred or _has_news(link.fileno()):
            return bool(super().is_usable())
        return True


def _has_news(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)  # an end and an error are always told
    return bool(poll.poll(0))
