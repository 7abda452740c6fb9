"""The product's real processes, started as an operator starts them, on a database and a port of their own."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from cryptography.fernet import Fernet

from tests.support.migrated import sqlite_file
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 120  # a drain takes 30 at most, on a quiet machine
SECRET = "evolution-webhook-secret-01234567"
COMMANDS = {
    "up": ["manage.py", "up"],
    "web": ["-m", "gunicorn", "config.wsgi", "-c", "config/gunicorn.py"],
    "worker": [
        *("-m", "celery", "--quiet", "-A", "config", "worker", "-P", "threads", "-c", "4"),
        *("-Q", "inbound,assistant,outbound,bulk,clock", "--without-gossip", "--without-mingle"),
    ],
    "beat": ["-m", "celery", "--quiet", "-A", "config", "beat"],
}


class Desk:
    """One installation in a folder; its processes write one log each."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            "PATH": os.environ["PATH"],
            "APP_ENV": "development",
            "PORT": str(self.port),
            "DATABASE_URL": f"sqlite:///{folder}/desk.sqlite3",
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "METRICS_DIR": str(folder / "metrics"),
            "METRICS_TOKEN": "metrics-token-for-the-tests",
            "ANSWER_MAX_AGE_HOURS": "200000",
            "BURST_WAIT_SECONDS": "0",
            "BURST_FRAGMENT_SECONDS": "0",
            "WEB_CONCURRENCY": "2",
            "LEASE_SECONDS": "10",  # what is killed waits for its end; a slow machine's honest work stays within it
            "SWEEP_SECONDS": "1",
            "PYTHONUNBUFFERED": "1",
            **settings,
        }

    def manage(self, *arguments: str) -> str:
        """Run a command and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def set_up(self) -> None:
        """One tenant and one channel, in a database that is new or has its tables already."""
        if self.environment["DATABASE_URL"].startswith("sqlite"):
            shutil.copy(sqlite_file(), self.environment["DATABASE_URL"].removeprefix("sqlite:///"))
        credentials = ("server_url=http://127.0.0.1:9", "api_key=evolution-key", f"webhook_secret={SECRET}")
        channel = ["--tenant", "clinic", "--provider", "evolution", "--name", "line", "--external-id", "clinic-demo"]
        channel += [part for value in credentials for part in ("--credential", value)]
        # By one process: each takes a slow machine seconds to start.
        self.manage(
            *("shell", "--no-imports", "-c"),
            "from django.core.management import call_command\n"
            "call_command('setup_tenant', '--slug', 'clinic', '--name', 'Example Dental')\n"
            f"call_command('setup_channel', *{channel!r})",
        )

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """Start one process in a session of its own."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *COMMANDS[name]],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running[name] = process
        return process

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """Ask a process to end and return its exit code; raises TimeoutExpired when it does not in good time."""
        process = self.running.pop(name)
        process.send_signal(number)
        return process.wait(timeout=STOP_SECONDS)

    def kill(self, name: str) -> None:
        """Kill a process and all that it started, at once."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def left_over(self, process: subprocess.Popen[bytes]) -> list[int]:
        """Processes of its session that still run after it has ended."""
        found = []
        for folder in Path("/proc").iterdir():
            if folder.name.isdecimal():
                try:
                    session = (folder / "stat").read_text().rsplit(")", 1)[1].split()[3]
                except OSError:
                    continue
                if session == str(process.pid):
                    found.append(int(folder.name))
        return found

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Status and body of a page; (0, "") while nobody answers."""
        return self._ask(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers=headers))

    def post_message(self, body: Any, message_id: str) -> int:
        """Post one customer's message as Evolution does; returns the status."""
        body["data"]["key"]["id"] = message_id
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/webhook/clinic-demo",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Webhook-Secret": SECRET},
        )
        return self._ask(request)[0]

    def health(self) -> dict[str, Any]:
        """The health page; {} while nobody answers."""
        text = self.get("/health")[1]
        page: dict[str, Any] = json.loads(text) if text else {}
        return page

    def rows(self, sql: str) -> list[Any]:
        """Ask the database itself."""
        url = self.environment["DATABASE_URL"]
        if url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as link:
                return link.execute(sql).fetchall()
        with psycopg.connect(url, connect_timeout=30) as link:
            return link.execute(sql).fetchall()

    def log(self, name: str) -> list[str]:
        """The lines that a process has written."""
        return (self.folder / f"{name}.log").read_text().splitlines()

    def _ask(self, request: urllib.request.Request) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""


@contextmanager
def desk(folder: Path, **settings: str) -> Iterator[Desk]:
    """A set-up installation; whatever still runs at the end is killed."""
    made = Desk(folder, **settings)
    made.set_up()
    try:
        yield made
    finally:
        for name in list(made.running):
            made.kill(name)


def until(condition: Callable[[], Any], *, seconds: float = 180) -> Any:
    """Wait for something to become true and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found
