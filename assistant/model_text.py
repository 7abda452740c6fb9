"""Clean a model's text for storing and sending.

No character that a database refuses, and none of the model's reasoning.
"""

from __future__ import annotations

import re
from typing import Any

from common.text.plain import clean, truncate

# Reasoning between tags, as open models write it (DeepSeek R1, Qwen, Magistral and others).
_TAG = re.compile(
    r"<(?P<end>/?)(?:think|thinking|thoughts?|reasoning|reflection|scratchpad)\s?>|\[(?P<end2>/?)THINK\]",
    re.IGNORECASE,
)
# The channels of gpt-oss: only what follows the last mark of the final one is the answer.
_FINAL = "<|channel|>final<|message|>"
_FINAL_END = re.compile(r"<\|(?:return|end|start)\|>")


def reader_text(text: str) -> str:
    """Return the part of a model's text that is meant for the reader, cleaned and stripped; "" when there is none.

    A closing tag without an opening one ends reasoning that began with the text; an opening one without a closing one
    begins reasoning that was cut off.
    """
    text = clean(truncate(text))
    if _FINAL in text:
        text = _FINAL_END.split(text.rpartition(_FINAL)[2], maxsplit=1)[0]
    said: list[str] = []
    depth, begin = 0, 0
    for tag in _TAG.finditer(text):
        is_end = bool(tag["end"] or tag["end2"])
        if is_end and depth == 0:
            said.clear()
        elif not is_end and depth == 0:
            said.append(text[begin : tag.start()])
        depth = max(0, depth - 1) if is_end else depth + 1
        begin = tag.end()
    if depth == 0:
        said.append(text[begin:])
    return "".join(said).strip()


def clean_deep(value: Any) -> Any:
    """Return JSON with every text in it cleaned, also the names of members."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_deep(entry) for entry in value]
    if isinstance(value, dict):
        return {clean(str(name)): clean_deep(entry) for name, entry in value.items()}
    return value
