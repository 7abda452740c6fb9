"""Databases with every table and no row, for whoever starts an installation: a copy takes a moment, migrating seconds.

That a fresh database can be migrated is seen each time one of them is made, and by the newcomer's story.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.kept import ROOT, keep
from tests.support.servers import copy_of_data, start_postgres

FOLDER = ROOT / "var" / "migrated"
# What decides how the tables look.
SOURCES = ("*/migrations/*.py", "common/db/append_only.py", "messaging/queries/word_index.py", "requirements.txt")


def sqlite_file() -> Path:
    """A SQLite file to copy."""
    return keep(FOLDER, "sqlite", SOURCES, lambda draft: _migrate(f"sqlite:///{draft}"))


def postgres_data() -> Path:
    """A folder to start PostgreSQL with (`start_postgres(data=...)`), with an empty database `frontdesk` in it."""
    return keep(FOLDER, "postgres", SOURCES, _make_postgres)


def _make_postgres(draft: Path) -> None:
    with start_postgres() as server:
        _migrate(server.url)
        copy_of_data(server, draft)


def _migrate(url: str) -> None:
    environment = {"PATH": os.environ["PATH"], "APP_ENV": "test", "DATABASE_URL": url}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
