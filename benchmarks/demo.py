"""The demo business, set up once in a run of the benchmark and copied by whatever measures on it.

Not kept longer: what is due in it would be late the next day.
"""

from __future__ import annotations

import atexit
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from benchmarks.environment import environment_of
from benchmarks.report import ROOT
from tests.support.migrated import postgres_data, sqlite_file
from tests.support.ports import free_port
from tests.support.servers import copy_of_data, start_postgres

CHANNEL_PACE = 100_000  # messages a second: the rate per number must not be what is measured
_NO_PACE = f"from messaging.models import Channel; Channel.objects.update(messages_per_second={CHANNEL_PACE})"


@contextmanager
def demo_database(folder: Path, *, postgres: Mapping[str, str] | None) -> Iterator[str]:
    """The address of a database with the demo business; `folder` gets simulator.json.

    With `postgres` it is a server of its own that is started with these options, else a SQLite file in `folder`.
    """
    kept = _kept(is_postgres=postgres is not None)
    shutil.copy(kept / "simulator.json", folder)
    if postgres is None:
        shutil.copy(kept / "desk.sqlite3", folder)
        yield f"sqlite:///{folder}/desk.sqlite3"
        return
    with start_postgres(options=dict(postgres), data=kept / "postgres") as server:
        yield server.url


@cache
def ports() -> tuple[int, int]:
    """The ports of the product and of the simulator, the same in the whole run: the demo's channels keep addresses."""
    return free_port(), free_port()


@cache
def _kept(*, is_postgres: bool) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-bench-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    if not is_postgres:
        shutil.copy(sqlite_file(), folder / "desk.sqlite3")
        _fill(folder, f"sqlite:///{folder}/desk.sqlite3")
        return folder
    with start_postgres(data=postgres_data()) as server:
        _fill(folder, server.url)
        copy_of_data(server, folder / "postgres")
    return folder


def _fill(folder: Path, database: str) -> None:
    port, outside = ports()
    environment = environment_of(folder, port, f"http://127.0.0.1:{outside}", {"DATABASE_URL": database})
    for arguments in (
        ["load_demo", "--simulator", str(folder / "simulator.json")],
        ["shell", "--no-imports", "-c", _NO_PACE],
    ):
        subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
