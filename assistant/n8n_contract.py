"""The contract with an n8n workflow (wire/n8n.md sections 3 and 4): what we send and what a response means."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from assistant.bubbles import MAX_LENGTH
from assistant.model_text import reader_text
from common.text.plain import clean

MAX_REPLIES = 3
STARTED = "Workflow got started"
TEXT_NAMES = ("output", "text", "message")


class WrongAnswer(Exception):
    """The response does not follow the contract; `too_long` when only its length is wrong."""


@dataclass(frozen=True, kw_only=True)
class WorkflowAnswer:
    """What the workflow wants: texts to send, a person, nothing, or more time."""

    texts: tuple[str, ...] = ()
    hand_over: str = ""
    is_silent: bool = False
    comes_later: bool = False


LATER = WorkflowAnswer(comes_later=True)


def parse_response(status: int, content: bytes) -> WorkflowAnswer:
    """Parse the response to our request; raises WrongAnswer."""
    if status in (202, 204) or not content.strip():
        return LATER
    if status != 200:
        raise WrongAnswer(f"HTTP {status}")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        raise WrongAnswer("the answer is not JSON") from None
    return parse_body(body)


def parse_body(body: Any) -> WorkflowAnswer:
    """Parse a body of section 4; raises WrongAnswer."""
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        raise WrongAnswer("the answer is no object")
    if body.get("handoff") is True:
        reason = body.get("reason")
        return WorkflowAnswer(
            hand_over=clean(reason[:200]) if isinstance(reason, str) and reason else "the workflow hands over"
        )
    if body.get("ignore") is True:
        return WorkflowAnswer(is_silent=True)
    if "reply" in body:
        return WorkflowAnswer(texts=(_text(body["reply"]),))
    if "replies" in body:
        return WorkflowAnswer(texts=_texts(body["replies"]))
    return _by_common_name(body)


def _by_common_name(body: dict[str, Any]) -> WorkflowAnswer:
    for name in TEXT_NAMES:
        if name in body:
            if name == "message" and body[name] == STARTED:
                return LATER
            return WorkflowAnswer(texts=(_text(body[name]),))
    raise WrongAnswer("the answer names no reply")


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_REPLIES:
        raise WrongAnswer(f"replies must be a list of 1 to {MAX_REPLIES}")
    return tuple(_text(entry) for entry in value)


def _text(value: Any) -> str:
    text = value.get("text") if isinstance(value, dict) else value
    if not isinstance(text, str) or not text.strip():
        raise WrongAnswer("a reply must be a text")
    if len(text) > MAX_LENGTH:
        raise WrongAnswer(f"a reply may have {MAX_LENGTH} characters")
    said = reader_text(text)
    if not said:
        raise WrongAnswer("a reply must be a text, and not only thoughts")
    return said
