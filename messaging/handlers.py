"""INBOUND_HANDLERS in order, and the conversations each of them is called for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from messaging.models import Message

Take = Callable[[Message], bool]
Question = Callable[[], Any]
_questions: dict[Take, Question] = {}


@dataclass(frozen=True, kw_only=True)
class InboundHandler:
    """One entry of the setting; `question` is an annotation over Conversation, None when it is called for every one."""

    name: str
    take: Take
    question: Question | None = None


def only_where(question: Question) -> Callable[[Take], Take]:
    """Call a handler only for messages of conversations for which this annotation is true.

    It is evaluated together with the others, in a statement that runs for each message anyway: most people are no
    approvers and have no reminders.
    """

    def mark(take: Take) -> Take:
        _questions[take] = question
        return take

    return mark


@lru_cache(maxsize=1)
def inbound_handlers() -> tuple[InboundHandler, ...]:
    """Return INBOUND_HANDLERS, imported."""
    found = ((name, import_string(name)) for name in settings.INBOUND_HANDLERS)
    return tuple(InboundHandler(name=name, take=take, question=_questions.get(take)) for name, take in found)


def handler_annotations() -> dict[str, Any]:
    """Return the annotations that `call_handlers` needs of a conversation."""
    return {_key(handler): handler.question() for handler in inbound_handlers() if handler.question is not None}


def call_handlers(message: Message, answers: Mapping[str, Any]) -> str:
    """Call the handlers whose annotation is true until one takes the message; returns its name, or ""."""
    for handler in inbound_handlers():
        if answers.get(_key(handler), True) and handler.take(message):
            return handler.name
    return ""


def _key(handler: InboundHandler) -> str:
    return "concerns_" + handler.name.replace(".", "_")
