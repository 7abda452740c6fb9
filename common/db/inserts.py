"""Compiled INSERT statements for rows that are written many times a second; see `common.db.compiled`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic

from django.db import models
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import InsertQuery

from common.db.compiled import ASYNC_COMMIT, Row, can_commit_async, cursor_of, default_connection, fill_slots


class CompiledInsert(Generic[Row]):
    """An INSERT, built once, of the named fields and those that the database calculates.

    Other fields must have a default.

    Without names it inserts all fields. With `once` it does nothing when a unique constraint finds the row already; for
    `may_be_lost` see CompiledUpdate.
    """

    def __init__(
        self, model: type[Row], *names: str, once: bool = False, may_be_lost: bool = False, **calculated: Any
    ) -> None:
        meta = model._meta
        every = [field.name for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
        self._model = model
        self._fields: list[Any] = [meta.get_field(name) for name in names or every if name not in calculated]
        self._calculated = calculated
        self._is_hint = may_be_lost
        self._conflict = models.constants.OnConflict.IGNORE if once else None
        self._plans: dict[str, tuple[str, Sequence[Any]]] = {}

    def run(self, **values: Any) -> int:
        """Insert one row and return its id; raises IntegrityError."""
        connection = default_connection()
        prepared = [field.get_db_prep_save(values[field.name], connection) for field in self._fields]
        made = self._run(connection, prepared, values)
        assert made is not None  # without `once` there is either a row or an exception
        return made

    def insert_row(self, row: Row, **values: Any) -> bool:
        """Insert a row and set its id; returns False when `once` was given and the row existed. Raises IntegrityError.

        Other effects of `Model.save`, such as signals, do not happen.
        """
        connection = default_connection()
        prepared = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in self._fields]
        made = self._run(connection, prepared, values)
        if made is None:
            return False
        row.pk = made
        row._state.adding, row._state.db = False, connection.alias
        return True

    def _run(self, connection: Any, prepared: list[Any], values: Mapping[str, Any]) -> int | None:
        vendor = connection.vendor
        if vendor not in self._plans:
            self._plans[vendor] = self._plan(connection)
        sql, parameters = self._plans[vendor]
        if self._is_hint and can_commit_async(connection):
            sql = f"{sql}, {ASYNC_COMMIT}"
        with cursor_of(connection) as cursor:
            cursor.execute(sql, [*prepared, *fill_slots(parameters, values)])
            found = cursor.fetchone()
        return None if found is None else int(found[0])

    def _plan(self, connection: Any) -> tuple[str, Sequence[Any]]:
        operations, meta = connection.ops, self._model._meta
        query = InsertQuery(self._model)
        compiler: Any = query.get_compiler(connection=connection)
        places, parameters = ["%s"] * len(self._fields), []
        for expression in self._calculated.values():
            sql, needed = compiler.compile(expression.resolve_expression(query, allow_joins=False, for_save=True))
            places.append(sql)
            parameters += needed
        fields = [*self._fields, *(meta.get_field(name) for name in self._calculated)]
        columns = ", ".join(operations.quote_name(str(field.column)) for field in fields)
        table, key = operations.quote_name(meta.db_table), operations.quote_name(str(meta.pk.column))
        conflict = operations.on_conflict_suffix_sql(fields, self._conflict, [], [])
        insert = operations.insert_statement(self._conflict)
        return f"{insert} {table} ({columns}) VALUES ({', '.join(places)}) {conflict} RETURNING {key}", parameters


def insert(row: models.Model) -> None:
    """Insert a row by a compiled statement; raises IntegrityError."""
    _insert_of(row, once=False).insert_row(row)


def insert_once(row: models.Model, *, may_be_lost: bool = False) -> bool:
    """Insert a row; returns False and changes nothing when a unique constraint finds it already.

    Django's `bulk_create(ignore_conflicts=True)` does not say which of the two happened. As with that, SQLite also
    ignores a missing required value.
    """
    return _insert_of(row, once=True, may_be_lost=may_be_lost).insert_row(row)


def _insert_of(row: models.Model, *, once: bool, may_be_lost: bool = False) -> CompiledInsert[Any]:
    """Return the compiled INSERT for a row's fields; columns that the row leaves to the database are left out."""
    values = row.__dict__
    names = tuple(
        field.name
        for field in row._meta.concrete_fields
        if not (isinstance(field, models.AutoField) or isinstance(values.get(field.attname), DatabaseDefault))
    )
    return _insert_into(type(row), names, once, may_be_lost)


@cache
def _insert_into(model: type[Row], names: tuple[str, ...], once: bool, may_be_lost: bool) -> CompiledInsert[Row]:
    return CompiledInsert(model, *names, once=once, may_be_lost=may_be_lost)
