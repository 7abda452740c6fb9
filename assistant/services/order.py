"""In which order a conversation is read, and what of it nobody has answered yet.

Rows stand in the order in which they came. Three things are put where they belong: an answer behind what it had seen,
a changed message where it was changed, and what came late where the clock of whoever carried it puts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from messaging.models import Direction, Message, Purpose

PEOPLE = (Purpose.OPERATOR, Purpose.OWNER)
OURS = "assistant.inbound.reply"  # as INBOUND_HANDLERS names the assistant
LATE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)  # providers cut the moments that they tell
Place = tuple[int, int, int]


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Oldest first. What was said while the newest message waited stands before it, unless a person said it."""
    rows = list(messages)
    ordered = sorted(rows, key=lambda row: _place(row, rows))
    inbound = [number for number, row in enumerate(ordered) if row.direction == Direction.IN]
    if not inbound:
        return ordered
    newest = ordered[inbound[-1]]
    behind = ordered[inbound[-1] + 1 :]
    came_between = [row for row in behind if row.pk > came_at(newest) and not is_by_person(row)]
    rest = [row for row in behind if row not in came_between]
    return [*ordered[: inbound[-1]], *came_between, newest, *rest]


def unanswered(messages: Sequence[Message]) -> list[Message]:
    """What of these, in order, the customer wrote since our last answer and no person of the business has answered."""
    waiting: list[Message] = []
    people: list[Message] = []
    has_passed = False  # something of ours that answers nothing
    for row in reversed(messages):
        if is_by_person(row):
            people.append(row)
        elif is_aside(row):
            has_passed = True
        elif row.direction == Direction.OUT:
            break
        elif not (has_passed and is_taken(row)):
            waiting.append(row)
    people += [row for row in messages if is_by_person(row) and row not in people]
    return [row for row in reversed(waiting) if not any(_is_after(person, row) for person in people)]


def is_by_person(row: Message) -> bool:
    """Whether somebody of the business wrote it there and then: what was planned before answers nothing."""
    return row.direction == Direction.OUT and row.purpose in PEOPLE and row.scheduled_at is None


def is_aside(row: Message) -> bool:
    """Whether it is something of ours that answers no question: a reminder, a notice, what was planned before."""
    is_answer = row.purpose == Purpose.ASSISTANT or row.author == "assistant" or "has_seen" in row.data
    return row.direction == Direction.OUT and not is_answer and not is_by_person(row)


def is_taken(row: Message) -> bool:
    """Whether another handler took a customer's message: the "yes" to a reminder, the word that opts out."""
    return row.direction == Direction.IN and row.data.get("handled_by") not in (None, "", OURS)


def came_at(row: Message) -> int:
    """The newest row there was when this one came, or when the customer changed it."""
    changed = row.data.get("changed_after")
    return max(row.pk, changed) if isinstance(changed, int) else row.pk


def _place(row: Message, rows: Sequence[Message]) -> Place:
    if row.direction == Direction.IN:
        return (came_at(row), 1, row.pk)
    seen = row.data.get("has_seen")
    if isinstance(seen, int):
        # What was changed before the answer was written, it had seen; what was changed later stands behind it.
        had_seen = [came_at(other) for other in rows if other.direction == Direction.IN and other.pk <= seen]
        return (max([seen, *(place for place in had_seen if place < row.pk)]), 2, row.pk)
    if row.purpose == Purpose.OWNER and row.created_at - written_at(row) > LATE:
        later = [came_at(other) for other in rows if other.direction == Direction.IN and _is_after(other, row)]
        return (min([row.pk, *later]), 0, row.pk)
    return (row.pk, 2, row.pk)


def _is_after(row: Message, other: Message) -> bool:
    """Whether a row was written later than another, by their clocks where these are far enough apart to tell."""
    distance = written_at(row) - written_at(other)
    # Somebody at the desk saw what had come by then; a minute is the way of a message on a bad day.
    unsure = SECOND if Purpose.OPERATOR not in (row.purpose, other.purpose) else LATE
    return row.pk > came_at(other) if abs(distance) <= unsure else distance > unsure


def written_at(row: Message) -> datetime:
    """When a message was written, or changed, by the clock of whoever carried it; else when it came."""
    if row.direction == Direction.IN and row.data.get("changed_after") and row.edited_at is not None:
        return row.edited_at
    return row.sent_at or row.created_at
