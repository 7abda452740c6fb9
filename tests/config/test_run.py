"""`bin/dev` ends cleanly whenever it is told to, takes its children with it, and says who holds a port."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.ports import free_port
from tests.support.throwaway import is_running

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60
# bin/dev's own manager, with processes that write without end in place of the desk.
PROGRAM = """
import sys
sys.path.insert(0, "bin")
import _run
manager = _run.Manager(int(sys.argv[1]))
busy = "while True: print('x' * 200, flush=True)"
for name in ("one", "two"):
    manager.add_process(name, f"{_run.PYTHON} -c \\"{busy}\\"")
_run.signal.signal(_run.signal.SIGTERM, _run.leave)
manager.loop()
_run.say("stopped")
"""


def until(condition):
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def descendants(pid):
    found = [int(line) for line in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [one for child in found for one in descendants(child)]


@pytest.fixture
def running(tmp_path):
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(free_port())], cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        until(lambda: log.read_text().count("xxx") > 1000)
        yield process, log, descendants(process.pid)
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_the_middle_of_a_line_ends_everything_cleanly(running, number):
    process, log, children = running

    process.send_signal(number)

    assert process.wait(PATIENCE) == 0
    assert "Traceback" not in log.read_text()
    assert log.read_text().endswith("frontdesk: stopped\n")
    assert len(children) >= 4
    until(lambda: not any(map(is_running, children)))


def test_children_end_with_a_parent_that_is_killed(running):
    process, _, children = running

    process.kill()
    process.wait()

    until(lambda: not any(map(is_running, children)))


def run(port, cwd=ROOT):
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "PORT": str(port)}
    return subprocess.run(
        [sys.executable, "bin/_run.py"], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def test_a_port_held_by_an_earlier_run_is_named_with_its_process(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        # This very test runs in the checkout: it looks like what an earlier run has left.
        os.chdir(ROOT)
        done = run(port)

    assert done.returncode == 1
    assert f"port {port} is taken by another program. An earlier run of this checkout holds it" in done.stdout
    assert f"kill {os.getpid()}" in done.stdout


def test_a_port_held_by_another_program_is_named_too(tmp_path):
    program = (
        "import socket, time; s = socket.create_server(('127.0.0.1', 0));"
        "print(s.getsockname()[1], flush=True); time.sleep(600)"
    )
    stranger = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    try:
        port = int(stranger.stdout.readline())
        done = run(port)
    finally:
        stranger.kill()
        stranger.wait()

    assert f"Process {stranger.pid} holds it" in done.stdout
    assert f"Set another one: PORT={port + 100} bin/dev" in done.stdout


def test_no_process_but_a_worker_loads_the_clients_of_models():
    code = """
import sys
import django
django.setup()
from django.core.management import call_command
call_command("check")
import config.urls
print([name for name in ("openai", "anthropic", "pydantic_ai", "httpx") if name in sys.modules])
"""
    environment = {"PATH": os.environ["PATH"], "APP_ENV": "test", "DJANGO_SETTINGS_MODULE": "config.settings"}

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "[]"
