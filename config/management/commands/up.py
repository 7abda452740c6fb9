"""The embedded default: web, workers and beat in one process tree, with nothing else to install."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

logger = logging.getLogger("frontdesk.up")


class Command(BaseCommand):
    help = "Run web, workers and clock in one process tree (the embedded default, without Redis)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bind", default=f"127.0.0.1:{settings.PORT}", help="address:port to listen on")
        parser.add_argument("--threads", type=int, default=8, help="threads that answer requests")

    def handle(self, *args: Any, bind: str, threads: int, **options: Any) -> None:
        if settings.REDIS_URL:
            raise CommandError("REDIS_URL is set: run gunicorn, celery worker and celery beat (see Procfile)")
        from gunicorn.app.base import BaseApplication

        class Embedded(BaseApplication):
            def load_config(self) -> None:
                for name, value in _gunicorn_settings(bind, threads).items():
                    self.cfg.set(name, value)

            def load(self) -> Any:
                from config.wsgi import application

                return application

        Embedded().run()


def _gunicorn_settings(bind: str, threads: int) -> dict[str, Any]:
    return {
        "bind": bind,
        "workers": 1,
        "worker_class": "config.buffering.BufferingWorker",
        "threads": threads,
        "timeout": 60,
        "graceful_timeout": 8,
        "keepalive": 75,
        "logconfig_dict": settings.LOGGING,
        "control_socket_disable": True,
        "post_worker_init": _start,
        "worker_exit": _stop,
    }


def _start(worker: Any) -> None:
    from common.work.relay import Relay
    from config import health
    from config.alert_thread import AlertThread
    from config.beat_thread import BeatThread
    from config.freeze_memory import freeze_loaded_code

    freeze_loaded_code()
    worker.relay = health.relay = Relay("worker").start()
    worker.beat_thread = BeatThread().start()
    worker.alert_thread = AlertThread().start()
    logger.info("up", extra={"pid": worker.pid})


def _stop(arbiter: Any, worker: Any) -> None:
    if hasattr(worker, "relay"):
        worker.alert_thread.stop()
        worker.beat_thread.stop(patience=2.0)
        # Work that is not finished by then is claimed by the next process after its lease.
        worker.relay.stop(patience=6.0)
        logger.info("down", extra={"pid": worker.pid})
