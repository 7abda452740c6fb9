"""Processes that end together with their parent, and finding the process that holds a port. Linux only.

Elsewhere no effect.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
LISTEN = "0A"  # the state of a listening socket in /proc/net/tcp


def end_with_parent(number: int, parent: int) -> None:
    """Ask the kernel to send signal `number` to this process when its parent, with the id `parent`, ends."""
    if not sys.platform.startswith("linux"):
        return
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:  # it ended just before this call
        os.kill(os.getpid(), number)


def holder_of(port: int) -> tuple[int, str, str] | None:
    """Return (id, command line, folder) of the process that listens on a port; None when it cannot be found."""
    sockets = {f"socket:[{inode}]" for inode in _listening(port)}
    for process in Path("/proc").glob("[0-9]*") if sockets else ():
        with suppress(OSError):
            if any(_target(file) in sockets for file in (process / "fd").iterdir()):
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
                return int(process.name), words, str((process / "cwd").readlink())
    return None


def _listening(port: int) -> set[str]:
    found: set[str] = set()
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(fields[9])
    return found


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except OSError:
        return ""


if __name__ == "__main__":
    # `python bin/_children.py PARENT PROGRAM ...`: become the program, and end when the parent does.
    end_with_parent(signal.SIGTERM, int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
