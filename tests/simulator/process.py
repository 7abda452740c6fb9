"""The simulator as a test fixture: its own process on a free port, told what to do over HTTP."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


class Sim:
    """A running simulator; every verb of its control API is a method."""

    def __init__(self, url: str, config_path: Path) -> None:
        self.url = url
        self.config_path = config_path
        self.http = httpx2.Client(base_url=url, timeout=60, trust_env=False)

    def set_config(self, config: dict[str, Any]) -> None:
        """Rewrite the config file; the simulator reads it with its next request."""
        fresh = self.config_path.with_suffix(".new")
        fresh.write_text(json.dumps(config))
        fresh.replace(self.config_path)

    def post(self, verb: str, **data: Any) -> dict[str, Any]:
        """Call a verb of the control API; a refusal raises ValueError with its sentence."""
        response = self.http.post(f"/simulator/api/{verb}", json=data)
        answer: dict[str, Any] = response.json()
        if response.status_code != 200:
            raise ValueError(answer.get("error", response.text))
        return answer

    def get(self, verb: str, **query: Any) -> Any:
        """Read from the control API; None for 204."""
        response = self.http.get(f"/simulator/api/{verb}", params=query)
        response.raise_for_status()
        return response.json() if response.status_code == 200 else None

    def say(self, channel: str, text: str = "", *, person: str = "+15550100111", **more: Any) -> dict[str, Any]:
        """A customer writes; answers {id, status, body} of the product."""
        return self.post("say", channel=channel, person=person, text=text, **more)

    def owner(self, channel: str, text: str = "", *, person: str = "+15550100111", **more: Any) -> dict[str, Any]:
        """The owner writes in that person's chat, from their own phone."""
        return self.post("owner", channel=channel, person=person, text=text, **more)

    def raw(self, channel: str, body: Any = None, **more: Any) -> dict[str, Any]:
        """Sign and post any body; form=, repeat=, sign=, path= as the control API takes them."""
        return self.post("raw", channel=channel, **({} if body is None else {"body": body}), **more)

    def fail(self, service: str, mode: str, **more: Any) -> int:
        """Make a service fail; returns the rule's id."""
        return int(self.post("fail", service=service, mode=mode, **more)["id"])

    def script(self, provider: str, *answers: Any) -> int:
        """Queue answers of a fake model or of n8n."""
        return int(self.post("script", provider=provider, answers=list(answers))["waiting"])

    def statuses(self, mode: str, delay_seconds: float = 0.02) -> None:
        """Choose how statuses come back: all, none, reversed or manual."""
        self.post("statuses", mode=mode, delay_seconds=delay_seconds)

    def status(self, channel: str, message_id: str, status: str, error: str = "") -> dict[str, Any]:
        """Post one status by hand."""
        return self.post("status", channel=channel, message_id=message_id, status=status, error=error)

    def repeats(self, times: int | None, delay_seconds: float = 0.5) -> None:
        """How often webhooks are posted again."""
        self.post("repeats", times=times, delay_seconds=delay_seconds)

    def account(self, own: str, *reached_by: str) -> None:
        """Register a WhatsApp account whose own id is not the number that people dial."""
        self.post("account", id=own, reached_by=list(reached_by))

    def record(self, service: str = "", *, since: int = 0, to: str = "", direction: str = "") -> list[dict[str, Any]]:
        """What the simulator was sent ("in") and what it posted ("out")."""
        found: list[dict[str, Any]] = self.get("record", service=service, since=since, to=to, direction=direction)[
            "records"
        ]
        return found

    def sends(self, service: str = "", *, to: str = "") -> list[dict[str, Any]]:
        """The messages a service accepted, without lookups, read marks and the like."""
        kinds = {"read", "typing", "presence", "upload", "media_lookup", "media_download", ""}
        return [r for r in self.record(service, to=to, direction="in") if r["accepted"] and r["kind"] not in kinds]

    def conversation(self, channel: str, person: str = "+15550100111") -> list[dict[str, Any]]:
        """One chat, as the phone shows it."""
        messages: list[dict[str, Any]] = self.get("conversation", channel=channel, person=person)["messages"]
        return messages

    def wait(self, found: Callable[[], Any], seconds: float = 60.0) -> Any:
        """Ask until the answer is truthy; raises AssertionError when time is up, which a slow machine does not need."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if answer := found():
                return answer
            time.sleep(0.02)
        raise AssertionError(f"nothing within {seconds} s; records: {self.record()[-20:]}")

    def reset(self) -> None:
        """Forget rules, records, scripts and chats."""
        self.post("reset")


@contextmanager
def running_simulator(config: dict[str, Any], *, seconds: float = START_SECONDS, port: int = 0) -> Iterator[Sim]:
    """Start the simulator on a port, or a free one, wait until it answers, stop it at the end."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "simulator.json"
        port = port or free_port()
        sim = Sim(f"http://127.0.0.1:{port}", path)
        sim.set_config(config)
        process = start(port, path)
        try:
            _wait_until_up(sim, process, seconds)
            yield sim
        finally:
            stop(process)
            sim.http.close()


def start(port: int, config: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start the process; its settings are its own, whatever the tests run under."""
    own = {key: value for key, value in os.environ.items() if key not in ("DJANGO_SETTINGS_MODULE", "APP_ENV")}
    command = [sys.executable, "-m", "simulator", "--port", str(port), "--config", str(config)]
    return subprocess.Popen(command, cwd=ROOT, env=own | environment)


def stop(process: subprocess.Popen[bytes]) -> int:
    """Stop the process the clean way."""
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _wait_until_up(sim: Sim, process: subprocess.Popen[bytes], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            sim.http.get("/simulator/api/channels")
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"the simulator did not start (exit code {process.poll()})")
