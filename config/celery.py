"""The Celery application: the doorbell between processes, and the clock."""

import os
import signal
import threading
from typing import Any

from celery import Celery, signals

from common.celery import transport
from config.shared_metrics import share

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
share()
transport.install()

BEAT_PATIENCE_SECONDS = 10.0
WORKER_PATIENCE_SECONDS = 15.0  # after Celery's own threads have ended, which wait for 20

app = Celery("frontdesk")
# Without this a retry from a pool thread would go to the default application and its amqp broker.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")

_relay: Any = None


@signals.celeryd_init.connect
def no_banner(instance: Any = None, **_: Any) -> None:
    """The log is one line per event, from the first line to the last."""
    from celery.apps import worker

    worker.safe_say = _say_nothing
    if instance is not None:
        instance.quiet = True


def _say_nothing(*_: Any, **__: Any) -> None:
    """Celery writes "Warm shutdown" past all logging; nothing may be logged in a signal handler either."""


@signals.worker_ready.connect
def start_relay(**_: Any) -> None:
    """Each worker process looks for due rows itself: a lost ring costs half a second."""
    global _relay  # noqa: PLW0603 - one for each process
    from common.work.relay import Relay
    from config.watch import Watchman

    _relay = Relay("worker", queues=tuple(app.amqp.queues.consume_from)).start()
    Watchman().start()


@signals.worker_shutting_down.connect
def close_relay(**_: Any) -> None:
    """Stop taking work as soon as the process is told to end."""
    if _relay is not None:
        _relay.close()


@signals.worker_shutdown.connect
def stop_relay(**_: Any) -> None:
    """Wait for what the relay's threads have in hand."""
    if _relay is not None:
        _relay.stop(patience=WORKER_PATIENCE_SECONDS)


@signals.beat_init.connect
def end_beat_in_time(**_: Any) -> None:
    """Beat ends within BEAT_PATIENCE_SECONDS, also when SIGTERM finds it waiting for a broker: it holds nothing."""
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
def keep_good_connections(**_: Any) -> None:
    """A connection that broke, or is old, goes after the task; a good one serves the next."""
    from django.db import close_old_connections

    close_old_connections()


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Django has set up logging; Celery must not do it again."""
