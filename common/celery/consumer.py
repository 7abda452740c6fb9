"""Celery's consumer, which goes on when the broker went while messages were in its hands."""

from __future__ import annotations

from typing import Any

from celery.worker.consumer import Consumer as CeleryConsumer


class Consumer(CeleryConsumer):
    """Connects again where kombu 5.7 would end the worker.

    A channel that outlives its connection still hears of it, asks its transport, which has no client any more, and
    raises AttributeError ("'NoneType' object has no attribute 'hostname'"). Celery takes that for the end of the
    process. Tasks run elsewhere, so in here it means a connection that is gone; what was fetched through it is rung for
    again.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.connection_errors: tuple[type[Exception], ...] = (*self.connection_errors, AttributeError)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Clear up; the half-closed connection may raise once more."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError:
            self.connection = None
