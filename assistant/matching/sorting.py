"""What sort of line a customer wrote, before anything written down is looked at."""

from __future__ import annotations

from enum import StrEnum

from assistant.matching.about_desk import about_desk
from assistant.words import asks_for_person, is_greeting, needs_no_answer


class Sort(StrEnum):
    """What is to be done with a line."""

    DESK = "desk"  # it asks about the assistant itself
    PERSON = "person"  # it asks for a human
    CLOSING = "closing"  # it thanks or says good-bye
    HELLO = "hello"
    QUESTION = "question"  # everything else


def sort_of(text: str) -> Sort:
    """The sort of a line. Emergencies are looked for before, for every assistant: see `is_emergency`."""
    if about_desk(text):
        return Sort.DESK
    if asks_for_person(text):
        return Sort.PERSON
    if needs_no_answer(text):
        return Sort.CLOSING
    return Sort.HELLO if is_greeting(text) else Sort.QUESTION
