"""Compiled queries: Django's own SQL, built once and then run many times with other values.

Building a query costs three times what running it does. A compiled query is an ordinary queryset whose changing values
are `Slot`s; the SQL that Django makes of it is cached, and so is the information to turn rows into objects.

    _BY_TOKEN = CompiledQuery(lambda: Channel.objects.select_related("tenant").filter(token=Slot("token")))
    channel = _BY_TOKEN.first(token=token)
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import Expression
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=models.Model)
ASYNC_COMMIT = "set_config('synchronous_commit', 'off', true)"  # for the transaction of this one statement
Converters = Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]


class Slot(Expression):
    """A placeholder whose value is given when the query runs; `output_field` is needed inside calculations."""

    def __init__(self, name: str, output_field: models.Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return a placeholder; the slot itself stands in the parameters until the query runs."""
        return "%s", [self]


def default_connection() -> Any:
    """Return this thread's database connection; faster than each access through `django.db.connection`."""
    return connections[DEFAULT_DB_ALIAS]


def cursor_of(connection: Any) -> AbstractContextManager[Any]:
    """Return a cursor for one statement; on PostgreSQL the one that is stored with the connection.

    Creating one costs a fifth of a small statement. While queries are logged, Django's own cursor is used.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:
        made: AbstractContextManager[Any] = connection.cursor()
        return made
    connection.close_if_health_check_failed()
    kept = connection.__dict__.get("stored_cursor")
    if kept is None or kept.connection is not connection.connection:
        kept = connection.stored_cursor = connection.cursor()
    return nullcontext(kept)


def can_commit_async(connection: Any) -> bool:
    """Return whether asynchronous commit can be set for one statement.

    In autocommit the setting affects that statement alone.
    """
    return connection.vendor == "postgresql" and not connection.in_atomic_block


def now_plus(name: str) -> Any:
    """Return an expression: the database's now plus the timedelta given as `name`."""
    return models.functions.Now() + Slot(name, models.DurationField())


class CompiledQuery(Generic[Row]):
    """A queryset that is built once. It may follow foreign keys (select_related) and lock rows (select_for_update)."""

    def __init__(self, build: Callable[[], models.QuerySet[Row]]) -> None:
        self._build = build
        self._plans: dict[str, _Select[Row]] = {}

    def all(self, **values: Any) -> list[Row]:
        """Return all rows; raises TransactionManagementError for a locking query outside of a transaction."""
        return self.plan().run(values)

    def columns(self, **values: Any) -> list[Sequence[Any]]:
        """Return the columns of all rows as plain sequences, in the order that only() gives."""
        return self.plan().columns(values)

    def plan(self) -> _Select[Row]:
        """Return what Django compiled for the current database."""
        vendor = default_connection().vendor
        if vendor not in self._plans:
            self._plans[vendor] = _Select(self._build())
        return self._plans[vendor]

    def first(self, **values: Any) -> Row | None:
        """Return the first row in the order of the queryset, or None."""
        rows = self.all(**values)
        return rows[0] if rows else None

    def get(self, **values: Any) -> Row:
        """Return the one row; raises the model's DoesNotExist."""
        rows = self.all(**values)
        if not rows:
            raise self._build().model.DoesNotExist  # type: ignore[attr-defined]  # every model has one
        return rows[0]


class CompiledUpdate(Generic[Row]):
    """`queryset.update(**changes)`, built once; `asks` are annotations that `update_returning` returns.

    With `may_be_lost` a statement outside of a transaction commits without waiting for the disk. The next commit that
    does wait covers both; after a crash of PostgreSQL before that, the change may be missing.
    """

    def __init__(
        self,
        build: Callable[[], models.QuerySet[Row]],
        *,
        asks: Callable[[], Mapping[str, Any]] = dict,
        may_be_lost: bool = False,
        **changes: Any,
    ) -> None:
        self._build = build
        self._asks = asks
        self._is_hint = may_be_lost
        self._changes = changes
        self._plans: dict[str, _Update[Row]] = {}

    def run(self, **values: Any) -> int:
        """Update the rows and return how many were changed."""
        return self._plan().run(values)

    def returning(self, **values: Any) -> Row | None:
        """Update at most one row and return it with its new values; None when no row was changed."""
        return self._plan().returning(values)

    def update_returning(self, **values: Any) -> Mapping[str, Any] | None:
        """Update at most one row and return the annotations `asks`, in one statement; None when no row was changed.

        Values of the row itself are the new ones; values of other rows are those of the statement's begin.
        """
        return self._plan().asking(values)

    def update_and_fetch_related(self, select: CompiledQuery[Row], **values: Any) -> Row | None:
        """Like `returning`, with the related rows that `select` reads; one statement where the database supports it."""
        if default_connection().vendor == "postgresql":
            return self._plan().reading(select.plan(), values)
        return select.first(**values) if self.run(**values) else None

    def _plan(self) -> _Update[Row]:
        vendor = default_connection().vendor
        if vendor not in self._plans:
            self._plans[vendor] = _Update(self._build(), self._changes, self._asks(), self._is_hint)
        return self._plans[vendor]


class _Select(Generic[Row]):
    """A queryset compiled for one kind of database."""

    def __init__(self, queryset: models.QuerySet[Row]) -> None:
        connection = default_connection()
        compiler: Any = queryset.query.get_compiler(connection=connection)
        self.alias = connection.alias
        self.is_locking = queryset.query.select_for_update
        self.sql, self.parameters = compiler.as_sql()
        info, select = compiler.klass_info, compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        self.model: type[Row] = info["model"]
        self.span = slice(first, last)
        self.names = [column[0].target.attname for column in select[first:last]]
        # The type stubs belong to a newer Django.
        self.populators = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
        self.annotations: Mapping[str, int] = compiler.annotation_col_map or {}
        self.converters: Converters = compiler.get_converters([column[0] for column in select])

    def run(self, values: Mapping[str, Any]) -> list[Row]:
        return [self.row_of(columns) for columns in self.columns(values)]

    def columns(self, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        connection = default_connection()
        if self.is_locking and not connection.in_atomic_block:
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        with cursor_of(connection) as cursor:
            cursor.execute(self.sql, fill_slots(self.parameters, values))
            return [_converted(columns, self.converters, connection) for columns in cursor.fetchall()]

    def row_of(self, converted: Sequence[Any]) -> Row:
        """Build the model instance of a result row."""
        row = self.model.from_db(self.alias, self.names, converted[self.span])
        for populator in self.populators:
            populator.populate(converted, row)
        for name, position in self.annotations.items():
            setattr(row, name, converted[position])
        return row


class _Update(Generic[Row]):
    def __init__(
        self, queryset: models.QuerySet[Row], changes: Mapping[str, Any], asks: Mapping[str, Any], may_be_lost: bool
    ) -> None:
        query: Any = queryset.query.chain(UpdateQuery)
        query.add_update_values(changes)
        connection = default_connection()
        self.may_be_lost = may_be_lost
        self.model = queryset.model
        compiler = query.get_compiler(connection=connection)
        self.sql, self.parameters = compiler.as_sql()
        columns = [field.get_col(self.model._meta.db_table) for field in self.model._meta.concrete_fields]
        self.names = [field.attname for field in self.model._meta.concrete_fields]
        self.converters: Converters = compiler.get_converters(columns)
        self.column_names = ", ".join(
            connection.ops.quote_name(str(field.column)) for field in self.model._meta.concrete_fields
        )
        asking: Any = queryset.annotate(**asks).query
        asks_compiler = asking.get_compiler(connection=connection)
        compiled = [asks_compiler.compile(ask) for ask in asking.annotation_select.values()]
        self.asked = dict(zip(asking.annotation_select, compiled, strict=True))
        self.asked_converters: Converters = asks_compiler.get_converters(list(asking.annotation_select.values()))

    def run(self, values: Mapping[str, Any]) -> int:
        connection = default_connection()
        sql = f"{self.sql} RETURNING {ASYNC_COMMIT}" if self.may_be_lost and can_commit_async(connection) else self.sql
        with cursor_of(connection) as cursor:
            cursor.execute(sql, fill_slots(self.parameters, values))
            return int(cursor.rowcount)

    def asking(self, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        answers = ", ".join(sql for sql, _ in self.asked.values())
        parameters = [*self.parameters, *(each for _, needed in self.asked.values() for each in needed)]
        connection = default_connection()
        with cursor_of(connection) as cursor:
            cursor.execute(f"{self.sql} RETURNING {answers}", fill_slots(parameters, values))
            found = cursor.fetchone()
        if found is None:
            return None
        return dict(zip(self.asked, _converted(found, self.asked_converters, connection), strict=True))

    def returning(self, values: Mapping[str, Any]) -> Row | None:
        connection = default_connection()
        with cursor_of(connection) as cursor:
            cursor.execute(self._returning(connection), fill_slots(self.parameters, values))
            found = cursor.fetchone()
        if found is None:
            return None
        columns = _converted(found[: len(self.names)], self.converters, connection)
        return self.model.from_db(connection.alias, self.names, columns)

    def reading(self, select: _Select[Row], values: Mapping[str, Any]) -> Row | None:
        # Behind the WITH, the table's name stands for the changed rows alone, with their new values.
        connection = default_connection()
        table = connection.ops.quote_name(self.model._meta.db_table)
        sql = f"WITH {table} AS ({self._returning(connection)}) {select.sql}"
        with cursor_of(connection) as cursor:
            cursor.execute(sql, fill_slots([*self.parameters, *select.parameters], values))
            found = cursor.fetchone()
        return None if found is None else select.row_of(_converted(found, select.converters, connection))

    def _returning(self, connection: Any) -> str:
        sql = f"{self.sql} RETURNING {self.column_names}"
        return f"{sql}, {ASYNC_COMMIT}" if self.may_be_lost and can_commit_async(connection) else sql


def fill_slots(parameters: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
    """Return the parameters of a statement with the values in place of the slots."""
    return [_plain(values[each.name]) if isinstance(each, Slot) else each for each in parameters]


def _plain(value: Any) -> Any:
    """Convert a value for the driver as Django's fields do, by the type of the value."""
    if value is None or type(value) in (int, str, bool):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return default_connection().ops.adapt_datetimefield_value(value)
    if isinstance(value, uuid.UUID):
        return value if default_connection().features.has_native_uuid_field else value.hex
    if isinstance(value, timedelta):
        return models.DurationField().get_db_prep_value(value, default_connection())
    if isinstance(value, (dict, list)):
        return default_connection().ops.adapt_json_value(value, None)
    return value


def _converted(columns: Sequence[Any], converters: Converters, connection: Any) -> Sequence[Any]:
    if not converters:
        return columns
    row = list(columns)
    for position, (functions, expression) in converters.items():
        value = row[position]
        for function in functions:
            value = function(value, expression, connection)
        row[position] = value
    return row
