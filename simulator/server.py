"""Runs the simulator under gunicorn: one process, many threads, no control socket."""

import errno
import logging
import os
import signal
import socket
import struct
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler
from gunicorn.app.base import BaseApplication

from simulator.exchange import CutError

THREADS = 64  # held calls (slow, time-outs) each keep one; idle threads are never started
GRACE_SECONDS = 0.5


class Application(BaseApplication):
    """Gunicorn with our settings instead of a command line."""

    def __init__(self, host: str, port: int, said: str) -> None:
        self.said = said
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__()

    def load_config(self) -> None:
        """Set everything that differs from gunicorn's defaults."""
        options = {
            "bind": self.address,
            "workers": 1,
            "worker_class": "gthread",
            "threads": THREADS,
            "worker_connections": 2000,
            "keepalive": 30,
            "timeout": 0,
            "graceful_timeout": 1,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": self.begin,
            "proc_name": "frontdesk-simulator",
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def begin(self, worker: Any) -> None:
        """Say the address, which answers from now on."""
        _listen_for_the_end(worker)
        sys.stdout.write(self.said)
        sys.stdout.flush()

    def load(self) -> "Cuttable":
        """Build the WSGI application, in the worker."""
        django.setup(set_prefix=False)
        # Refusals are this program's trade: only a crash of its own is worth a line.
        logging.getLogger("django.request").addFilter(lambda record: bool(record.exc_info))
        return Cuttable()


class Cuttable(WSGIHandler):
    """Django's handler, able to break a connection the way networks do."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        try:
            return super().__call__(environ, start_response)
        except CutError:
            sock: socket.socket = environ["gunicorn.socket"]
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()  # with this linger the other side sees a reset
            raise ConnectionResetError(errno.ECONNRESET, "cut on purpose") from None

    def get_response(self, request: Any) -> Any:
        """Let a CutError pass Django's own exception handling."""
        response = super().get_response(request)
        if getattr(response, "cut", False):
            raise CutError
        return response


def _listen_for_the_end(worker: Any) -> None:
    """Wake held calls when the worker is told to stop, so that stopping takes no time."""
    from simulator.world import world

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        before = signal.getsignal(number)

        def stop(signum: int, frame: FrameType | None, before: Any = before) -> None:
            world.stopping.set()
            threading.Timer(GRACE_SECONDS, os._exit, (0,)).start()  # idle keep-alive connections are not waited for
            if callable(before):
                before(signum, frame)

        signal.signal(number, stop)


def serve(host: str, port: int, config: str, *, said: str = "") -> None:
    """Run until told to stop; `said` is written to the output when it answers."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "simulator.settings"
    os.environ["SIMULATOR_CONFIG"] = str(Path(config).resolve())
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  only compared
    os.environ["SIMULATOR_URL"] = f"http://{shown}:{port}"
    Application(host, port, said).run()
