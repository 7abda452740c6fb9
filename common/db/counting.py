"""Counts for badges: several at once, each up to a limit, so that the price does not grow with the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


@dataclass(frozen=True, kw_only=True)
class CappedCounts:
    """One query for several counts, each up to a limit, that can be run again and again without being built again."""

    names: tuple[str, ...]
    queried: tuple[str, ...]  # the names that the SQL counts; of the others Django knows that there is no row
    sql: str
    params: tuple[Any, ...]

    @classmethod
    def of(cls, limit: int, **rows: QuerySet) -> CappedCounts:
        """Build the query for how many of `rows` there are under each name, up to `limit`."""
        queried: list[str] = []
        parts: list[str] = []
        params: list[Any] = []
        for name, found in rows.items():
            try:
                sql, given = found.order_by().values("pk")[:limit].query.sql_with_params()
            except EmptyResultSet:
                continue  # such as "of no tenant"
            queried.append(name)
            parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS capped)")  # noqa: S608 - Django's own SQL
            params += given
        return cls(names=tuple(rows), queried=tuple(queried), sql=f"SELECT {', '.join(parts)}", params=tuple(params))

    def run(self) -> dict[str, int]:
        """Return the counts as they are now, by name."""
        counts = dict.fromkeys(self.names, 0)
        if self.queried:
            with connection.cursor() as cursor:
                cursor.execute(self.sql, self.params)
                counts |= dict(zip(self.queried, cursor.fetchone(), strict=True))
        return counts


def capped_counts(limit: int, **rows: QuerySet) -> dict[str, int]:
    """How many rows each query finds, counted up to `limit`; one question to the database for all of them."""
    return CappedCounts.of(limit, **rows).run()


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
