"""Parts of the back office's lists whose cost does not grow with the table."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest

COUNTED_ROWS = 10_000
LOOKED_AT_ROWS = 2_000


class BoundedPaginator(Paginator):
    """A paginator that counts at most COUNTED_ROWS rows and has no page beyond; to see older rows, filter or search."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        # Without an order the database chooses the index that fits the filter, not the one that fits the list.
        return int(rows.order_by()[:COUNTED_ROWS].count()) if isinstance(rows, models.QuerySet) else len(rows)


class RecentValues(admin.AllValuesFieldListFilter):
    """A filter that offers the values of the newest rows; those of all rows would need the whole table."""

    def __init__(self, field: models.Field, request: HttpRequest, *given: Any, field_path: str) -> None:
        super().__init__(field, request, *given, field_path=field_path)  # type: ignore[misc]  # as the admin calls it
        model_admin = given[-1]
        newest = model_admin.get_queryset(request).order_by("-pk").values_list(field_path, flat=True)[:LOOKED_AT_ROWS]
        self.lookup_choices: Any = sorted({value for value in newest if value is not None})
