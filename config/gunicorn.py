"""gunicorn's settings for a web process of its own; every one can be overridden on the command line."""

import os
from typing import Any

# Loaded here, so that an unsafe setting ends the start itself (exit 78) and not each of its workers.
from config.settings import LOGGING
from config.shared_metrics import forget_the_dead, share

share()

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "config.buffering.BufferingWorker"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
keepalive = 75
max_requests = 20_000  # recycled, so that a slow leak never ends the service (RELIABILITY F46)
max_requests_jitter = 2_000
accesslog = None
logconfig_dict = LOGGING
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Begin with empty counters."""
    forget_the_dead()


def post_worker_init(worker: Any) -> None:
    """Each web process looks for incidents too: when all workers are gone, somebody must say so."""
    from config.settled import settle
    from config.watch import Watchman

    settle()
    Watchman().start()
