"""A decorator that documents an API method for OpenAPI and marks it as paged or creating."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from rest_framework import serializers

Method = TypeVar("Method", bound=Callable[..., Any])
Fields = type[serializers.BaseSerializer]


FILE_TYPE = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class MethodDescription:
    """The description of one method of one address."""

    summary: str
    takes: Fields | None = None
    takes_form: Fields | None = None  # the same as multipart/form-data
    gives: Fields | None = None
    asks: Fields | None = None  # the query
    status: int = 200
    is_page: bool = False
    creates: bool = False  # accepts an Idempotency-Key
    is_file: bool = False  # returns bytes, of FILE_TYPE
    problems: tuple[int, ...] = ()
    example: Mapping[str, Any] | None = None
    answer: Any = None


def describe(
    summary: str,
    *,
    takes: Fields | None = None,
    takes_form: Fields | None = None,
    gives: Fields | None = None,
    asks: Fields | None = None,
    status: int = 200,
    is_page: bool = False,
    creates: bool = False,
    is_file: bool = False,
    problems: tuple[int, ...] = (),
    example: Mapping[str, Any] | None = None,
    answer: Any = None,
) -> Callable[[Method], Method]:
    """Describe what a view's method accepts and returns, with examples."""
    found = MethodDescription(
        summary=summary, takes=takes, gives=gives, asks=asks, status=status, is_page=is_page, creates=creates,
        is_file=is_file, takes_form=takes_form,
        problems=problems, example=example, answer=answer,
    )  # fmt: skip

    def mark(method: Method) -> Method:
        method.described = found  # type: ignore[attr-defined]  # read back by description_of
        return method

    return mark


def description_of(view: Any, method: str | None) -> MethodDescription | None:
    """Return the description of a view's method."""
    return getattr(getattr(view, (method or "").lower(), None), "described", None)


class PageQuery(serializers.Serializer):
    """Which part of a list."""

    cursor = serializers.CharField(required=False, help_text="From `next` or `previous` of another page.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, help_text="How many; 50 if not said.")


@cache
def page_of(row: Any) -> Fields:
    """Return the serializer of a page of such rows."""
    name = f"{row.__name__.removesuffix('Out')}Page"
    fields = {
        "__doc__": "One page of a list; `next` and `previous` are addresses, null at the ends.",
        "results": row(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    }
    return type(name, (serializers.Serializer,), fields)


class FieldProblemOut(serializers.Serializer):
    """What is wrong with one field."""

    field = serializers.CharField(help_text="Its name, with dots for what lies deeper; empty for the whole body.")
    code = serializers.CharField()
    detail = serializers.CharField()
    pointer = serializers.CharField(required=False, help_text="A JSON pointer into the body.")


class ProblemOut(serializers.Serializer):
    """An error (RFC 9457)."""

    type = serializers.CharField(help_text="Stable: an address below this installation's own that explains it.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What happened, and how to mend it.")
    errors = FieldProblemOut(many=True, required=False)  # type: ignore[assignment]  # a field of this name
