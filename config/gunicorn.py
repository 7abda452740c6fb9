"""gunicorn's settings for a separate web process; each can be overridden on the command line."""

import os
from typing import Any

# Loaded here, so that an unsafe setting ends the start (exit 78) instead of each worker.
from config.settings import LOGGING
from config.shared_metrics import remove_files_of_ended, use_shared_files

use_shared_files()

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "config.buffering.BufferingWorker"
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 60
graceful_timeout = 20
keepalive = 75
max_requests = 20_000  # workers are replaced, so that a slow leak never ends the service (RELIABILITY F46)
max_requests_jitter = 2_000
accesslog = None
logconfig_dict = LOGGING
control_socket_disable = True


def on_starting(server: Any) -> None:
    """Remove counters of an earlier start."""
    remove_files_of_ended()


def post_worker_init(worker: Any) -> None:
    """Start the thread that evaluates alerts: when all workers are gone, the web process must report it."""
    from config.alert_thread import AlertThread
    from config.freeze_memory import freeze_loaded_code

    freeze_loaded_code()
    AlertThread().start()
