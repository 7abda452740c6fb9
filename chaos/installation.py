"""A whole installation for one run: servers, fault proxies, two web processes, two workers, beat, simulator."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaos.database import Database
from chaos.fleet import Fleet
from chaos.proxy import FaultProxy
from tests.simulator.process import Sim, running_simulator
from tests.support.desk import ROOT
from tests.support.migrated import postgres_data, sqlite_file
from tests.support.ports import free_port
from tests.support.servers import start_postgres, start_redis
from tests.support.throwaway import Server

# A killed PostgreSQL must not forget what it has committed; the machine itself does not crash here.
DURABLE = {"synchronous_commit": "on", "full_page_writes": "on", "max_connections": "150", "deadlock_timeout": "1s"}
# The test profile: what takes a minute in production takes seconds here, times the slowness of the machine.
SCALED = {"LEASE_SECONDS": 6, "SEND_TIMEOUT_SECONDS": 2, "UNCERTAIN_SECONDS": 6, "LLM_TIMEOUT": 5}
TIMINGS = {
    "SWEEP_SECONDS": "1",
    "RELAY_SECONDS": "0.3",
    "BURST_WAIT_SECONDS": "0.3",
    "BURST_FRAGMENT_SECONDS": "0.3",
}
APPROVAL_PACE = (3, 1.0)  # prompts at once, and how many more each second
MODEL_LEASE_SECONDS = 10.0  # LLM_TIMEOUT and 5; less than that times the slowness
WIRES = ("meta", "evolution", "twilio")
# Web processes, and the others. The small one is enough to show that a build is broken, and starts sooner.
ROLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "whole": (("web1", "web2"), ("worker1", "worker2", "beat")),
    "small": (("web1",), ("worker1", "beat")),
    "embedded": (("up",), ()),
}
TENANTS = ("clinic", "salon", "studio")
START_SECONDS = 90
LOOK_SECONDS, LOOK_SHARE, LONGEST_PAUSE = 0.05, 4.0, 1.0


@dataclass(frozen=True)
class Line:
    """A channel of a run."""

    tenant: str
    provider: str
    external_id: str
    pace: float = 50.0

    @property
    def model(self) -> str:
        """Each business has a model of its own, so that a fault of one model is a fault of one business."""
        return f"model-{self.tenant}"


class Installation:
    """Everything that runs, and the handles to hurt it."""

    def __init__(self, folder: Path, sim: Sim, database: Database, slowness: float = 1.0) -> None:
        self.folder = folder
        self.slowness = slowness  # of this machine, from 1 on: what every time is multiplied by
        self.sim = sim
        self.database = database
        self.fleet = Fleet()
        self.environment: dict[str, str] = {}
        self.postgres: Server | None = None
        self.redis: Server | None = None
        self.proxies: dict[str, FaultProxy] = {}
        self.lines: list[Line] = []

    @property
    def is_embedded(self) -> bool:
        """SQLite and one process, without Redis."""
        return self.postgres is None

    @property
    def pg(self) -> Server:
        """PostgreSQL itself."""
        assert self.postgres is not None
        return self.postgres

    @property
    def broker(self) -> Server:
        """Redis itself."""
        assert self.redis is not None
        return self.redis

    @property
    def config(self) -> dict[str, Any]:
        """What the simulator was told, secrets included."""
        page: dict[str, Any] = json.loads((self.folder / "simulator.json").read_text())
        return page

    def manage(self, *arguments: str, **more: str) -> str:
        """Run a management command and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=180 * self.slowness,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed: {(done.stdout + done.stderr)[-1500:]}")
        return done.stdout

    def inside(self, code: str, **more: str) -> str:
        """Run lines of Python inside the product."""
        return self.manage("shell", "--no-imports", "-c", code, **more)

    def set_up(self, lines: Sequence[Line]) -> None:
        """Businesses and channels; then all processes, until they answer and work."""
        self.lines = list(lines)
        plan, target = self.folder / "plan.json", self.folder / "simulator.json"
        plan.write_text(json.dumps([vars(line) | {"model": line.model} for line in lines]))
        self.inside(
            f"from chaos.business import set_up; set_up({str(plan)!r}, {str(target)!r})",
            SABOTAGE="",
        )
        if self.environment["SABOTAGE"] == "check_then_insert":
            self.database.write("DROP INDEX one_message_per_external_id")
        self.sim.set_config(self.config)
        self.fleet.start_missing()


def _proxied(stack: ExitStack, made: Installation, name: str, *upstreams: Any) -> FaultProxy:
    made.proxies[name] = proxy = FaultProxy(*upstreams).start()
    stack.callback(proxy.stop)
    return proxy


@contextmanager
def installation(size: str, *, slowness: float = 1.0, sabotage: str = "") -> Iterator[Installation]:
    """An installation that is not set up yet; whatever runs ends with the block. `size` is a key of ROLES."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="frontdesk-chaos-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        seconds = START_SECONDS * slowness
        sim = stack.enter_context(running_simulator({"product_url": "", "channels": []}, seconds=seconds))
        made = Installation(folder, sim, Database(f"sqlite:///{folder}/desk.sqlite3"), slowness)
        given = {"DATABASE_URL": f"sqlite:///{folder}/desk.sqlite3"}
        if size == "embedded":
            shutil.copy(sqlite_file(), folder / "desk.sqlite3")
        else:
            given = _servers(stack, made)
        web, rest = ROLES[size]
        ports = {name: free_port() for name in web}
        front = _proxied(stack, made, "front", *(("127.0.0.1", port) for port in ports.values()))
        outside = _proxied(stack, made, "provider", ("127.0.0.1", int(sim.url.rpartition(":")[2])))
        made.environment = _environment(folder, front.port, outside.port) | timings(slowness) | given
        made.environment["SABOTAGE"] = sabotage
        for name, port in ports.items():
            made.fleet.add(name, folder, made.environment | {"PORT": str(port), "METRICS_DIR": f"{folder}/{name}"})
        for name in rest:
            made.fleet.add(name, folder, made.environment | {"METRICS_DIR": f"{folder}/{name}"})
        stack.callback(made.fleet.stop)
        yield made


def _servers(stack: ExitStack, made: Installation) -> dict[str, str]:
    made.postgres = stack.enter_context(start_postgres(options=DURABLE, data=postgres_data()))
    made.redis = stack.enter_context(start_redis())
    made.database = Database(made.postgres.url)
    socket = f"{made.postgres.url.partition('host=')[2]}/.s.PGSQL.5432"
    head, _, port = made.redis.url.removesuffix("/0").rpartition(":")
    database = _proxied(stack, made, "database", socket)
    broker = _proxied(stack, made, "broker", ("127.0.0.1", int(port)))
    return {
        "DATABASE_URL": f"postgres://postgres:@127.0.0.1:{database.port}/frontdesk",
        "REDIS_URL": f"{head}:{broker.port}/0",
    }


def _environment(folder: Path, front: int, outside: int) -> dict[str, str]:
    world = f"http://127.0.0.1:{outside}"
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "APP_ENV": "development",
        "PUBLIC_URL": f"http://127.0.0.1:{front}",
        "FIELD_ENCRYPTION_KEYS": "Y2hhb3Mtb25seS1rZXktb2YtZnJvbnRkZXNrLTEyMzQ=",
        "MEDIA_ROOT": str(folder / "media"),
        "METRICS_DIR": str(folder / "metrics"),
        "OUTBOUND_REPLY_ENABLED": "true",
        "LLM_PROVIDER": "openai",
        "OPENAI_API_KEY": "sk-chaos",
        "OPENAI_BASE_URL": f"{world}/openai/v1",
        "META_GRAPH_URL": f"{world}/meta",
        "EVOLUTION_SERVER_URL": f"{world}/evolution",
        "TWILIO_API_URL": f"{world}/twilio",
        "TWILIO_MESSAGING_URL": f"{world}/twilio",
        "TWILIO_CONTENT_URL": f"{world}/twilio",
        "SIMULATOR_URL": world,
        "OUTBOUND_ALLOWED_HOSTS": "127.0.0.1",
        "CORE_DECISION_WEBHOOK": f"{world}/core/decisions",
        "WEBHOOK_SIGNING_SECRET": "6368616f732d6f6e6c792d7369676e696e672d7365637265742d303132333435",
        "WA_BUCKET_CAPACITY": str(APPROVAL_PACE[0]),
        "WA_BUCKET_REFILL_PER_MIN": str(APPROVAL_PACE[1] * 60),
        "MIN_SPACING_SEC": "0",
        "LOG_FORMAT": "json",
        "WEB_CONCURRENCY": "1",
        "WEB_THREADS": "12",
        "PYTHONUNBUFFERED": "1",
        "MALLOC_ARENA_MAX": "2",  # as in the Dockerfile
    }


def timings(slowness: float) -> dict[str, str]:
    """The product's times on a machine so slow: no lease ends in the middle of honest work."""
    return TIMINGS | {name: f"{seconds * slowness:g}" for name, seconds in SCALED.items()}


def until(condition: Callable[[], Any], *, seconds: float, what: str) -> Any:
    """Wait for something to become true and return it; raises TimeoutError that says what did not come.

    Looks cost time that the product lacks on a slow machine: at most a fifth of the wait is spent on them. One that
    takes seconds waits for an answer itself, and is soon repeated.
    """
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        if found := condition():
            return found
        now = time.monotonic()
        if now > deadline:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(min(max(LOOK_SECONDS, LOOK_SHARE * (now - began)), LONGEST_PAUSE))
