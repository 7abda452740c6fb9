"""The index of words on SQLite: FTS5 tables that triggers keep true. PostgreSQL has its own (migration 0002).

They are made after every `migrate`, and not by a migration: SQLite changes a table by making it anew, and its triggers
are gone then. Where one was missing, the words are read anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, models, transaction
from django.db.models.expressions import RawSQL

from messaging.models import Contact, Message
from tenants.models import Tenant

# Letters count with their accents and without their case, as in PostgreSQL's "simple"; the first letter of words has
# lists of its own, or a search for one letter would join those of all words that begin with it.
OPTIONS = "content='', columnsize=0, tokenize='unicode61 remove_diacritics 0', prefix='1'"


@dataclass(frozen=True, kw_only=True)
class WordIndex:
    """Which column of a model is found by words; of which rows, as SQL with {row} for the row's name."""

    name: str
    model: type[models.Model]
    column: str
    watched: tuple[str, ...]
    kept: str = "TRUE"

    @property
    def table(self) -> str:
        """The table of the model."""
        return self.model._meta.db_table

    def matching(self, words: list[str], tenant: Tenant | None, before: int | None, limit: int | None) -> RawSQL:
        """The ids of rows with all the words, each as the beginning of one; the newest ones when there is a limit.

        Words are of letters and digits alone. Filter by tenant all the same: this only makes the way short.
        """
        each = " AND ".join(f'"{word}" *' for word in words)
        sought = f"words : ({each})"
        if tenant is not None:
            sought = f'tenant : "{tenant.pk}" AND {sought}'
        given: list[Any] = [sought]
        sql = f"SELECT rowid FROM {self.name} WHERE {self.name} MATCH %s"  # noqa: S608 - our own names
        if before is not None:
            sql, given = f"{sql} AND rowid < %s", [*given, before]
        if limit is not None:
            sql, given = f"{sql} ORDER BY rowid DESC LIMIT %s", [*given, limit]
        return RawSQL(sql, given)  # noqa: S611 - what is asked for is a parameter

    def triggers(self) -> Iterator[tuple[str, str]]:
        """(name, how it is made)."""
        changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in self.watched)
        put, take = self._put("new"), self._take("old")
        for name, event, when, acts in (
            ("put", "INSERT", "TRUE", put),
            ("take", "DELETE", "TRUE", take),
            # One trigger for both, since several ones run in no order that could be relied on.
            ("change", f"UPDATE OF {', '.join(self.watched)}", changed, f"{take}; {put}"),
        ):
            made = f"AFTER {event} ON {self.table} WHEN {when} BEGIN {acts}; END"
            yield f"{self.name}_{name}", f"CREATE TRIGGER {self.name}_{name} {made}"

    def fill(self) -> str:
        """Read the words of all rows."""
        return self._put("row", f"FROM {self.table} row")

    def _put(self, row: str, source: str = "") -> str:
        columns = f"{row}.id, {row}.tenant_id, {row}.{self.column}"
        return f"INSERT INTO {self.name}(rowid, tenant, words) SELECT {columns} {source} {self._where(row)}"

    def _take(self, row: str) -> str:
        # The index does not keep what it has read: it must be told again to forget it.
        columns = f"'delete', {row}.id, {row}.tenant_id, {row}.{self.column}"
        return f"INSERT INTO {self.name}({self.name}, rowid, tenant, words) SELECT {columns} {self._where(row)}"

    def _where(self, row: str) -> str:
        return f"WHERE {self.kept.format(row=row)}"


MESSAGES = WordIndex(
    name="message_words",
    model=Message,
    column="text",
    watched=("tenant_id", "text", "deleted_at"),
    kept="{row}.deleted_at IS NULL",
)
CONTACTS = WordIndex(name="contact_words", model=Contact, column="name", watched=("tenant_id", "name"))
INDEXES = (MESSAGES, CONTACTS)


def build(*, using: str, **_signal: Any) -> None:
    """Make what is missing of the indexes, after `migrate`."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')")
        there = dict(cursor.fetchall())
    for index in INDEXES:
        made = dict(index.triggers())
        if index.table in there and any(there.get(name) != sql for name, sql in made.items()):
            _build_one(index, made, using)


def _build_one(index: WordIndex, triggers: dict[str, str], using: str) -> None:
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for name in triggers:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(f"DROP TABLE IF EXISTS {index.name}")
        cursor.execute(f"CREATE VIRTUAL TABLE {index.name} USING fts5(tenant, words, {OPTIONS})")
        cursor.execute(index.fill())
        for sql in triggers.values():
            cursor.execute(sql)
