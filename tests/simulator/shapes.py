"""The shape of a payload: names and types without values, to compare with what was captured."""

from typing import Any


def shape(value: Any, optional: set[str] | frozenset[str] = frozenset()) -> Any:
    """Names and types of a payload; names in `optional` are left out, byte objects are one type."""
    if isinstance(value, dict):
        if value and all(key.isdigit() for key in value):
            return "bytes"
        return {key: shape(item, optional) for key, item in sorted(value.items()) if key not in optional}
    if isinstance(value, list):
        return [shape(value[0], optional)] if value else []
    return type(value).__name__
