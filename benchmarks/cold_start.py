"""From `bin/dev` in a fresh copy of the files to the first answer on the simulated phone."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.installation import until
from benchmarks.report import ROOT, Figure, Options, best_of, say
from tests.support.ports import free_port

NAME = "cold-start"
LINE = "106540352242922"  # the demo's line of Meta
PERSON = "+15550100111"


def measure(options: Options) -> Iterator[Figure]:
    """With the packages installed; with `--with-install` also with the install, from a warm package cache."""
    if options.with_install:
        say("cold-start: with the install")
        yield Figure(
            bench=NAME,
            name="install (warm package cache), start, first answer",
            unit="s",
            at_most=options.bound(60),
            **best_of([_once(install=True) for _ in range(1 if options.quick else 2)], smallest=True),
        )
    runs, rounds = [], options.rounds if options.full else 1  # each installs the packages first, which is not timed
    for number in range(rounds):
        say(f"cold-start: round {number + 1} of {rounds}")
        runs.append(_once(install=False))
    yield Figure(
        bench=NAME,
        name="start (packages installed), first answer",
        unit="s",
        at_most=options.bound(60),
        note="with the demo's wait of 1.5 s for more of a burst",
        **best_of(runs, smallest=True),
    )


def _once(*, install: bool) -> float:
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-cold-"))
    try:
        copy = folder / "frontdesk"
        _copy(copy)
        if not install:
            # By its own script, so that it is stamped for this folder; not timed.
            subprocess.run(["bin/_env", "run"], cwd=copy, check=True, capture_output=True)
        return _first_answer(copy)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(target: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def _first_answer(copy: Path) -> float:
    port = free_port(with_next=True)
    # Nothing of the caller's settings, only what installing needs.
    kept = ("PATH", "HOME", "LANG", "XDG_CACHE_HOME", "PIP_", "UV_", "SSL_", "HTTP", "http", "NO_PROXY", "no_proxy")
    environment = {name: value for name, value in os.environ.items() if name.startswith(kept)} | {"PORT": str(port)}
    started = time.perf_counter()
    with (copy / "log").open("wb") as log:
        process = subprocess.Popen(
            ["bin/dev"], cwd=copy, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    api = f"http://127.0.0.1:{port + 1}/simulator/api"
    try:
        until(lambda: _said(api, process, copy), seconds=240, every=0.2)
        until(lambda: _answered(api), seconds=30, every=0.05)
        return time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _said(api: str, process: subprocess.Popen[bytes], copy: Path) -> bool:
    """Whether the desk took a customer's question."""
    if process.poll() is not None:
        raise RuntimeError(f"bin/dev ended: {(copy / 'log').read_text()[-800:]}")
    body = json.dumps({"channel": LINE, "person": PERSON, "text": "What are your opening hours?"}).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{api}/say", body), timeout=5) as answer:
            return bool(json.load(answer)["status"] == 200)
    except (OSError, ValueError):
        return False


def _answered(api: str) -> bool:
    url = f"{api}/record?service=meta&direction=in&to=%2B{PERSON[1:]}"
    with urllib.request.urlopen(url, timeout=5) as answer:
        records: list[dict[str, Any]] = json.load(answer)["records"]
    return any(record["accepted"] and record["kind"] == "text" for record in records)
