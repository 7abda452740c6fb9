"""Queries that run many times a second: Django's own SQL, built once and then only filled in.

Building a query costs three times what running it does. What is written here is an ordinary queryset whose changing
values are `Slot`s; the SQL that Django makes of it is kept, and so is what it knows about turning rows into objects.

    _BY_TOKEN = Prepared(lambda: Channel.objects.select_related("tenant").filter(token=Slot("token")))
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
UNHURRIED = "set_config('synchronous_commit', 'off', true)"  # of the one transaction that a statement is
Converters = Mapping[int, tuple[Sequence[Callable[..., Any]], Any]]


class Slot(Expression):
    """A place in a prepared query whose value is given when it runs; `output_field` where it is calculated with."""

    def __init__(self, name: str, output_field: models.Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """The placeholder; the slot itself stands among the parameters until the query runs."""
        return "%s", [self]


def here() -> Any:
    """This thread's connection itself: each look through `django.db.connection` would search for it anew."""
    return connections[DEFAULT_DB_ALIAS]


def cursor_of(connection: Any) -> AbstractContextManager[Any]:
    """A cursor for one statement; on PostgreSQL the one that is kept with the connection.

    Making one costs a fifth of what a small statement does. Django's own are used while queries are logged.
    """
    if connection.vendor != "postgresql" or connection.queries_logged:
        made: AbstractContextManager[Any] = connection.cursor()
        return made
    connection.close_if_health_check_failed()
    kept = connection.__dict__.get("kept_cursor")
    if kept is None or kept.connection is not connection.connection:
        kept = connection.kept_cursor = connection.cursor()
    return nullcontext(kept)


def may_be_unhurried(connection: Any) -> bool:
    """Whether a statement that asks for UNHURRIED would decide about its own commit alone."""
    return connection.vendor == "postgresql" and not connection.in_atomic_block


def after(name: str) -> Any:
    """The database's now plus the timedelta given as `name`."""
    return models.functions.Now() + Slot(name, models.DurationField())


class Prepared(Generic[Row]):
    """A queryset that is built once. It may follow foreign keys (select_related) and lock (select_for_update)."""

    def __init__(self, build: Callable[[], models.QuerySet[Row]]) -> None:
        self._build = build
        self._plans: dict[str, _Select[Row]] = {}

    def all(self, **values: Any) -> list[Row]:
        """Every row; raises TransactionManagementError for a locking query outside of a transaction."""
        return self.plan().run(values)

    def columns(self, **values: Any) -> list[Sequence[Any]]:
        """The columns of every row, without an object around them; which and in what order, only() says."""
        return self.plan().columns(values)

    def plan(self) -> _Select[Row]:
        """What Django makes of the queryset for the database at hand."""
        vendor = here().vendor
        if vendor not in self._plans:
            self._plans[vendor] = _Select(self._build())
        return self._plans[vendor]

    def first(self, **values: Any) -> Row | None:
        """The first row, in the order of the queryset, or None."""
        rows = self.all(**values)
        return rows[0] if rows else None

    def get(self, **values: Any) -> Row:
        """The one row; raises the model's DoesNotExist."""
        rows = self.all(**values)
        if not rows:
            raise self._build().model.DoesNotExist  # type: ignore[attr-defined]  # every model has one
        return rows[0]


class PreparedUpdate(Generic[Row]):
    """`queryset.update(**changes)`, built once; `asks` gives annotations that `asking` answers.

    `is_hint`: by itself, outside of a transaction, its commit does not wait for the disk. The next one that does waits
    for both; a PostgreSQL that crashes before may come back without the change.
    """

    def __init__(
        self,
        build: Callable[[], models.QuerySet[Row]],
        *,
        asks: Callable[[], Mapping[str, Any]] = dict,
        is_hint: bool = False,
        **changes: Any,
    ) -> None:
        self._build = build
        self._asks = asks
        self._is_hint = is_hint
        self._changes = changes
        self._plans: dict[str, _Update[Row]] = {}

    def run(self, **values: Any) -> int:
        """Returns how many rows were changed."""
        return self._plan().run(values)

    def returning(self, **values: Any) -> Row | None:
        """Change one row at most and return it as it is now; None when none was changed."""
        return self._plan().returning(values)

    def asking(self, **values: Any) -> Mapping[str, Any] | None:
        """Change one row at most and answer what is asked about it, in the same statement; None when none was changed.

        What the row itself says is as it is now, what other rows say as it was when the statement began.
        """
        return self._plan().asking(values)

    def reading(self, select: Prepared[Row], **values: Any) -> Row | None:
        """As `returning` with what else `select` reads of the row; one statement where the database has such."""
        if here().vendor == "postgresql":
            return self._plan().reading(select.plan(), values)
        return select.first(**values) if self.run(**values) else None

    def _plan(self) -> _Update[Row]:
        vendor = here().vendor
        if vendor not in self._plans:
            self._plans[vendor] = _Update(self._build(), self._changes, self._asks(), self._is_hint)
        return self._plans[vendor]


class _Select(Generic[Row]):
    """What Django made of a queryset, for one kind of database."""

    def __init__(self, queryset: models.QuerySet[Row]) -> None:
        connection = here()
        compiler: Any = queryset.query.get_compiler(connection=connection)
        self.alias = connection.alias
        self.is_locking = queryset.query.select_for_update
        self.sql, self.parameters = compiler.as_sql()
        info, select = compiler.klass_info, compiler.select
        first, last = info["select_fields"][0], info["select_fields"][-1] + 1
        self.model: type[Row] = info["model"]
        self.span = slice(first, last)
        self.names = [column[0].target.attname for column in select[first:last]]
        # The stubs are a version of Django ahead.
        self.populators = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]
        self.annotations: Mapping[str, int] = compiler.annotation_col_map or {}
        self.converters: Converters = compiler.get_converters([column[0] for column in select])

    def run(self, values: Mapping[str, Any]) -> list[Row]:
        return [self.row_of(columns) for columns in self.columns(values)]

    def columns(self, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        connection = here()
        if self.is_locking and not connection.in_atomic_block:
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        with cursor_of(connection) as cursor:
            cursor.execute(self.sql, filled(self.parameters, values))
            return [_converted(columns, self.converters, connection) for columns in cursor.fetchall()]

    def row_of(self, converted: Sequence[Any]) -> Row:
        """The object that a row of the result stands for."""
        row = self.model.from_db(self.alias, self.names, converted[self.span])
        for populator in self.populators:
            populator.populate(converted, row)
        for name, position in self.annotations.items():
            setattr(row, name, converted[position])
        return row


class _Update(Generic[Row]):
    def __init__(
        self, queryset: models.QuerySet[Row], changes: Mapping[str, Any], asks: Mapping[str, Any], is_hint: bool
    ) -> None:
        query: Any = queryset.query.chain(UpdateQuery)
        query.add_update_values(changes)
        connection = here()
        self.is_hint = is_hint
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
        connection = here()
        sql = f"{self.sql} RETURNING {UNHURRIED}" if self.is_hint and may_be_unhurried(connection) else self.sql
        with cursor_of(connection) as cursor:
            cursor.execute(sql, filled(self.parameters, values))
            return int(cursor.rowcount)

    def asking(self, values: Mapping[str, Any]) -> Mapping[str, Any] | None:
        answers = ", ".join(sql for sql, _ in self.asked.values())
        parameters = [*self.parameters, *(each for _, needed in self.asked.values() for each in needed)]
        connection = here()
        with cursor_of(connection) as cursor:
            cursor.execute(f"{self.sql} RETURNING {answers}", filled(parameters, values))
            found = cursor.fetchone()
        if found is None:
            return None
        return dict(zip(self.asked, _converted(found, self.asked_converters, connection), strict=True))

    def returning(self, values: Mapping[str, Any]) -> Row | None:
        connection = here()
        with cursor_of(connection) as cursor:
            cursor.execute(self._returning(connection), filled(self.parameters, values))
            found = cursor.fetchone()
        if found is None:
            return None
        columns = _converted(found[: len(self.names)], self.converters, connection)
        return self.model.from_db(connection.alias, self.names, columns)

    def reading(self, select: _Select[Row], values: Mapping[str, Any]) -> Row | None:
        # Behind the WITH the table's name stands for the changed rows alone, as they are now.
        connection = here()
        table = connection.ops.quote_name(self.model._meta.db_table)
        sql = f"WITH {table} AS ({self._returning(connection)}) {select.sql}"
        with cursor_of(connection) as cursor:
            cursor.execute(sql, filled([*self.parameters, *select.parameters], values))
            found = cursor.fetchone()
        return None if found is None else select.row_of(_converted(found, select.converters, connection))

    def _returning(self, connection: Any) -> str:
        sql = f"{self.sql} RETURNING {self.column_names}"
        return f"{sql}, {UNHURRIED}" if self.is_hint and may_be_unhurried(connection) else sql


def filled(parameters: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
    """The parameters of a statement with the slots' values in their places."""
    return [_plain(values[each.name]) if isinstance(each, Slot) else each for each in parameters]


def _plain(value: Any) -> Any:
    """A value as the driver takes it: what Django's fields do, by the value's own type."""
    if value is None or type(value) in (int, str, bool):
        return value
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime):
        return here().ops.adapt_datetimefield_value(value)
    if isinstance(value, uuid.UUID):
        return value if here().features.has_native_uuid_field else value.hex
    if isinstance(value, timedelta):
        return models.DurationField().get_db_prep_value(value, here())
    if isinstance(value, (dict, list)):
        return here().ops.adapt_json_value(value, None)
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
