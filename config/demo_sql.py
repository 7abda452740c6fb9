"""Insert rows by the hundred thousand: INSERT .. SELECT with expressions that PostgreSQL and SQLite both understand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

SQLITE_NUMBERS = "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < {last}) SELECT n FROM c"


def run_sql(sql: str) -> int:
    """Run a statement without parameters; returns how many rows it changed."""
    with connection.cursor() as cursor:
        # Without parameters a percent sign needs no escaping.
        cursor.execute(sql)
        return int(max(0, cursor.rowcount))


def analyze() -> None:
    """Analyze the tables; one that the database is analyzing itself just now is skipped."""
    run_sql("ANALYZE (SKIP_LOCKED)" if connection.vendor == "postgresql" else "ANALYZE")


def insert_from(model: type[models.Model], source: str, *, order: str = "", **given: str) -> int:
    """Insert a row of `model` for each row of `source`; `given` are SQL expressions by column.

    Columns that are not given get the model's default, so that a new field does not break the demo.
    """
    for field in model._meta.concrete_fields:
        is_filled = field.null or field.generated or field.has_db_default() or field.primary_key
        if not is_filled and field.column not in given:
            given[str(field.column)] = _default(field)
    names = ", ".join(connection.ops.quote_name(name) for name in given)
    table = connection.ops.quote_name(model._meta.db_table)
    ordered = f" ORDER BY {order}" if order else ""
    return run_sql(f"INSERT INTO {table} ({names}) SELECT {', '.join(given.values())} FROM {source}{ordered}")  # noqa: S608 - our own names


def create_table(name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    """Create a temporary table with these rows; `columns` is SQL, the first one is the key."""
    run_sql(f"DROP TABLE IF EXISTS {name}")
    run_sql(f"CREATE TEMPORARY TABLE {name} ({columns})")
    if rows:
        marks = ", ".join(["%s"] * len(rows[0]))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)  # noqa: S608 - our own names


def create_number_table(name: str, count: int) -> None:
    """Create a temporary table of the numbers from 0 to `count` - 1, in a column `n`."""
    create_table(name, "n integer PRIMARY KEY", [])
    # The SQLite of Python has no generate_series.
    counting = SQLITE_NUMBERS if is_sqlite() else "SELECT generate_series(0, {last})"
    run_sql(f"INSERT INTO {name} {counting.format(last=count - 1)}")


def moment_sql(epoch: float, seconds: str) -> str:
    """Return SQL for the moment `seconds` (an expression) after `epoch`, as both databases store it."""
    if is_sqlite():
        return f"strftime('%Y-%m-%d %H:%M:%f', {epoch:.3f} + ({seconds}), 'unixepoch') || '000'"
    return f"to_timestamp({epoch:.3f} + ({seconds}))"


def sql_literal(value: Any) -> str:
    """Return a plain value as an SQL literal."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return repr(value)
    text = value if isinstance(value, str) else json.dumps(value)
    return "'" + text.replace("'", "''") + "'"


def reserve_ids(model: type[models.Model], count: int) -> int:
    """Reserve `count` consecutive ids of a table; returns the first one."""
    table_name = model._meta.db_table
    first: int = 1 + (model._default_manager.aggregate(last=models.Max("pk"))["last"] or 0)
    if not is_sqlite():  # SQLite continues after the largest id by itself, and has locked the file
        run_sql(f'LOCK TABLE "{table_name}" IN SHARE ROW EXCLUSIVE MODE')
        with connection.cursor() as cursor:
            sequence = f"pg_get_serial_sequence('\"{table_name}\"', 'id')"
            cursor.execute(f"SELECT GREATEST(nextval({sequence}), {first})")
            first = cursor.fetchone()[0]
            cursor.execute(f"SELECT setval({sequence}, {first + count - 1})")
    return first


def is_sqlite() -> bool:
    """Return whether the database is SQLite."""
    return connection.vendor == "sqlite"


def _default(field: models.Field) -> str:
    value = field.get_default()
    if value is None:
        raise ValueError(f"{field.model.__name__}.{field.name} has no default: name an expression for it")
    if is_sqlite() or not isinstance(value, (dict, list)):
        return sql_literal(value)
    return f"CAST({sql_literal(value)} AS {field.db_type(connection)})"
