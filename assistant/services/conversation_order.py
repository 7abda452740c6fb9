"""The order in which a conversation is read, and which messages nobody has answered yet.

Rows stand in the order in which they came. Three kinds are moved: an answer after what it had read, an edited message
to where it was edited, and a late message to where the clock of its sender puts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from messaging.models import Direction, Message, Purpose

OURS = "assistant.inbound.reply"  # the assistant's name in INBOUND_HANDLERS
LATE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)  # providers truncate moments to seconds
Place = tuple[int, int, int]


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Return messages oldest first.

    What was sent while the newest message waited comes before it, unless a person sent it.
    """
    rows = list(messages)
    ordered = sorted(rows, key=lambda row: _place(row, rows))
    inbound = [number for number, row in enumerate(ordered) if row.direction == Direction.IN]
    if not inbound:
        return ordered
    newest = ordered[inbound[-1]]
    behind = ordered[inbound[-1] + 1 :]
    came_between = [row for row in behind if row.pk > newest_when_it_came(newest) and not is_by_person(row)]
    rest = [row for row in behind if row not in came_between]
    return [*ordered[: inbound[-1]], *came_between, newest, *rest]


def unanswered(messages: Sequence[Message]) -> list[Message]:
    """Return those that the customer wrote since our last answer and that no person of the business has answered."""
    waiting: list[Message] = []
    people: list[Message] = []
    has_passed = False  # a message of ours that answers nothing
    for row in reversed(messages):
        if is_by_person(row):
            people.append(row)
        elif is_aside(row):
            has_passed = True
        elif row.direction == Direction.OUT:
            break
        elif not (has_passed and is_handled(row)):
            waiting.append(row)
    people += [row for row in messages if is_by_person(row) and row not in people]
    return [row for row in reversed(waiting) if not any(_is_after(person, row) for person in people)]


def is_by_person(row: Message) -> bool:
    """Return whether a person of the business wrote it at that time; a planned message answers nothing."""
    return row.direction == Direction.OUT and row.rules.by_person and row.scheduled_at is None


def is_aside(row: Message) -> bool:
    """Return whether it is a message of ours that answers no question: a reminder, a notice, a planned message."""
    is_answer = row.purpose == Purpose.ASSISTANT or row.author == "assistant" or "has_seen" in row.data
    return row.direction == Direction.OUT and not is_answer and not is_by_person(row)


def is_handled(row: Message) -> bool:
    """Return whether another handler took a customer's message: the "yes" to a reminder, the word that opts out."""
    return row.direction == Direction.IN and row.data.get("handled_by") not in (None, "", OURS)


def newest_when_it_came(row: Message) -> int:
    """Return the id of the newest row when this one came, or when the customer edited it."""
    changed = row.data.get("changed_after")
    return max(row.pk, changed) if isinstance(changed, int) else row.pk


def _place(row: Message, rows: Sequence[Message]) -> Place:
    if row.direction == Direction.IN:
        return (newest_when_it_came(row), 1, row.pk)
    seen = row.data.get("has_seen")
    if isinstance(seen, int):
        # An answer had read what was edited before it was written; what was edited later comes after it.
        had_seen = [
            newest_when_it_came(other) for other in rows if other.direction == Direction.IN and other.pk <= seen
        ]
        return (max([seen, *(place for place in had_seen if place < row.pk)]), 2, row.pk)
    if row.purpose == Purpose.OWNER and row.created_at - written_at(row) > LATE:
        later = [
            newest_when_it_came(other) for other in rows if other.direction == Direction.IN and _is_after(other, row)
        ]
        return (min([row.pk, *later]), 0, row.pk)
    return (row.pk, 2, row.pk)


def _is_after(row: Message, other: Message) -> bool:
    """Return whether a row was written later than another, by their clocks where these differ enough."""
    distance = written_at(row) - written_at(other)
    # An operator had seen what had come by then; a minute is the delay of a message on a bad day.
    unsure = SECOND if Purpose.OPERATOR not in (row.purpose, other.purpose) else LATE
    return row.pk > newest_when_it_came(other) if abs(distance) <= unsure else distance > unsure


def written_at(row: Message) -> datetime:
    """Return when a message was written or edited, by the clock of its sender; else when it came."""
    if row.direction == Direction.IN and row.data.get("changed_after") and row.edited_at is not None:
        return row.edited_at
    return row.sent_at or row.created_at
