"""Counts for badges: several in one query, each up to a limit, so that the cost does not grow with the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


@dataclass(frozen=True, kw_only=True)
class LimitedCounts:
    """One query for several limited counts, built once and run many times."""

    names: tuple[str, ...]
    queried: tuple[str, ...]  # the names that the SQL counts; for the others Django knows that there are no rows
    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, limit: int, **rows: QuerySet) -> LimitedCounts:
        """Build the query that counts the rows of each named queryset, up to `limit`."""
        queried: list[str] = []
        parts: list[str] = []
        params: list[Any] = []
        for name, found in rows.items():
            try:
                sql, given = found.order_by().values("pk")[:limit].query.sql_with_params()
            except EmptyResultSet:
                continue  # for example a queryset filtered by no tenant
            queried.append(name)
            parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS capped)")  # noqa: S608 - Django's own SQL
            params += given
        return cls(names=tuple(rows), queried=tuple(queried), sql=f"SELECT {', '.join(parts)}", params=tuple(params))

    def run(self) -> dict[str, int]:
        """Return the counts by name."""
        counts = dict.fromkeys(self.names, 0)
        if self.queried:
            with connection.cursor() as cursor:
                cursor.execute(self.sql, self.params)
                counts |= dict(zip(self.queried, cursor.fetchone(), strict=True))
        return counts


def limited_counts(limit: int, **rows: QuerySet) -> dict[str, int]:
    """Count the rows of each named queryset up to `limit`, in one query."""
    return LimitedCounts.of(limit, **rows).run()


def query_together(rows: Mapping[str, QuerySet], *, order: str = "", limit: int = 0) -> list[tuple[Any, ...]]:
    """Return the rows of several value querysets in one query, each row after the name of its queryset.

    `order` gives the columns to sort by as numbers, the name being the first. Values come as the database returns them.
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


def format_count(count: int, limit: int = 99) -> str:
    """Format a count for a badge; "" for zero, "99+" above the limit."""
    return "" if not count else str(count) if count <= limit else f"{limit}+"
