"""The large business, made once and kept in `var/bench`: 100,000 sessions, 2,000,000 messages.

What is kept carries the hash of all migrations and of what fills it, so a change of either makes it anew; what is old
is removed then. A measurement works on a copy.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.installation import environment_of
from benchmarks.report import ROOT, say
from tests.support.servers import postgres_program, start_postgres

KEPT = ROOT / "var" / "bench"
# What decides how the rows look.
SOURCES = ("*/migrations/*.py", "config/demo*.py")
FILLING = {"max_wal_size": "4GB", "shared_buffers": "256MB", "maintenance_work_mem": "256MB", "autovacuum": "off"}
# As a small server has it: less than the data, so that what is read counts.
SERVING = {"shared_buffers": "256MB", "random_page_cost": "1.1"}


@contextmanager
def large(kind: str) -> Iterator[dict[str, str]]:
    """The settings of an installation on a cold copy of the large business; `kind` is postgresql or sqlite."""
    kept = keep(kind)
    with tempfile.TemporaryDirectory(prefix="frontdesk-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            shutil.copy(kept, folder / "desk.sqlite3")
            forget(folder)
            yield _settings(folder, f"sqlite:///{folder}/desk.sqlite3")
            return
        with start_postgres(options=SERVING, data=kept) as server:
            forget(Path(server.url.partition("host=")[2]) / "data")
            yield _settings(folder, server.url)


def keep(kind: str) -> Path:
    """Where the large business is kept; it is made when it is not there."""
    KEPT.mkdir(parents=True, exist_ok=True)
    kept = KEPT / f"large-{state_of_sources()}.{kind}"
    if kept.exists():
        return kept
    for old in KEPT.glob(f"large-*.{kind}*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    say(f"making the large business on {kind}, once: about two minutes")
    # Whole under another name first: a run that is stopped leaves nothing that looks finished.
    draft = kept.with_name(f"{kept.name}.new")
    _make_sqlite(draft) if kind == "sqlite" else _make_postgres(draft)
    return draft.rename(kept)


def state_of_sources() -> str:
    """A hash of the migrations and of the demo."""
    found = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            found.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return found.hexdigest()[:12]


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
        host = server.url.partition("host=")[2]
        command = [postgres_program("pg_basebackup"), "-h", host, "-U", "postgres", "-D", draft, "-X", "fetch"]
        subprocess.run([*command, "-c", "fast", "--no-sync"], check=True)


def _fill(environment: dict[str, str]) -> None:
    # Not captured: the command draws how far it is.
    for arguments in (["migrate", "--verbosity", "0"], ["load_demo", "--scale", "large"]):
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, stdout=sys.stderr
        )


def _settings(folder: Path, database: str) -> dict[str, str]:
    return environment_of(folder, 8000, "", {"DATABASE_URL": database, "API_RATE": "1000000/min"})
