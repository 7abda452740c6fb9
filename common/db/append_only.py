"""Append-only tables: the database itself refuses to change or delete their rows."""

from __future__ import annotations

from typing import Any

from django.db import models

_FUNCTION = """
CREATE OR REPLACE FUNCTION frontdesk_append_only() RETURNS trigger AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$ LANGUAGE plpgsql
"""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """Refuses updates and deletes with a clearer error than the database would give."""

    def update(self, **_: Any) -> int:
        raise ValueError("these rows are never changed")

    def bulk_update(self, *_: Any, **__: Any) -> int:
        raise ValueError("these rows are never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise ValueError("these rows are never deleted")


def protect(connection: Any, table: str) -> None:
    """Create the triggers that refuse to change or delete rows of a table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
            cursor.execute(
                f"CREATE TRIGGER {table}_once BEFORE UPDATE OR DELETE ON {table}"
                " FOR EACH ROW EXECUTE FUNCTION frontdesk_append_only()"
            )
            return
        for act in ("UPDATE", "DELETE"):
            cursor.execute(
                f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, 'rows of {table} are written once'); END"
            )


def release(connection: Any, table: str) -> None:
    """Remove these triggers, for a migration that must change the table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_once ON {table}")
            return
        for act in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{act}")
