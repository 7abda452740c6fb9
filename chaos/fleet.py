"""The product's processes: started as an operator starts them, killed and frozen as fate does; their output is kept."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.support.desk import COMMANDS, ROOT
from tests.support.throwaway import children_of, is_running

QUEUES = "inbound,assistant,outbound,bulk,clock"
WORKER = [
    *("-m", "celery", "--quiet", "-A", "config", "worker", "-P", "threads", "-c", "6", "-Q", QUEUES),
    *("--without-gossip", "--without-mingle"),
]
PIPE_BYTES = 8192  # small, so that a log that nobody reads is full soon
PROGRAMS = {**COMMANDS, "worker": WORKER}


class Program:
    """One process with its children; its output goes through a pipe into a file, so that the pipe can be blocked."""

    def __init__(self, name: str, folder: Path, environment: dict[str, str]) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self.environment = environment
        self.reads = threading.Event()  # cleared: nobody reads what it writes
        self.reads.set()
        self.stays_down = False  # nobody starts it again yet
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def role(self) -> str:
        """web, worker, beat or up."""
        return self.name.rstrip("0123456789")

    @property
    def pids(self) -> list[int]:
        """The process and its children, while they run."""
        if self.process is None:
            return []
        pid = self.process.pid
        return [number for number in (pid, *children_of(pid)) if is_running(number)]

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    @property
    def is_clogged(self) -> bool:
        """Whether its output fills the pipe, so that the next write waits."""
        if self.process is None or self.process.stdout is None or self.process.poll() is not None:
            return False
        waiting = fcntl.ioctl(self.process.stdout.fileno(), termios.FIONREAD, b"\0\0\0\0")
        return int.from_bytes(waiting, sys.byteorder) >= PIPE_BYTES // 2

    def start(self, **more: str) -> None:
        """Start it, in a session of its own."""
        self.process = subprocess.Popen(
            [sys.executable, *PROGRAMS[self.role]],
            cwd=ROOT,
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pipesize=PIPE_BYTES,
        )
        threading.Thread(target=self._pump, args=(self.process,), daemon=True, name=f"log-{self.name}").start()

    def signal(self, number: int) -> None:
        """Send a signal to the process and all its children."""
        for pid in self.pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """kill -9, children too."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def terminate(self, patience: float) -> tuple[int | None, float]:
        """SIGTERM to the process itself; its exit code (None: it did not end in time) and the seconds it took."""
        assert self.process is not None
        started = time.monotonic()
        with suppress(ProcessLookupError):
            self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        return self.process.poll(), time.monotonic() - started

    def memory(self) -> float:
        """Resident megabytes, children too."""
        total = 0.0
        for pid in self.pids:
            with suppress(OSError):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                total += next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
        return total

    def _pump(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with self.log.open("ab") as log:
            while data := process.stdout.read1(65_536):  # type: ignore[attr-defined]  # it is buffered
                log.write(data)
                log.flush()
                self.reads.wait()


class Fleet:
    """All processes by name."""

    def __init__(self) -> None:
        self.programs: dict[str, Program] = {}
        self._lock = threading.Lock()

    def add(self, name: str, folder: Path, environment: dict[str, str]) -> Program:
        """Make a program; it is not started yet."""
        self.programs[name] = program = Program(name, folder, environment)
        return program

    def __getitem__(self, name: str) -> Program:
        return self.programs[name]

    def of(self, role: str) -> list[Program]:
        """The programs of a role."""
        return [program for program in self.programs.values() if program.role == role]

    def start_missing(self) -> list[str]:
        """Start what does not run, as a supervisor does; returns the names."""
        with self._lock:
            missing = [program for program in list(self.programs.values()) if not (program.runs or program.stays_down)]
            for program in missing:
                program.start()
        return [program.name for program in missing]

    def stop(self) -> None:
        """End all, gently first."""
        for program in self.programs.values():
            program.reads.set()
            if program.runs:
                program.signal(signal.SIGCONT)
                program.signal(signal.SIGTERM)
        for program in self.programs.values():
            if program.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    program.process.wait(8)
                program.kill()
