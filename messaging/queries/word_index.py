"""The index of words on SQLite: FTS5 tables that triggers update. PostgreSQL has its own index (migration 0002).

Tables and triggers are created after every `migrate` and not by a migration. SQLite changes a table by creating a new
one, and the triggers of the old one are lost. Where a trigger is missing, the index is built again from all rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, models, transaction
from django.db.models.expressions import RawSQL

from messaging.models import Contact, Message
from tenants.models import Tenant

# Letters are compared with their accents and without their case, as PostgreSQL's "simple" does. The first letters of
# words have an index of their own (prefix='1'); without it a search for one letter would join the lists of all words
# that begin with it.
OPTIONS = "content='', columnsize=0, tokenize='unicode61 remove_diacritics 0', prefix='1'"


@dataclass(frozen=True, kw_only=True)
class WordIndex:
    """A model's column that is searched by words.

    A change of `watched_columns` updates the index. `condition` is SQL that is true for the rows that are in the index,
    with {row} for the name of the row.
    """

    name: str
    model: type[models.Model]
    column: str
    watched_columns: tuple[str, ...]
    condition: str = "TRUE"

    @property
    def table(self) -> str:
        """Return the name of the model's table."""
        return self.model._meta.db_table

    def matching(self, words: list[str], tenant: Tenant | None, before: int | None, limit: int | None) -> RawSQL:
        """Return SQL for the ids of the rows with all the words, each as the beginning of a word.

        With a limit these are the newest rows. The words must consist of letters and digits alone. The caller must
        filter by tenant as well: the tenant here only makes the search faster.
        """
        each = " AND ".join(f'"{word}" *' for word in words)
        expression = f"words : ({each})"
        if tenant is not None:
            expression = f'tenant : "{tenant.pk}" AND {expression}'
        parameters: list[Any] = [expression]
        sql = f"SELECT rowid FROM {self.name} WHERE {self.name} MATCH %s"  # noqa: S608 - our own names
        if before is not None:
            sql, parameters = f"{sql} AND rowid < %s", [*parameters, before]
        if limit is not None:
            sql, parameters = f"{sql} ORDER BY rowid DESC LIMIT %s", [*parameters, limit]
        return RawSQL(sql, parameters)  # noqa: S611 - all values are parameters

    def triggers(self) -> Iterator[tuple[str, str]]:
        """Yield (name, SQL to create it) of each trigger."""
        changed = " OR ".join(f"old.{column} IS NOT new.{column}" for column in self.watched_columns)
        insert, delete = self._sql_to_insert("new"), self._sql_to_delete("old")
        for name, event, when, statements in (
            ("put", "INSERT", "TRUE", insert),
            ("take", "DELETE", "TRUE", delete),
            # One trigger does both, because SQLite does not define the order in which several triggers run.
            ("change", f"UPDATE OF {', '.join(self.watched_columns)}", changed, f"{delete}; {insert}"),
        ):
            definition = f"AFTER {event} ON {self.table} WHEN {when} BEGIN {statements}; END"
            yield f"{self.name}_{name}", f"CREATE TRIGGER {self.name}_{name} {definition}"

    def fill(self) -> str:
        """Return the SQL that adds the words of all rows to an empty index."""
        return self._sql_to_insert("row", f"FROM {self.table} row")

    def _sql_to_insert(self, row: str, source: str = "") -> str:
        columns = f"{row}.id, {row}.tenant_id, {row}.{self.column}"
        return f"INSERT INTO {self.name}(rowid, tenant, words) SELECT {columns} {source} {self._where(row)}"

    def _sql_to_delete(self, row: str) -> str:
        # The index does not store the texts, so a text must be given again to delete its words.
        columns = f"'delete', {row}.id, {row}.tenant_id, {row}.{self.column}"
        return f"INSERT INTO {self.name}({self.name}, rowid, tenant, words) SELECT {columns} {self._where(row)}"

    def _where(self, row: str) -> str:
        return f"WHERE {self.condition.format(row=row)}"


MESSAGES = WordIndex(
    name="message_words",
    model=Message,
    column="text",
    watched_columns=("tenant_id", "text", "deleted_at"),
    condition="{row}.deleted_at IS NULL",
)
CONTACTS = WordIndex(name="contact_words", model=Contact, column="name", watched_columns=("tenant_id", "name"))
INDEXES = (MESSAGES, CONTACTS)


def build(*, using: str, **_signal: Any) -> None:
    """Create the indexes whose triggers are missing or outdated. Runs after `migrate`; does nothing on PostgreSQL."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'trigger')")
        existing = dict(cursor.fetchall())
    for index in INDEXES:
        triggers = dict(index.triggers())
        if index.table in existing and any(existing.get(name) != sql for name, sql in triggers.items()):
            _build_one(index, triggers, using)


def _build_one(index: WordIndex, triggers: dict[str, str], using: str) -> None:
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for name in triggers:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        cursor.execute(f"DROP TABLE IF EXISTS {index.name}")
        cursor.execute(f"CREATE VIRTUAL TABLE {index.name} USING fts5(tenant, words, {OPTIONS})")
        cursor.execute(index.fill())
        for sql in triggers.values():
            cursor.execute(sql)
