"""Celery's transport over Redis, with one client for all messages where kombu 5.7 makes one for each."""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis


class Channel(redis.Channel):
    """A client is a costly thing around a pool of connections, and safe to share."""

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:  # it holds one connection of its own, on which it waits for messages
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]  # kombu has no types
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[no-untyped-call]  # the same
        return self._kept


class Transport(redis.Transport):
    """The transport behind redis:// and rediss:// once `use` was called."""

    Channel = Channel


def use() -> None:
    """Have every redis:// address served by this transport."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
