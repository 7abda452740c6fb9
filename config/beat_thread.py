"""Beat in a thread of the web process, for the embedded default."""

from __future__ import annotations

import logging
import threading
from typing import Any

logger = logging.getLogger("frontdesk.beat")

RESTART_SECONDS = 3.0
MAX_INTERVAL_SECONDS = 1  # how soon it notices that it must stop


class BeatThread:
    """Runs the schedule until it is stopped; a database error ends one round, not the thread."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._service: Any = None
        self._thread = threading.Thread(target=self._run, name="beat", daemon=True)

    def start(self) -> BeatThread:
        """Start the thread."""
        self._thread.start()
        return self

    def stop(self, patience: float = 3.0) -> None:
        """Stop within MAX_INTERVAL_SECONDS."""
        self._stop.set()
        if self._service is not None:
            self._service.stop(wait=False)
        self._thread.join(timeout=patience)

    def _run(self) -> None:
        from celery.beat import Service
        from django.db import connection

        from config.celery import app

        app.set_current()
        while not self._stop.is_set():
            try:
                self._service = Service(app, max_interval=MAX_INTERVAL_SECONDS, scheduler_cls=app.conf.beat_scheduler)
                if not self._stop.is_set():
                    self._service.start()
            except Exception:  # the thread must go on
                logger.exception("beat_failed")
                connection.close()
                self._stop.wait(RESTART_SECONDS)
