"""Serializer fields that accept exactly their type and convert nothing."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import serializers

from common.text.numbers import parse_whole_number


class Text(serializers.CharField):
    """Text; a number is not accepted as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PatternText(Text):
    """Text of a certain form; `pattern` is also in the description of the API."""

    default_error_messages = {"form": "Not of the form {pattern}."}

    def __init__(self, *, pattern: str, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, **kwargs)
        self.pattern = pattern

    def to_internal_value(self, data: Any) -> str:
        found = super().to_internal_value(data)
        if not re.search(self.pattern, found):
            self.fail("form", pattern=self.pattern)
        return found


class Flag(serializers.BooleanField):
    """true or false; not 1 or "yes"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError("true or false", code="invalid")
        return data


class WholeNumber(serializers.IntegerField):
    """A whole number; not its text."""

    def to_internal_value(self, data: Any) -> int:
        is_whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not is_whole:
            self.fail("invalid")
        return super().to_internal_value(int(data))


class RowId(WholeNumber):
    """The id of a row."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 2**63 - 1} | kwargs)


class Hours(serializers.Field):
    """A length in hours."""

    def __init__(self, *, up_to: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.up_to = up_to

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float) or not 0 < data <= self.up_to:
            raise serializers.ValidationError(f"A number above 0 and up to {self.up_to}.", code="invalid")
        return float(data)

    def to_representation(self, value: Any) -> Any:
        return value


class Minutes(Hours):
    """A length in minutes."""


class WordChoice(Text):
    """One of some words."""

    def __init__(self, *, words: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.words:
            raise serializers.ValidationError(f"One of: {', '.join(self.words)}.", code="invalid_choice")
        return data


class QueryFlag(serializers.BooleanField):
    """true or false in a query."""

    def to_internal_value(self, data: Any) -> bool:
        found = {"true": True, "1": True, "false": False, "0": False}.get(str(data).lower())
        if found is None:
            raise serializers.ValidationError("true or false", code="invalid")
        return found


class QueryId(serializers.IntegerField):
    """The id of a row in a query."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)

    def to_internal_value(self, data: Any) -> int:
        number = parse_whole_number(str(data), max_digits=19)
        if number is None:
            self.fail("invalid")
        return super().to_internal_value(number)


class QueryMoment(serializers.DateTimeField):
    """A moment in a query, where a space may stand for the plus of its time zone."""

    def to_internal_value(self, value: Any) -> Any:
        return super().to_internal_value(str(value).replace(" ", "+") if "T" in str(value) else value)
