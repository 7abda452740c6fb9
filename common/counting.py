"""Counts for badges: several at once, each up to a limit, so that the price does not grow with the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def capped_counts(limit: int, **rows: QuerySet) -> dict[str, int]:
    """How many rows each query finds, counted up to `limit`; one question to the database for all of them."""
    counts = dict.fromkeys(rows, 0)
    parts: list[tuple[str, str]] = []
    given: list[Any] = []
    for name, found in rows.items():
        try:
            sql, params = found.order_by().values("pk")[:limit].query.sql_with_params()
        except EmptyResultSet:
            continue  # such as "of no tenant": Django knows without asking
        parts.append((name, f"(SELECT COUNT(*) FROM ({sql}) AS capped)"))  # noqa: S608 - Django's own SQL
        given += params
    if parts:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(sql for _name, sql in parts), given)
            counts |= dict(zip((name for name, _sql in parts), cursor.fetchone(), strict=True))
    return counts


def read_together(rows: Mapping[str, QuerySet], *, order: str = "", limit: int = 0) -> list[tuple[Any, ...]]:
    """What several queries of values find, each row with the name of its query before it; one question for all.

    `order` names columns by their numbers, the name being the first. Values come as the database has them.
    """
    parts: list[str] = []
    given: list[Any] = []
    for name, found in rows.items():
        try:
            sql, params = found.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT CAST(%s AS varchar(100)) AS part, found.* FROM ({sql}) AS found")  # noqa: S608 - Django's own SQL
        given += [name, *params]
    if not parts:
        return []
    whole = " UNION ALL ".join(parts)
    whole += f" ORDER BY {order}" if order else ""
    whole += f" LIMIT {limit:d}" if limit else ""
    with connection.cursor() as cursor:
        cursor.execute(whole, given)
        return list(cursor.fetchall())


def capped(count: int, limit: int = 99) -> str:
    """A number for a badge; empty for none."""
    return "" if not count else str(count) if count <= limit else f"{limit}+"
