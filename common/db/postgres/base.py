"""The database wrapper that `DATABASES["default"]["ENGINE"] = "common.db.postgres"` names."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Tests a persistent connection by polling its socket instead of sending `SELECT 1`.

    Django sends `SELECT 1` at the start of each request and task, which is a whole round trip. A server that restarts
    or ends a connection says so and closes it, so the socket becomes readable, and a server says nothing else without
    being asked. A connection that a network drops silently is found by neither test before `tcp_user_timeout`.
    """

    def is_usable(self) -> bool:
        """Return whether the connection can be used.

        Queries the server only after an error or when the socket is readable.
        """
        link: Any = self.connection
        if link is None or link.closed:
            return False
        if self.errors_occurred or _has_news(link.fileno()):
            return bool(super().is_usable())
        return True


def _has_news(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)  # closed connections and errors are always reported
    return bool(poll.poll(0))
