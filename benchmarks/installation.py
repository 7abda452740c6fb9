"""A whole installation for one measurement: database, broker, the product's real processes and the simulator."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks import load
from benchmarks.demo import demo_database, ports
from benchmarks.environment import environment_of
from tests.simulator.process import Sim, running_simulator
from tests.support.servers import start_redis
from tests.support.speed import measured

ROOT = Path(__file__).resolve().parents[1]
QUEUES = "inbound,assistant,outbound,bulk,clock"
# Workers are not recycled: the end of one would cut connections in the middle of a run.
GUNICORN = ["-m", "gunicorn", "-c", "config/gunicorn.py", "--log-level", "warning", "--max-requests", "0"]
WORKER = [
    *("-m", "celery", "--quiet", "-A", "config", "worker", "-P", "threads", "-c", "8", "-Q", QUEUES),
    *("--without-gossip", "--without-mingle"),
]
COMMANDS = {
    "desk": ["manage.py", "up"],
    "web": [*GUNICORN, "config.wsgi"],
    "worker": WORKER,
    "worker2": [*WORKER, "-n", "second@%h"],
    "celery": [
        *("-m", "celery", "--quiet", "-A", "benchmarks.peers.celery_app", "worker", "-P", "threads", "-c", "8"),
        *("-Q", "bare", "--without-gossip", "--without-mingle"),
    ],
    "beat": ["-m", "celery", "--quiet", "-A", "config", "beat"],
    "bare": [*GUNICORN, "benchmarks.bare.wsgi"],
}
# Unlike in the tests a commit is on the disk before it is answered, as in production.
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
START_SECONDS, LONG = 60, 180


class Installation:
    """The demo business in a folder of its own; processes are started by name."""

    def __init__(self, folder: Path, port: int, environment: dict[str, str]) -> None:
        self.folder = folder
        self.port = port
        self.environment = environment
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.simulator: Sim | None = None
        self.channel: dict[str, Any] = {}  # of Meta, with its secrets

    @property
    def sim(self) -> Sim:
        """The outside world, once `with_simulator` was asked for."""
        assert self.simulator is not None
        return self.simulator

    def manage(self, *arguments: str) -> str:
        """Run a management command; returns what it says."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONG * measured(),
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed: {(done.stdout + done.stderr)[-800:]}")
        return done.stdout

    @property
    def config(self) -> dict[str, Any]:
        """What the simulator is told."""
        page: dict[str, Any] = json.loads((self.folder / "simulator.json").read_text())
        return page

    def start(self, name: str, *, port: int = 0, **settings: str) -> None:
        """Start one of the product's processes."""
        self.run(name, [sys.executable, *COMMANDS[name]], **settings, **({"PORT": str(port)} if port else {}))

    def run(self, name: str, command: list[str], **settings: str) -> None:
        """Start a process in a session of its own; its log goes to a file."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=ROOT,
                env=self.environment | settings,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self, name: str) -> None:
        """End a process and all that it started."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_until_ready(self, *, workers: bool) -> None:
        """Wait for the web process and, when asked, for a worker's heartbeat."""
        until(lambda: self.get("/health/live") is not None)
        if workers:
            until(lambda: (self.get("/health") or {}).get("checks", {}).get("workers", {}).get("status") == "ok")

    def get(self, path: str) -> dict[str, Any] | None:
        """A JSON page; None while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                page = json.loads(answer.read() or b"{}")
                return page if isinstance(page, dict) else {}
        except urllib.error.HTTPError as error:
            return json.loads(error.read() or b"{}") if error.code == 503 and path == "/health" else None
        except (OSError, ValueError):
            return None

    def message(self, *, person: str, message_id: str, text: str, user_id: str = "") -> str:
        """A customer's message as Meta posts it, signed, ready for the load client."""
        content = _message(person, message_id, text)
        if user_id:  # the newer bodies name the person by this too
            content["contacts"][0]["user_id"] = content["messages"][0]["from_user_id"] = user_id
        return self._signed(content)

    def status(self, external_id: str, person: str, status: str) -> str:
        """A status of one of our messages as Meta posts it, signed."""
        now = str(int(time.time()))
        told = {"id": external_id, "status": status, "timestamp": now, "recipient_id": person}
        return self._signed({"statuses": [told]})

    def cpu_seconds(self, name: str) -> float:
        """The processor time that a program and its children have used."""
        ticks = 0
        for pid in self.processes()[name]:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _signed(self, content: dict[str, Any]) -> str:
        body = json.dumps(_body(self.channel["external_id"], content)).encode()
        proof = hmac.new(self.channel["credentials"]["app_secret"].encode(), body, hashlib.sha256).hexdigest()
        return load.request(
            path=f"/webhooks/meta/{self.channel['token']}",
            body=body,
            headers={"X-Hub-Signature-256": f"sha256={proof}", "User-Agent": "facebookexternalua"},
        )

    def processes(self) -> dict[str, list[int]]:
        """The process ids of each started program, with its children."""
        sessions = {process.pid: name for name, process in self.running.items()}
        found: dict[str, list[int]] = {name: [] for name in self.running}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdecimal():
                continue
            try:
                session = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[3])
            except OSError:
                continue
            if session in sessions:
                found[sessions[session]].append(int(folder.name))
        return found


def _message(person: str, message_id: str, text: str) -> dict[str, Any]:
    message = {
        "from": person,
        "id": f"wamid.HBgLMTU1NTAxMDAxMTEVAgASGBQz{message_id}=",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": text},
    }
    return {"contacts": [{"profile": {"name": "Ana Tavares"}, "wa_id": person}], "messages": [message]}


def _body(number_id: str, content: dict[str, Any]) -> dict[str, Any]:
    metadata = {"display_phone_number": "15550100100", "phone_number_id": number_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, **content}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}],
    }


@contextmanager
def installation(*, servers: bool, with_simulator: bool = True, **settings: str) -> Iterator[Installation]:
    """The demo business on PostgreSQL and Redis of its own, or embedded on SQLite; all ends with the block."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="frontdesk-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        database = stack.enter_context(demo_database(folder, postgres=DURABLE if servers else None))
        given = {"DATABASE_URL": database}
        if servers:
            given["REDIS_URL"] = stack.enter_context(start_redis()).url
        (port, outside_port), outside = ports(), ""
        simulator: Sim | None = None
        if with_simulator:
            nothing = {"product_url": "", "channels": []}
            simulator = stack.enter_context(running_simulator(nothing, seconds=30 * measured(), port=outside_port))
            simulator.statuses("none")
            outside = simulator.url
        made = Installation(folder, port, environment_of(folder, port, outside, given) | settings)
        made.simulator = simulator
        made.channel = next(channel for channel in made.config["channels"] if channel["provider"] == "meta")
        if simulator is not None:
            simulator.set_config(made.config)
        try:
            yield made
        finally:
            for name in list(made.running):
                made.stop(name)


def until(condition: Callable[[], Any], *, seconds: float = START_SECONDS, every: float = 0.1) -> Any:
    """Wait for something to become true and return it; `seconds` are those of a quiet machine."""
    seconds *= measured()
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise RuntimeError(f"it did not happen within {seconds:g} s")
        time.sleep(every)
    return found
