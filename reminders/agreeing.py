"""A person's own words about a time beside what a model took them to mean: only what agrees is done, else we ask."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from assistant.toolbox import ToolContext
from common.text.plain import fold
from messaging.models import Direction, Message
from reminders.asking import Ask
from reminders.models import Reminder
from reminders.queries import next_time_of
from reminders.telling import said_of
from reminders.when.reading import Past, Reading, read
from reminders.when.rules import BadRule, clean_rule, wall_of
from reminders.when.saying import say, say_rule

# A dot inside a number or a short form ends no sentence.
SENTENCE_ENDS = re.compile(r"[!?;\n]+|(?<=[^\W\d_]{3})\.+(?=\s|$)|(?<=\d)\.\s+(?=[^\W\d_])")
# "Reminder 1" is a name: its number is no time.
NAMED = re.compile(r"\b(?:reminder|lembrete|recordatorio|memento(?:-?ul)?)\s+(?:n\S*\s+)?#?\d+\b", re.IGNORECASE)
READ_BACK = 12  # messages among which the person's words must be found
TOLERANCE = timedelta(minutes=2)


def times_in(context: ToolContext, words: str, zone: str, now: datetime, language: str) -> Reading:
    """The times in the person's own words; asks where there are none, or they are not theirs."""
    sentence = _sentence_of(context, words)
    if sentence is None:
        raise Ask(say("ask_when", language), asks="time")
    found = _read(words, zone, now, language)
    around = _read(sentence, zone, now, language) if sentence != words else found
    # Words of the same sentence that were not handed over may change the time: "3pm" out of "3pm PST".
    is_same = _key(around) == _key(found)
    if not (found.is_whole and around.is_whole and is_same):
        readings = _different((found, *found.others) if is_same and not found.is_whole else (around, *around.others))
        said = f" {say('or', language)} ".join(said_of(one, zone, now, language) for one in readings)
        raise Ask(say("ask_differs", language, said=said), asks="time", readings=readings)
    return found


def _read(words: str, zone: str, now: datetime, language: str) -> Reading:
    try:
        found = read(words, now=wall_of(now, zone), language=language, zone=zone)
    except Past:
        raise Ask(say("past", language), asks="time") from None
    if found is None:
        raise Ask(say("ask_when", language), asks="time")
    return found


def _key(found: Reading) -> tuple[Any, ...]:
    return found.first, found.rule, found.last_on, found.delay, found.zone


def _different(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    return tuple({_key(one): one for one in readings}.values())


def completed(found: Reading, row: Reminder, language: str) -> Reading:
    """A new time of the day keeps days and repetition, a new day keeps the time; a day alone repeats nothing: asks."""
    if found.delay is not None or found.rule:
        return found
    if row.rule and found.has_date:
        raise Ask(say("ask_repeats", language, often=say_rule(row.rule, language, last_on=row.last_on)), asks="time")
    if row.rule:
        first = datetime.combine(row.first_on, found.first.time())
        return replace(found, first=first, rule=row.rule, last_on=row.last_on)
    before = wall_of(next_time_of(row), row.zone)
    day = found.first if found.has_date else before
    at = found.first if found.has_time else before
    return replace(found, first=datetime.combine(day.date(), at.time()), has_time=True)


def which_of(found: Reading, row: Reminder, now: datetime, language: str) -> Ask:
    """What to ask where words may mean several new times of a reminder: each as it would be then."""
    return fitted(Ask("", asks="time", readings=(found, *found.others)), row, now, language)


def fitted(question: Ask, row: Reminder, now: datetime, language: str) -> Ask:
    """The same question about a reminder that is moved: its days and repetition belong to every answer."""
    if not question.readings:
        return question
    try:
        readings = _different(tuple(completed(one, row, language) for one in question.readings))
    except Ask as other:
        return other
    said = f" {say('or', language)} ".join(said_of(one, row.zone, now, language) for one in readings)
    return Ask(say("ask_differs", language, said=said), asks="time", readings=readings)


def _sentence_of(context: ToolContext, words: str) -> str | None:
    """The sentence in which the person wrote these words lately; None where they did not."""
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


def compare(found: Reading, proposed: tuple[str, str], zone: str, now: datetime, language: str) -> None:
    """Asks when the model understood another time than the code did."""
    first, rule = proposed
    if not (first or rule):
        return
    if (first and not _is_near(found, first, zone)) or not _is_same_rule(found, rule):
        said = said_of(found, zone, now, language)
        raise Ask(say("ask_differs", language, said=said), asks="time", readings=(found,))


def _is_near(found: Reading, proposed: str, zone: str) -> bool:
    try:
        wall = datetime.fromisoformat(proposed)
    except ValueError:
        return False
    if wall.tzinfo is not None:
        wall = wall_of(wall, zone)
    tolerance = TOLERANCE
    if not found.has_time:
        # The person named a day alone: the time is ours, whatever the model made of it.
        return wall.date() == found.first.date()
    return abs(wall - found.first) <= tolerance


def _is_same_rule(found: Reading, proposed: str) -> bool:
    if not proposed or not found.rule:
        return bool(proposed) == bool(found.rule) or not proposed
    try:
        rule, _ = clean_rule(proposed, first=found.first, zone="UTC")
    except BadRule:
        return False
    return _parts(rule, found) == _parts(found.rule, found)


def _parts(rule: str, found: Reading) -> dict[str, str]:
    """A rule without what says nothing: defaults, the order of its days, and the time of its first day."""
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
