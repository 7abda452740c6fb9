"""Looks at the rows themselves, past every proxy."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg

WORK_TABLES = (
    "messaging_webhookevent",
    "messaging_webhookitem",
    "messaging_message",
    "messaging_mediafile",
    "assistant_turn",
    "assistant_transcription",
    "approvals_askqueue",
)


class Database:
    """Short reads and writes, each on a connection of its own; `?` stands for a value in both databases."""

    def __init__(self, url: str) -> None:
        self.url = url

    @property
    def is_sqlite(self) -> bool:
        """Which of the two it is."""
        return self.url.startswith("sqlite")

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """All rows of a query."""
        if self.is_sqlite:
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20)) as link:
                return link.execute(sql, values).fetchall()
        with psycopg.connect(self.url, connect_timeout=5) as link:
            return link.execute(sql.replace("?", "%s"), values).fetchall()

    def value(self, sql: str, *values: Any) -> Any:
        """The first value of a query; None without a row."""
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def write(self, sql: str, *values: Any) -> int:
        """One statement, committed; returns how many rows it changed."""
        if self.is_sqlite:
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:///"), timeout=20)) as file, file:
                return file.execute(sql, values).rowcount
        with psycopg.connect(self.url, connect_timeout=5, autocommit=True) as link:
            return link.execute(sql.replace("?", "%s"), values).rowcount

    @contextmanager
    def session(self) -> Iterator[psycopg.Connection]:
        """A connection of PostgreSQL that is kept for the block."""
        with psycopg.connect(self.url, connect_timeout=5) as link:
            yield link

    def open_rows(self) -> list[tuple[str, int, str, str]]:
        """(table, id, state, last error) of everything that is not over: waiting, worked, or of unknown fate."""
        found: list[tuple[str, int, str, str]] = []
        for table in WORK_TABLES:
            sql = f"SELECT id, state, last_error FROM {table} WHERE state IN ('queued', 'working', 'uncertain')"
            found += [(table, *row) for row in self.rows(sql)]
        return found


def one(rows: Sequence[Any]) -> Any:
    """The first value of the first row."""
    return rows[0][0]
