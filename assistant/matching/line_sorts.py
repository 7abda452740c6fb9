"""The sort of a customer's line, decided before any entry is searched."""

from __future__ import annotations

from enum import StrEnum

from assistant.matching.about_desk import question_about_assistant
from assistant.phrases import asks_for_person, is_greeting, needs_no_answer


class LineSort(StrEnum):
    """What to do with a line."""

    DESK = "desk"  # it asks about the assistant itself
    PERSON = "person"  # it asks for a human
    CLOSING = "closing"  # it thanks or says good-bye
    HELLO = "hello"
    QUESTION = "question"  # everything else


def line_sort(text: str) -> LineSort:
    """Return the sort of a line. Emergencies are checked before, for every assistant: see `is_emergency`."""
    if question_about_assistant(text):
        return LineSort.DESK
    if asks_for_person(text):
        return LineSort.PERSON
    if needs_no_answer(text):
        return LineSort.CLOSING
    return LineSort.HELLO if is_greeting(text) else LineSort.QUESTION
