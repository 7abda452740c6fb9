"""Rows that are written many times a second: the INSERT is built once and then only filled in (common.db.compiled)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Generic

from django.db import models
from django.db.models.expressions import DatabaseDefault
from django.db.models.sql import InsertQuery

from common.db.compiled import UNHURRIED, Row, cursor_of, filled, here, may_be_unhurried


class PreparedInsert(Generic[Row]):
    """`INSERT`, built once, of the named fields and those calculated by the database; the others must have a default.

    Without names it is all fields. `once` does nothing where a unique constraint has the row already; for `is_hint` see
    PreparedUpdate.
    """

    def __init__(
        self, model: type[Row], *names: str, once: bool = False, is_hint: bool = False, **calculated: Any
    ) -> None:
        meta = model._meta
        every = [field.name for field in meta.concrete_fields if not isinstance(field, models.AutoField)]
        self._model = model
        self._fields: list[Any] = [meta.get_field(name) for name in names or every if name not in calculated]
        self._calculated = calculated
        self._is_hint = is_hint
        self._conflict = models.constants.OnConflict.IGNORE if once else None
        self._plans: dict[str, tuple[str, Sequence[Any]]] = {}

    def run(self, **values: Any) -> int:
        """Insert one row and return its id; raises IntegrityError."""
        connection = here()
        prepared = [field.get_db_prep_save(values[field.name], connection) for field in self._fields]
        made = self._run(connection, prepared, values)
        assert made is not None  # without `once` there is a row or an exception
        return made

    def put(self, row: Row, **values: Any) -> bool:
        """Insert a row and set its id; False when `once` was asked for and it was there. Raises IntegrityError.

        What `Model.save` does beside that, signals for one, is left out.
        """
        connection = here()
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
        if self._is_hint and may_be_unhurried(connection):
            sql = f"{sql}, {UNHURRIED}"
        with cursor_of(connection) as cursor:
            cursor.execute(sql, [*prepared, *filled(parameters, values)])
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
    """Insert a row by a statement that is built once; raises IntegrityError."""
    _insert_of(row, once=False).put(row)


def insert_once(row: models.Model, *, is_hint: bool = False) -> bool:
    """Insert a row, or do nothing and return False when a unique constraint has it already.

    Django's `bulk_create(ignore_conflicts=True)` cannot tell which of the two happened. As there, SQLite passes over a
    missing value too.
    """
    return _insert_of(row, once=True, is_hint=is_hint).put(row)


def _insert_of(row: models.Model, *, once: bool, is_hint: bool = False) -> PreparedInsert[Any]:
    """The statement for a row's fields; what the row leaves to the database has no column in it."""
    values = row.__dict__
    names = tuple(
        field.name
        for field in row._meta.concrete_fields
        if not (isinstance(field, models.AutoField) or isinstance(values.get(field.attname), DatabaseDefault))
    )
    return _insert_into(type(row), names, once, is_hint)


@cache
def _insert_into(model: type[Row], names: tuple[str, ...], once: bool, is_hint: bool) -> PreparedInsert[Row]:
    return PreparedInsert(model, *names, once=once, is_hint=is_hint)
