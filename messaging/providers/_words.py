"""Find the words in a piece of JSON of an unknown kind, up to fixed limits and in the order of the piece."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

MAX_DEPTH = 12
MAX_PARTS = 400  # the number of values to look at in one piece
MAX_LENGTH = 4000  # characters of the words found
MAX_JSON = 20_000
# The known providers put text that people wrote under these names.
WORDS = {
    "text", "body", "caption", "title", "subtitle", "description", "name", "conversation", "contentText", "footer",
    "footerText", "displayText", "display_text", "optionName", "message", "note", "question", "buttonText", "groupName",
    "orderTitle", "hydratedTitleText", "hydratedContentText", "hydratedFooterText", "formatted_name", "comment",
    "headerText", "label", "content",
}  # fmt: skip
# Objects that hold no words of the customer: quoted messages, encryption keys, thumbnails, ids.
NOT_LOOKED_INTO = {
    "contextInfo", "context", "messageContextInfo", "quotedMessage", "key", "targetMessageKey", "jpegThumbnail",
    "errors", "externalAdReply", "base64",
}  # fmt: skip
PARAMETERS = "buttonParamsJson"  # JSON inside a text; the key "name" next to it is the button's kind and not a word


def words_of(piece: Any) -> str:
    """Return the texts of a piece, one per line and none twice in a row, or "" when it has none."""
    found: list[str] = []
    length = 0
    for text in _find_texts(piece):
        line = text.strip()
        if not line or (found and found[-1] == line):
            continue
        found.append(line[: MAX_LENGTH - length])
        length += len(line) + 1
        if length >= MAX_LENGTH:
            break
    return "\n".join(found)


def first_dict(piece: Any, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """Return the outermost object in a piece for which `wanted` returns True, or None."""
    level, remaining = [piece], MAX_PARTS
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for value in level:
            remaining -= 1
            if remaining < 0:
                return None
            if isinstance(value, dict) and wanted(value):
                return value
            deeper += _objects_inside(value)
        level = deeper
    return None


def _objects_inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [each for name, each in value.items() if name not in NOT_LOOKED_INTO and isinstance(each, dict | list)]
    return [each for each in value if isinstance(each, dict | list)] if isinstance(value, list) else []


def _find_texts(piece: Any) -> Iterator[str]:
    # This uses its own stack, because the sender chooses how deep a body is nested and recursion has a limit. Each
    # entry is (name, value, depth).
    stack: list[tuple[str, Any, int]] = [("", piece, 0)]
    remaining = MAX_PARTS
    while stack and remaining > 0:
        name, value, depth = stack.pop()
        remaining -= 1
        if isinstance(value, str):
            if name in WORDS:
                yield value
            elif name == PARAMETERS:
                stack += _entries_inside("", _parse_json(value), depth)
        elif depth < MAX_DEPTH:
            stack += _entries_inside(name, value, depth)


def _entries_inside(name: str, value: Any, depth: int) -> list[tuple[str, Any, int]]:
    """Return the values inside a value in reverse order, so that the stack gives the first one first."""
    if isinstance(value, list):
        return [(name, each, depth + 1) for each in reversed(value[:MAX_PARTS])]
    if not isinstance(value, dict):
        return []
    skipped = NOT_LOOKED_INTO | ({"name"} if PARAMETERS in value else set())
    return [(key, each, depth + 1) for key, each in reversed(value.items()) if key not in skipped]


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text[:MAX_JSON])
    except (ValueError, RecursionError):
        return None
