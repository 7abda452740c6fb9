"""From a model's text to what is sent: no garbage, WhatsApp's own marks, bubbles of a length that the wire takes."""

from __future__ import annotations

import json
import re

MAX_BUBBLES = 5
MAX_LENGTH = 4096

# What models write when they mean a tool, or lose their template.
_TOOL_SYNTAX = re.compile(
    r"<\|?/?(?:tool_call|tool_use|tool_result|function_call|function_calls|invoke|im_start|im_end|endoftext)\b"
    r"|\[/?(?:TOOL_CALLS|TOOL_RESULTS|INST)\]|<function=|\bto=functions\.\w|<\|[a-z_]+\|>",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^```[\w-]*\s*|\s*```$")
_JSON_START = re.compile(r"^(?:\{\s*(?:\"|\}|$)|\[\s*[\[{\"\]])")
_SENTENCE_END = re.compile(r"[.!?…。？！][\"'»”)*_]*(?=\s|$)")


def is_garbage(text: str) -> bool:
    """Whether a text is no sentence for a person: JSON, or the syntax of tools."""
    bare = _FENCE.sub("", text.strip()).strip()
    if _TOOL_SYNTAX.search(text) or _JSON_START.match(bare):
        return True
    try:
        return isinstance(json.loads(bare), dict | list)
    except ValueError:
        return not any(character.isalnum() for character in text) and not _has_emoji(text)


def for_whatsapp(text: str) -> str:
    """Markdown in WhatsApp's own marks; links stay readable."""
    text = re.sub(r"!?\[([^\]\n]+)\]\((https?://[^)\s]+)\)", _link, text)
    text = re.sub(r"(?m)^\s{0,3}#{1,6}\s+(.+?)\s*#*$", r"*\1*", text)
    text = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"*\1*", text)
    text = re.sub(r"__(?=\S)(.+?)(?<=\S)__", r"*\1*", text)
    text = re.sub(r"~~(?=\S)(.+?)(?<=\S)~~", r"~\1~", text)
    text = re.sub(r"(?m)^(\s*)[*+]\s+", r"\1- ", text)
    return re.sub(r"\*{3,}", "*", text)


def split(text: str, *, limit: int = MAX_LENGTH) -> list[str]:
    """A blank line separates bubbles; long ones are cut at a sentence; what is beyond MAX_BUBBLES is left out."""
    parts = [part.strip() for part in re.split(r"\n[ \t]*\n", text) if part.strip()]
    if len(parts) > MAX_BUBBLES:
        parts = [*parts[: MAX_BUBBLES - 1], "\n\n".join(parts[MAX_BUBBLES - 1 :])]
    bubbles = [piece for part in parts for piece in _pieces(part, limit)]
    return bubbles[:MAX_BUBBLES]


def without_half_sentence(text: str) -> str:
    """A text that was cut off, up to its last whole sentence; "" when there is none."""
    ends = [found.end() for found in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]].strip() if ends else ""


def _pieces(text: str, limit: int) -> list[str]:
    pieces = []
    while len(text) > limit:
        head = without_half_sentence(text[:limit]) or text[:limit].rpartition(" ")[0] or text[:limit]
        pieces.append(head)
        text = text[len(head) :].strip()
    return [*pieces, text] if text else pieces


def _link(found: re.Match[str]) -> str:
    label, url = found.groups()
    return url if label.strip() in url else f"{label}: {url}"


def _has_emoji(text: str) -> bool:
    return any(ord(character) > 0x2190 for character in text)
