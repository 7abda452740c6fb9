"""Celery's transport over Redis: one client for all messages, and no book about rings that are in a worker's hands."""

from __future__ import annotations

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis, virtual

KEPT = "clock"  # the queue whose messages are worth delivering again: nothing else remembers them


class QoS(redis.QoS):
    """What is in a worker's hands. Of a ring Redis keeps no copy until it is acknowledged: the row remembers."""

    def append(self, message: Any, delivery_tag: str) -> None:
        """Count a message that a worker has."""
        if message.delivery_info["routing_key"] == KEPT:
            super().append(message, delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types
        else:
            virtual.QoS.append(self, message, delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types

    def ack(self, delivery_tag: str) -> None:
        """It is done."""
        if self._is_kept(delivery_tag):
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types
        else:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """It was not done: a relay finds the row of a ring."""
        if self._is_kept(delivery_tag):
            super().reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]  # kombu has no types
        else:
            virtual.QoS.ack(self, delivery_tag)  # type: ignore[no-untyped-call]  # kombu has no types

    def _is_kept(self, delivery_tag: str) -> bool:
        message = self._delivered.get(delivery_tag)
        return message is None or message.delivery_info["routing_key"] == KEPT


class Channel(redis.Channel):
    """A client is a costly thing around a pool of connections, and safe to share."""

    QoS = QoS
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
