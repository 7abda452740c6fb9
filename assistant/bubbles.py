"""Turn a model's text into bubbles: no garbage, and each short enough for the channel."""

from __future__ import annotations

import json
import re

MAX_BUBBLES = 5
MAX_LENGTH = 4096

# What models write when a tool call or their template leaks into the text.
_TOOL_SYNTAX = re.compile(
    r"<\|?/?(?:tool_call|tool_use|tool_result|function_call|function_calls|invoke|im_start|im_end|endoftext)\b"
    r"|\[/?(?:TOOL_CALLS|TOOL_RESULTS|INST)\]|<function=|\bto=functions\.\w|<\|[a-z_]+\|>",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^```[\w-]*\s*|(?<!\s)\s*```$")
_JSON_START = re.compile(r"^(?:\{\s*(?:\"|\}|$)|\[\s*[\[{\"\]])")
_SENTENCE_END = re.compile(r"[.!?…。？！][\"'»”)*_]*(?=\s|$)")


def is_garbage(text: str) -> bool:
    """Return whether a text is not a sentence for a person: JSON, or the syntax of tool calls."""
    bare = _FENCE.sub("", text.strip()).strip()
    if _TOOL_SYNTAX.search(text) or _JSON_START.match(bare):
        return True
    try:
        return isinstance(json.loads(bare), dict | list)
    except ValueError:
        return not has_words(text)


def has_words(text: str) -> bool:
    """Return whether a text has a letter, a digit or an emoji, and not only signs such as a rule."""
    return any(character.isalnum() for character in text) or _has_emoji(text)


def split_into_bubbles(text: str, *, limit: int = MAX_LENGTH) -> list[str]:
    """Return the text as bubbles of at most `limit` characters; nothing of it is left out.

    A blank line outside of code begins a new bubble. Beyond MAX_BUBBLES short parts are joined, so that there are more
    only where the length of the text asks for it.
    """
    pieces = [piece for part in _parts(text) for piece in _pieces(part, limit)]
    if len(pieces) <= MAX_BUBBLES:
        return pieces
    first = pieces[: MAX_BUBBLES - 1]
    together = [*first, *_joined(pieces[MAX_BUBBLES - 1 :], limit)]
    return together if len(together) <= MAX_BUBBLES else _joined(pieces, limit)


def drop_half_sentence(text: str) -> str:
    """Return a truncated text up to its last whole sentence; "" when there is none."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]].strip() if ends else ""


def _parts(text: str) -> list[str]:
    """Return the parts between blank lines; fenced code is one part, with its blank lines."""
    parts: list[str] = []
    lines: list[str] = []
    is_code = False
    for line in [*text.split("\n"), ""]:
        if line.lstrip().startswith("```"):
            is_code = not is_code
        if line.strip() or is_code:
            lines.append(line)
        elif lines:
            parts.append("\n".join(lines).strip())
            lines = []
    return [*parts, "\n".join(lines).strip()] if lines else parts


def _pieces(text: str, limit: int) -> list[str]:
    """Return a part in pieces that fit, split after a sentence or a line, else between words, else anywhere."""
    pieces = []
    while len(text) > limit:
        head = text[:limit]
        head = _up_to_an_end(head) or head.rpartition(" ")[0].rstrip() or head
        pieces.append(head)
        text = text[len(head) :].strip()
    return [*pieces, text] if text else pieces


def _up_to_an_end(text: str) -> str:
    """Return a text up to its last whole sentence or line, whichever is later.

    "" when that is less than a third of it.
    """
    found = max((drop_half_sentence(text), text.rpartition("\n")[0].rstrip()), key=len)
    return found if len(found) * 3 >= len(text) else ""


def _joined(pieces: list[str], limit: int) -> list[str]:
    """Join neighbouring pieces as long as they fit."""
    joined: list[str] = []
    for piece in pieces:
        if joined and len(joined[-1]) + len(piece) + 2 <= limit:
            joined[-1] = f"{joined[-1]}\n\n{piece}"
        else:
            joined.append(piece)
    return joined


def _has_emoji(text: str) -> bool:
    return any(ord(character) > 0x2190 for character in text)
