"""Who may take a customer's message: INBOUND_HANDLERS, in order, and which conversations concern each of them."""

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
class Handler:
    """One entry of the setting; `question` is an annotation over Conversation, None where each one concerns it."""

    name: str
    take: Take
    question: Question | None = None


def only_where(question: Question) -> Callable[[Take], Take]:
    """Offer a handler only the messages of conversations of which this annotation is true.

    It is asked together with the others, in a statement that runs for each message anyway: most people are no approver
    and have no reminders.
    """

    def mark(take: Take) -> Take:
        _questions[take] = question
        return take

    return mark


@lru_cache(maxsize=1)
def handlers() -> tuple[Handler, ...]:
    """INBOUND_HANDLERS, imported."""
    found = ((name, import_string(name)) for name in settings.INBOUND_HANDLERS)
    return tuple(Handler(name=name, take=take, question=_questions.get(take)) for name, take in found)


def questions() -> dict[str, Any]:
    """What is to be asked of a conversation so that `take` knows whom it concerns."""
    return {_key(handler): handler.question() for handler in handlers() if handler.question is not None}


def take(message: Message, answers: Mapping[str, Any]) -> str:
    """Offer a message to those whom its conversation may concern until one takes it; returns its name, or ""."""
    for handler in handlers():
        if answers.get(_key(handler), True) and handler.take(message):
            return handler.name
    return ""


def _key(handler: Handler) -> str:
    return "concerns_" + handler.name.replace(".", "_")
