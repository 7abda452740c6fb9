"""Compare the person's own words about a time with the model's proposal: act only when both agree, else ask."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from assistant.toolbox import ToolContext
from common.text.plain import fold
from messaging.models import Direction, Message
from reminders.models import Reminder
from reminders.queries import next_time_of
from reminders.questions import AskPerson
from reminders.sentences import sentence_for
from reminders.texts import understood_text
from timewords.formatting import format_rule
from timewords.parser import PastTime, TimeReading, parse_time_words
from timewords.rules import BadRule, clean_rule, local_time

# A dot inside a number or an abbreviation ends no sentence.
SENTENCE_ENDS = re.compile(r"[!?;\n]+|(?<=[^\W\d_]{3})\.+(?=\s|$)|(?<=\d)\.\s+(?=[^\W\d_])")
# "Reminder 1" is a name: its number is not a time.
NAMED = re.compile(r"\b(?:reminder|lembrete|recordatorio|memento(?:-?ul)?)\s+(?:n\S*\s+)?#?\d+\b", re.IGNORECASE)
READ_BACK = 12  # the messages among which the person's words must be found
TOLERANCE = timedelta(minutes=2)


def parse_times(context: ToolContext, words: str, zone: str, now: datetime, language: str) -> TimeReading:
    """Return the times in the person's own words.

    Raises a question where there are none, or the words are not theirs.
    """
    written = _sentence_of(context, words)
    if written is None:
        raise AskPerson(sentence_for("ask_when", language), asks="time")
    found = _read(words, zone, now, language)
    around = _read(written, zone, now, language) if written != words else found
    # Words of the same sentence that were left out may change the time: "3pm" out of "3pm PST".
    is_same = _key(around) == _key(found)
    if not (found.is_whole and around.is_whole and is_same):
        readings = _different((found, *found.others) if is_same and not found.is_whole else (around, *around.others))
        said = f" {sentence_for('or', language)} ".join(understood_text(one, zone, now, language) for one in readings)
        raise AskPerson(sentence_for("ask_differs", language, said=said), asks="time", readings=readings)
    return found


def _read(words: str, zone: str, now: datetime, language: str) -> TimeReading:
    try:
        found = parse_time_words(words, now=local_time(now, zone), language=language, zone=zone)
    except PastTime:
        raise AskPerson(sentence_for("past", language), asks="time") from None
    if found is None:
        raise AskPerson(sentence_for("ask_when", language), asks="time")
    return found


def _key(found: TimeReading) -> tuple[Any, ...]:
    return found.first, found.rule, found.last_on, found.delay, found.zone


def _different(readings: tuple[TimeReading, ...]) -> tuple[TimeReading, ...]:
    return tuple({_key(one): one for one in readings}.values())


def complete_change(found: TimeReading, row: Reminder, language: str) -> TimeReading:
    """Return the change with the rest of the reminder.

    A new time keeps days and repetition, a new day keeps the time.
    """
    if found.delay is not None or found.rule:
        return found
    if row.rule and found.has_date:
        raise AskPerson(
            sentence_for("ask_repeats", language, often=format_rule(row.rule, language, last_on=row.last_on)),
            asks="time",
        )
    if row.rule:
        first = datetime.combine(row.first_on, found.first.time())
        return replace(found, first=first, rule=row.rule, last_on=row.last_on)
    before = local_time(next_time_of(row), row.zone)
    day = found.first if found.has_date else before
    at = found.first if found.has_time else before
    return replace(found, first=datetime.combine(day.date(), at.time()), has_time=True)


def question_of_times(found: TimeReading, row: Reminder, now: datetime, language: str) -> AskPerson:
    """Return the question where words may mean several new times of a reminder."""
    return fit_question(AskPerson("", asks="time", readings=(found, *found.others)), row, now, language)


def fit_question(question: AskPerson, row: Reminder, now: datetime, language: str) -> AskPerson:
    """Return the same question about a moved reminder: its days and repetition belong to every answer."""
    if not question.readings:
        return question
    try:
        readings = _different(tuple(complete_change(one, row, language) for one in question.readings))
    except AskPerson as other:
        return other
    said = f" {sentence_for('or', language)} ".join(understood_text(one, row.zone, now, language) for one in readings)
    return AskPerson(sentence_for("ask_differs", language, said=said), asks="time", readings=readings)


def _sentence_of(context: ToolContext, words: str) -> str | None:
    """Return the sentence in which the person wrote these words recently; None where they did not."""
    rows = Message.objects.filter(conversation=context.conversation, direction=Direction.IN).select_related("media")
    said: set[str] = set()
    wanted = set(fold(words).split())
    for message in rows.order_by("-pk")[:READ_BACK]:
        media = getattr(message, "media", None)
        text = f"{message.text} {media.transcript if media is not None else ''}"
        for sentence in SENTENCE_ENDS.split(text):
            if wanted and wanted <= set(fold(sentence).split()):
                return NAMED.sub(" ", sentence)
        said |= set(fold(text).split())
    return words if wanted and wanted <= said else None


def check_proposal(found: TimeReading, proposed: tuple[str, str], zone: str, now: datetime, language: str) -> None:
    """Raise a question when the model proposed another time than the words say."""
    first, rule = proposed
    if not (first or rule):
        return
    if (first and not _is_near(found, first, zone)) or not _is_same_rule(found, rule):
        said = understood_text(found, zone, now, language)
        raise AskPerson(sentence_for("ask_differs", language, said=said), asks="time", readings=(found,))


def _is_near(found: TimeReading, proposed: str, zone: str) -> bool:
    try:
        wall = datetime.fromisoformat(proposed)
    except ValueError:
        return False
    if wall.tzinfo is not None:
        wall = local_time(wall, zone)
    tolerance = TOLERANCE
    if not found.has_time:
        # The person named only a day: the time of day is ours, whatever the model proposed.
        return wall.date() == found.first.date()
    return abs(wall - found.first) <= tolerance


def _is_same_rule(found: TimeReading, proposed: str) -> bool:
    if not proposed or not found.rule:
        return bool(proposed) == bool(found.rule) or not proposed
    try:
        rule, _ = clean_rule(proposed, first=found.first, zone="UTC")
    except BadRule:
        return False
    return _parts(rule, found) == _parts(found.rule, found)


def _parts(rule: str, found: TimeReading) -> dict[str, str]:
    """Return the parts of a rule without those that mean nothing.

    Defaults, the order of its days, and the first day's time.
    """
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    for name in ("WKST", "BYHOUR", "BYMINUTE", "BYSECOND"):
        parts.pop(name, None)
    if parts.get("INTERVAL") == "1":
        del parts["INTERVAL"]
    if parts["FREQ"] == "WEEKLY":
        days = parts.get("BYDAY") or ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[found.first.weekday()]
        parts["BYDAY"] = ",".join(sorted(days.split(",")))
    if parts["FREQ"] == "MONTHLY" and not {"BYDAY", "BYMONTHDAY"} & set(parts):
        parts["BYMONTHDAY"] = str(found.first.day)
    return parts
