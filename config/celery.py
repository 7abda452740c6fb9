"""The Celery application: wake-ups between processes, and beat."""

import os
import signal
import threading
from typing import Any

from celery import Celery, signals

from common.celery import transport
from config.shared_metrics import use_shared_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
use_shared_files()
transport.install()

BEAT_PATIENCE_SECONDS = 10.0
WORKER_PATIENCE_SECONDS = 15.0  # after Celery's own threads have ended, which wait for 20

app = Celery("frontdesk")
# Without this a retry from a pool thread would go to the default application and its amqp broker.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")

_relay: Any = None


@signals.celeryd_init.connect
def suppress_banner(instance: Any = None, **_: Any) -> None:
    """Suppress Celery's banner, so that the log has one line per event from the first line on."""
    from celery.apps import worker

    worker.safe_say = _say_nothing
    if instance is not None:
        instance.quiet = True


def _say_nothing(*_: Any, **__: Any) -> None:
    """Do nothing: Celery writes "Warm shutdown" past all logging, and logging is not allowed in a signal handler."""


@signals.worker_ready.connect
def start_relay(**_: Any) -> None:
    """Start the relay of this worker process, so that a lost wake-up costs half a second."""
    global _relay  # noqa: PLW0603 - one for each process
    from common.work.relay import Relay
    from config.alert_thread import AlertThread

    _relay = Relay("worker", queues=tuple(app.amqp.queues.consume_from)).start()
    AlertThread().start()


@signals.worker_shutting_down.connect
def close_relay(**_: Any) -> None:
    """Stop accepting work as soon as the process is told to end."""
    if _relay is not None:
        _relay.close()


@signals.worker_shutdown.connect
def stop_relay(**_: Any) -> None:
    """Wait for the tasks that the relay's threads are working."""
    if _relay is not None:
        _relay.stop(patience=WORKER_PATIENCE_SECONDS)


@signals.beat_init.connect
def end_beat_in_time(**_: Any) -> None:
    """Make beat end within BEAT_PATIENCE_SECONDS, also when SIGTERM arrives while it waits for a broker."""
    ordinary = signal.getsignal(signal.SIGTERM)
    if threading.current_thread() is not threading.main_thread() or not callable(ordinary):
        return

    def end(number: int, frame: Any) -> None:
        last_word = threading.Timer(BEAT_PATIENCE_SECONDS, os._exit, (0,))
        last_word.daemon = True
        last_word.start()
        ordinary(number, frame)

    signal.signal(signal.SIGTERM, end)


@signals.task_postrun.connect
def close_broken_connections(**_: Any) -> None:
    """Close a database connection that broke or is old after the task; a good one serves the next task."""
    from django.db import close_old_connections

    close_old_connections()


@signals.setup_logging.connect
def skip_logging_setup(**_: Any) -> None:
    """Keep Celery from setting up logging, which Django has done."""
