"""A Celery consumer that reconnects when the broker goes away while it holds messages."""

from __future__ import annotations

from typing import Any

from celery.worker.consumer import Consumer as CeleryConsumer


class Consumer(CeleryConsumer):
    """Reconnects where kombu 5.7 would end the worker.

    Reason: a channel that outlives its connection still gets the event, asks its transport, which has no client any
    more, and raises AttributeError ("'NoneType' object has no attribute 'hostname'"). Celery treats that as fatal and
    ends the process. Tasks run elsewhere, so here the error only means that the connection is gone; the relay wakes up
    workers again for what was fetched through it.

    Remove this class when kombu raises one of its connection errors instead.
    """

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.connection_errors: tuple[type[Exception], ...] = (*self.connection_errors, AttributeError)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Clean up; the half-closed connection may raise once more."""
        try:
            super().on_connection_error_after_connected(exc)
        except AttributeError:
            self.connection = None
