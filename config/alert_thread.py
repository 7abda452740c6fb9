"""A thread of every process that evaluates alerts, so that the last process alive reports the others."""

from __future__ import annotations

import logging
import random
import threading

logger = logging.getLogger("frontdesk.alerts")

EVERY_SECONDS = 15.0


class AlertThread:
    """Evaluates alerts until it is stopped; one process at a time does so (alerts.services.evaluate_alerts)."""

    def __init__(self, every_seconds: float = EVERY_SECONDS) -> None:
        self._every = every_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    def start(self) -> AlertThread:
        """Start the thread."""
        self._thread.start()
        return self

    def stop(self, patience: float = 1.0) -> None:
        """Stop at the next round; another process sends a notice that is not finished."""
        self._stop.set()
        self._thread.join(timeout=patience)

    def _run(self) -> None:
        from django.db import close_old_connections, connection

        from alerts.services import evaluate_alerts

        while not self._stop.wait(self._every * random.uniform(0.8, 1.2)):
            try:
                evaluate_alerts()
            except Exception:  # the database may be away: the next round tries again
                logger.exception("alert_thread_failed")
                connection.close()
            finally:
                close_old_connections()
        connection.close()
