"""A server that lives as long as its test: kill it, freeze it, start it again; nothing of it is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any


class ServerError(RuntimeError):
    """A server that cannot be had here, with the reason."""


@dataclass(kw_only=True)
class Server:
    """A running server; leaving the `with` block stops it and removes its folder."""

    name: str
    version: str
    url: str
    pid: int
    stop: Callable[[], None]
    start: Callable[[], int]  # once more, after it was killed: PostgreSQL with its data, Redis empty; returns the pid

    def kill(self) -> None:
        """Kill it with all that it started and wait until they are gone, as a crash does."""
        doomed = [self.pid, *children_of(self.pid)]
        for pid in doomed:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        while any(map(is_running, doomed)):
            time.sleep(0.01)

    def start_again(self) -> None:
        """Start it anew under the same address."""
        self.pid = self.start()

    def freeze(self, number: int = signal.SIGSTOP) -> None:
        """Stop it where it stands, with all that it started; SIGCONT lets it go on."""
        for pid in (self.pid, *children_of(self.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def is_running(pid: int) -> bool:
    """Whether it runs: one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def run_program(command: list[str], **options: Any) -> str:
    """Run a program to its end and return what it says; raises ServerError when it fails."""
    # To a file, not a pipe: PostgreSQL's server inherits it, and a pipe would never end.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False, **options
        )
        output.seek(0)
        text = output.read().decode(errors="replace")
    if done.returncode:
        raise ServerError(f"{Path(command[0]).name} failed: {text.strip()[-600:]}")
    return text


def guard_of(pid: int, base: Path) -> subprocess.Popen[bytes]:
    """Start a shell that ends the server should this process be killed: its standard input closes then."""
    script = (
        'read -r _; kill -QUIT "$1" && for _ in 1 2 3 4 5 6 7 8 9 10; do'
        ' kill -0 "$1" || break; sleep 0.2; done; kill -KILL "$1"; rm -rf "$2"'
    )
    return subprocess.Popen(
        ["/bin/sh", "-c", script, "guard", str(pid), str(base)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath},
        start_new_session=True,
    )


def dismiss(guard: subprocess.Popen[bytes]) -> None:
    """End a guard that is not needed any more."""
    # Killed, not told: it must not signal a process id that by then belongs to somebody else.
    guard.kill()
    guard.wait()
    assert guard.stdin is not None
    guard.stdin.close()
