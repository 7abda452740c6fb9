"""The large business, made once and kept in `var/bench`: 100,000 sessions, 2,000,000 messages.

A change of the migrations or of what fills it makes it anew. A measurement works on a copy.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.environment import environment_of
from benchmarks.report import ROOT, say
from tests.support import kept
from tests.support.servers import copy_of_data, start_postgres

KEPT = ROOT / "var" / "bench"
# What decides how the rows look.
SOURCES = ("*/migrations/*.py", "config/demo*.py", "messaging/queries/word_index.py")
FILLING = {"max_wal_size": "4GB", "shared_buffers": "256MB", "maintenance_work_mem": "256MB", "autovacuum": "off"}
# As a small server has it: less than the data, so that what is read counts.
SERVING = {"shared_buffers": "256MB", "random_page_cost": "1.1"}


@contextmanager
def large(kind: str) -> Iterator[dict[str, str]]:
    """The settings of an installation on a cold copy of the large business; `kind` is postgresql or sqlite."""
    made = keep(kind)
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            shutil.copy(made, folder / "desk.sqlite3")
            forget(folder)
            yield _settings(folder, f"sqlite:///{folder}/desk.sqlite3")
            return
        with start_postgres(options=SERVING, data=made) as server:
            forget(Path(server.url.partition("host=")[2]) / "data")
            yield _settings(folder, server.url)


def keep(kind: str) -> Path:
    """Where the large business is kept; it is made when it is not there."""

    def make(draft: Path) -> None:
        say(f"making the large business on {kind}, once: about two minutes")
        _make_sqlite(draft) if kind == "sqlite" else _make_postgres(draft)

    return kept.keep(KEPT, f"large-{kind}", SOURCES, make)


def forget(folder: Path) -> None:
    """Have the system drop what it keeps of these files in memory: the next read is from the disk."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _make_sqlite(draft: Path) -> None:
    _fill(_settings(draft.parent, f"sqlite:///{draft}"))


def _make_postgres(draft: Path) -> None:
    with start_postgres(options=FILLING) as server:
        _fill(_settings(draft.parent, server.url))
        copy_of_data(server, draft)


def _fill(environment: dict[str, str]) -> None:
    # Not captured: the command draws how far it is.
    for arguments in (["migrate", "--verbosity", "0"], ["load_demo", "--scale", "large"]):
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, stdout=sys.stderr
        )


def _settings(folder: Path, database: str) -> dict[str, str]:
    return environment_of(folder, 8000, "", {"DATABASE_URL": database, "API_RATE": "1000000/min"})
