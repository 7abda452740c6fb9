"""Celery's Redis transport without acknowledgements for wake-up messages, and with one client for all messages.

Reason: kombu stores each unacknowledged message in Redis and makes a client for each operation. A wake-up may be lost,
since the relay finds the row anyway, so neither is needed.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis, virtual

KEPT = "clock"  # the queue whose messages are delivered again after a crash, because no row stands for them


class WakeUpQoS(redis.QoS):
    """Tracks the messages a worker has fetched. Wake-ups are not stored in Redis until they are acknowledged."""

    def append(self, message: Any, delivery_tag: str) -> None:
        """Add a fetched message."""
        if message.delivery_info["routing_key"] == KEPT:
            super().append(message, delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types
        else:
            virtual.QoS.append(self, message, delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message."""
        if self._is_kept(delivery_tag):
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types
        else:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Reject a message; a rejected wake-up is dropped, because the relay finds its row."""
        if self._is_kept(delivery_tag):
            super().reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]  # kombu has no types
        else:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types

    def _is_kept(self, delivery_tag: str) -> bool:
        message = self._delivered.get(delivery_tag)
        return message is None or message.delivery_info["routing_key"] == KEPT


class WakeUpChannel(redis.Channel):
    """Shares one client: creating it is expensive, and it is thread-safe."""

    QoS = WakeUpQoS
    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:  # it needs its own connection, on which it waits for messages
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]  # kombu has no types
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[no-untyped-call]  # the same
        return self._kept


class WakeUpTransport(redis.Transport):
    """The transport behind redis:// and rediss:// after `install` was called."""

    Channel = WakeUpChannel


def install() -> None:
    """Register this transport for all redis:// and rediss:// addresses."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:WakeUpTransport"
