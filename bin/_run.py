"""Run the product and its simulator until Ctrl-C: one log, one colour for each process, all stopped together.

It never imports Django, which saves 70 MB in a process that only watches the others.
"""

from __future__ import annotations

import errno
import http.client
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

import honcho.manager
import honcho.process
from honcho.printer import Message, Printer

sys.path.insert(0, str(Path(__file__).parent))
import _children
import _desk

# A worker may finish its current message; honcho would kill it after five seconds.
honcho.manager.KILL_WAIT = 25
honcho.manager.SYSTEM_PRINTER_NAME = "frontdesk"
START_PATIENCE_SECONDS = 90
PYTHON = shlex.quote(sys.executable)
GUNICORN = f"{PYTHON} -m gunicorn config.wsgi -c config/gunicorn.py --no-control-socket --log-level warning"
CELERY = f"{PYTHON} -m celery --quiet -A config"
QUEUES = "inbound,assistant,outbound,bulk,clock"


def main() -> int:
    """Prepare the database, start the processes, wait; returns an exit code."""
    os.chdir(_desk.ROOT)
    environment = _desk.environment(os.environ) | {"PYTHONUNBUFFERED": "1"}
    port = int(environment["PORT"])
    for number in (port, port + 1):
        if problem := why_not(number):
            say(f"port {number} {problem}. {remedy(number, port)}")
            return 1
    if not prepare(environment):
        return 1
    manager = Manager(port)
    for name, command in processes(environment, port).items():
        manager.add_process(name, command, env=environment, cwd=str(_desk.ROOT))
    manager.loop()
    if manager.fallen:
        say(f"{manager.fallen} stopped by itself (see above), so everything was stopped")
        return 1
    say("stopped")
    return 0


def processes(environment: dict[str, str], port: int) -> dict[str, str]:
    """Return the commands by name: one process for the whole product, or three on Redis, and the simulator."""
    desk = {"desk": f"{PYTHON} manage.py up"}
    if environment.get("REDIS_URL") or environment.get("REDIS_URL_FILE"):
        desk = {
            "web": f"{GUNICORN} --bind 127.0.0.1:{port}",
            "worker": f"{CELERY} worker -P threads -c 8 -Q {QUEUES} --without-gossip --without-mingle",
            "beat": f"{CELERY} beat",
        }
    return {**desk, "simulator": f"{PYTHON} -m simulator --port {port + 1} --config var/simulator.json --quiet"}


def prepare(environment: dict[str, str]) -> bool:
    """Migrate the database and load the demo tenant."""
    say("preparing the database")
    for arguments in (["migrate", "--verbosity", "0"], ["load_demo", "--simulator", "var/simulator.json"]):
        # In a session of its own, so that Ctrl-C ends it without a traceback.
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, env=environment, check=False, start_new_session=True)
        if done.returncode:
            say(f"manage.py {arguments[0]} failed; the reason stands above")
            return False
    return True


class Process(honcho.process.Process):
    """A honcho process that ends with this program, however that ends, also when it is killed."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        """Start the command and pass on its lines; runs in a process of its own."""
        _children.end_with_parent(signal.SIGKILL, self.parent)
        launcher = shlex.quote(str(Path(_children.__file__)))
        self.cmd = f"exec {PYTHON} {launcher} {os.getpid()} {self.cmd}"
        super().run(events, ignore_signals)

    parent = os.getpid()


class Heard:
    """honcho's queue of events, which also calls the manager between two events when a signal has arrived."""

    def __init__(self, events: Any, manager: Manager) -> None:
        self.events = events
        self.manager = manager

    def get(self, timeout: float) -> Any:
        """Like `get` of the queue; signals are handled here, in the loop, not in the signal handler."""
        self.manager.obey()
        return self.events.get(timeout=timeout)

    def put(self, message: Any) -> None:
        """Like `put` of the queue."""
        self.events.put(message)


class Manager(honcho.manager.Manager):
    """honcho's manager, which also prints the addresses and remembers which process stopped first.

    honcho prints and kills inside its signal handlers, which breaks a line that is just being written; these handlers
    only record the signal.
    """

    def __init__(self, port: int) -> None:
        super().__init__(Printer(Output()))
        self._process_ctor = Process
        self.port = port
        self.fallen = ""
        self.asked: int | None = None

    def terminate(self) -> None:
        """Ask all processes to stop; a process that stopped without being asked is remembered as the cause."""
        if not self._terminating:
            self.fallen = next((name for name, process in self._processes.items() if "returncode" in process), "")
            # honcho counts its time limit from the first process that stops; this one counts from now.
            timer = threading.Timer(honcho.manager.KILL_WAIT + 2, self.kill)
            timer.daemon = True
            timer.start()
        super().terminate()

    def obey(self) -> None:
        """Stop everything if a signal has asked for it."""
        number, self.asked = self.asked, None
        if number is not None and not self._terminating and self._all_started():
            self._system_print("stopping\n")
            self.returncode = 128 + number
            self.terminate()
        elif number is not None and not self._terminating:
            self.asked = number  # set once the last of them runs

    def _start(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._note)  # instead of the handlers that honcho's loop has just set
        super()._start()
        self.events = Heard(self.events, self)
        threading.Thread(target=self._announce, daemon=True).start()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = number

    def _announce(self) -> None:
        deadline = time.monotonic() + START_PATIENCE_SECONDS
        for path, port in (("/health/live", self.port), ("/", self.port + 1)):
            while not answers(port, path):
                if self._terminating:
                    return
                if time.monotonic() > deadline:
                    self._tell(f"port {port} does not answer as it should; the log above may say why")
                    return
                time.sleep(0.2)
        base = f"http://127.0.0.1:{self.port}"
        for line in (
            "ready; Ctrl-C stops everything",
            f"desk       {base}/",
            f"operators  {base}/admin/",
            f"phone      {base}/simulator/",
            f"health     {base}/health",
        ):
            self._tell(line)

    def _tell(self, line: str) -> None:
        self.events.put(Message("line", f"{line}\n", self._clock.now(), honcho.manager.SYSTEM_PRINTER_NAME, None))

    def _system_print(self, data: str) -> None:
        # Signals and process ids mean nothing to somebody who pressed Ctrl-C.
        if "sending" not in data:
            super()._system_print(data)


class Output:
    """Standard output that may be closed: a closed terminal must not leave the processes running."""

    def isatty(self) -> bool:
        """Return whether colours make sense."""
        return sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def write(self, text: str) -> int:
        """Write the text; drop it when nobody can read it any more."""
        try:
            return sys.stdout.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        """Flush, under the same condition."""
        try:
            sys.stdout.flush()
        except OSError:
            return


def answers(port: int, path: str) -> bool:
    """Return whether a server answers on the port, and not with a 5xx."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        link.request("GET", path)
        return link.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def why_not(port: int) -> str:
    """Return why the port cannot be used, "" when it can."""
    with socket.socket() as probe:
        # A port whose last owner has just ended is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OverflowError:
            return "does not exist"
        except OSError as error:
            return (
                "is taken by another program"
                if error.errno == errno.EADDRINUSE
                else f"cannot be used ({error.strerror})"
            )
    return ""


def remedy(number: int, port: int) -> str:
    """Return how to free the port: end what an earlier run has left, or choose another one."""
    other = f"Set another one: PORT={port + 100} bin/dev"
    holder = _children.holder_of(number)
    if holder is None:
        return other
    pid, command, folder = holder
    if folder == str(_desk.ROOT):
        return f"An earlier run of this checkout holds it: process {pid} ({command[:80]}). End it: kill {pid}"
    return f"Process {pid} holds it ({command[:80]}). {other}"


def say(text: str) -> None:
    """Print a line for the person at the terminal."""
    print(f"frontdesk: {text}", flush=True)


def leave(number: int, frame: FrameType | None) -> Any:
    """Stop before the processes run; nothing is open yet."""
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    sys.exit(main())
