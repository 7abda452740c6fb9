"""Links in the API's description (OpenAPI 3.1): which call may follow which, and where its ids come from.

They are derived from the addresses: `/api/things` creates and lists, `/api/things/{id}` is one of them, and an address
below it acts on that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
PLACE = re.compile(r"\{(\w+)\}")
ITEM = re.compile(r"(?P<kind>.*)/\{(?P<place>\w+)\}")


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one address, as described."""

    path: str
    method: str
    said: dict[str, Any]

    @property
    def good_answers(self) -> Iterator[dict[str, Any]]:
        """Yield the responses of success."""
        return (answer for code, answer in self.said["responses"].items() if code.startswith("2"))

    def is_below(self, item: str) -> bool:
        """Return whether it acts on this one thing and names no other."""
        return self.path == item or (self.path.startswith(f"{item}/") and "{" not in self.path[len(item) :])


def add_links(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Add the links to the description; a hook of drf-spectacular."""
    operations = [
        Operation(path=path, method=method, said=methods[method])
        for path, methods in result["paths"].items()
        for method in METHODS
        if method in methods
    ]
    for one in operations:
        for answer in one.good_answers:
            if links := dict(_links(one, answer, operations, result["components"]["schemas"])):
                answer["links"] = links
    return result


def _links(
    one: Operation, answer: dict[str, Any], operations: list[Operation], schemas: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (name, link) of what may follow an operation that gave this response."""
    given = {place: f"$request.path.{place}" for place in PLACE.findall(one.path)}
    own_item = ITEM.match(one.path)
    for other in operations:
        item = ITEM.match(other.path)
        if item and item["kind"] == one.path and other.is_below(item[0]) and _leads(one, other):
            if key := _key(item["place"], answer, schemas):
                yield _link(other, given | {item["place"]: key})
        elif own_item and _follows(one, other, own_item[0]):
            yield _link(other, given)


def _leads(one: Operation, other: Operation) -> bool:
    """Return whether one leads to the other: a list to reading one of its rows.

    Creating a thing to all that acts on it.
    """
    return one.method == "post" or (one.method == other.method == "get" and bool(ITEM.fullmatch(other.path)))


def _follows(one: Operation, other: Operation, item: str) -> bool:
    """Return whether one may follow the other: after reading a thing one may act on it, and the reverse."""
    if one is other or not (one.is_below(item) and other.is_below(item)):
        return False
    is_read, reads = (each.method == "get" and each.path == item for each in (one, other))
    return is_read or (reads and one.method in ("post", "put", "patch"))


def _link(target: Operation, parameters: dict[str, str]) -> tuple[str, dict[str, Any]]:
    name = target.said["operationId"]
    return name, {"operationId": name, "parameters": parameters}


def _key(place: str, answer: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return where a response holds what identifies a row in an address; "" when it does not."""
    whole = _schema(answer.get("content", {}).get("application/json", {}).get("schema", {}), schemas)
    rows = whole.get("properties", {}).get("results", {}).get("items")
    fields = _schema(rows, schemas) if rows else whole
    found = next((name for name in (place, "id") if name in fields.get("properties", {})), "")
    return f"$response.body#{'/results/0' if rows else ''}/{found}" if found else ""


def _schema(found: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = schemas.get(found.get("$ref", "").rpartition("/")[2], found)
    return named
