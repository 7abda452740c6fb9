"""The words in a piece of foreign JSON whose kind nobody here knows: bounded, in the order of the piece."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

MAX_DEPTH = 12
MAX_PARTS = 400  # looked at, in one piece
MAX_LENGTH = 4000  # of what is found, in characters
MAX_JSON = 20_000
# Under these names people's words stand, on the wires that are known.
WORDS = {
    "text", "body", "caption", "title", "subtitle", "description", "name", "conversation", "contentText", "footer",
    "footerText", "displayText", "display_text", "optionName", "message", "note", "question", "buttonText", "groupName",
    "orderTitle", "hydratedTitleText", "hydratedContentText", "hydratedFooterText", "formatted_name", "comment",
    "headerText", "label", "content",
}  # fmt: skip
# Around the words, and never the customer's: what was quoted, keys of encryption, pictures of pictures, ids.
NOT_LOOKED_INTO = {
    "contextInfo", "context", "messageContextInfo", "quotedMessage", "key", "targetMessageKey", "jpegThumbnail",
    "errors", "externalAdReply", "base64",
}  # fmt: skip
PARAMETERS = "buttonParamsJson"  # JSON inside a text; the name beside it is the button's kind


def words_of(piece: Any) -> str:
    """All words of a piece, a line each, none twice in a row; "" when it has none."""
    found: list[str] = []
    length = 0
    for text in _texts(piece):
        line = text.strip()
        if not line or (found and found[-1] == line):
            continue
        found.append(line[: MAX_LENGTH - length])
        length += len(line) + 1
        if length >= MAX_LENGTH:
            break
    return "\n".join(found)


def first_dict(piece: Any, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
    """The outermost object in a piece of which `wanted` is true."""
    level, left = [piece], MAX_PARTS
    for _ in range(MAX_DEPTH):
        deeper: list[Any] = []
        for value in level:
            left -= 1
            if left < 0:
                return None
            if isinstance(value, dict) and wanted(value):
                return value
            deeper += _inside(value)
        level = deeper
    return None


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [each for name, each in value.items() if name not in NOT_LOOKED_INTO and isinstance(each, dict | list)]
    return [each for each in value if isinstance(each, dict | list)] if isinstance(value, list) else []


def _texts(piece: Any) -> Iterator[str]:
    # A stack of its own: the depth of a body is the sender's choice. Each entry is (name, value, depth).
    stack: list[tuple[str, Any, int]] = [("", piece, 0)]
    left = MAX_PARTS
    while stack and left > 0:
        name, value, depth = stack.pop()
        left -= 1
        if isinstance(value, str):
            if name in WORDS:
                yield value
            elif name == PARAMETERS:
                stack += _parts("", _loaded(value), depth)
        elif depth < MAX_DEPTH:
            stack += _parts(name, value, depth)


def _parts(name: str, value: Any, depth: int) -> list[tuple[str, Any, int]]:
    """What stands inside a value, the last first, so that the first is looked at first."""
    if isinstance(value, list):
        return [(name, each, depth + 1) for each in reversed(value[:MAX_PARTS])]
    if not isinstance(value, dict):
        return []
    passed_over = NOT_LOOKED_INTO | ({"name"} if PARAMETERS in value else set())
    return [(key, each, depth + 1) for key, each in reversed(value.items()) if key not in passed_over]


def _loaded(text: str) -> Any:
    try:
        return json.loads(text[:MAX_JSON])
    except (ValueError, RecursionError):
        return None
