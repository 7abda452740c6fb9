"""A person's own words about a time beside what a model took them to mean: only what agrees is done, else we ask."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from assistant.toolbox import ToolContext
from common.text import folded
from messaging.models import Direction, Message
from reminders import verbs as reminders
from reminders.models import Reminder
from reminders.queries import next_time_of
from reminders.when.reading import Past, Reading, read
from reminders.when.rules import BadRule, clean_rule, instant, wall_of
from reminders.when.saying import say, say_moment, say_rule

READ_BACK = 12  # messages among which the person's words must be found
TOLERANCE = timedelta(minutes=2)


class Ask(Exception):
    """The person must be asked something first."""


def when_of(found: Reading, zone: str, now: datetime) -> reminders.When:
    """The times of a reminder out of what words say."""
    if found.delay is None:
        return reminders.When(first=found.first, zone=zone, rule=found.rule, last_on=found.last_on)
    moment = (now + found.delay).replace(microsecond=0)
    wall = wall_of(moment, zone)
    # In the hour that the clock shows twice, a moment counted from now may be the second one.
    fold = 0 if instant(wall, zone) == moment else 1
    return reminders.When(first=wall, zone=zone, fold=fold, is_moment=True)


def times_in(context: ToolContext, words: str, zone: str, now: datetime, language: str) -> Reading:
    """The times in the person's own words; asks where there are none, or they are not theirs."""
    if not _were_said(context, words):
        raise Ask(say("ask_when", language))
    try:
        found = read(words, now=wall_of(now, zone), language=language)
    except Past:
        raise Ask(say("past", language)) from None
    if found is None:
        raise Ask(say("ask_when", language))
    if not found.is_whole:
        raise Ask(say("ask_differs", language, said=_said(found, zone, now, language)))
    return found


def completed(found: Reading, row: Reminder, language: str) -> Reading:
    """A new time of the day keeps days and repetition, a new day keeps the time; a day alone repeats nothing: asks."""
    if found.delay is not None or found.rule:
        return found
    if row.rule and found.has_date:
        raise Ask(say("ask_repeats", language, often=say_rule(row.rule, language, last_on=row.last_on)))
    if row.rule:
        first = datetime.combine(row.first_on, found.first.time())
        return replace(found, first=first, rule=row.rule, last_on=row.last_on)
    before = wall_of(next_time_of(row), row.zone)
    day = found.first if found.has_date else before
    at = found.first if found.has_time else before
    return replace(found, first=datetime.combine(day.date(), at.time()), has_time=True)


def _said(found: Reading, zone: str, now: datetime, language: str) -> str:
    """What was understood, in words."""
    said = say_moment(instant(found.first, zone), zone, now=now, language=language)
    return f"{said} ({say_rule(found.rule, language, last_on=found.last_on)})" if found.rule else said


def _were_said(context: ToolContext, words: str) -> bool:
    """Whether the person wrote these words lately: a time that the model made up makes no reminder."""
    rows = Message.objects.filter(conversation=context.conversation, direction=Direction.IN).select_related("media")
    said: set[str] = set()
    for message in rows.order_by("-pk")[:READ_BACK]:
        media = getattr(message, "media", None)
        said |= set(folded(f"{message.text} {media.transcript if media is not None else ''}").split())
    wanted = set(folded(words).split())
    return bool(wanted) and wanted <= said


def compare(found: Reading, proposed: tuple[str, str], zone: str, now: datetime, language: str) -> None:
    """Asks when the model understood another time than the code did."""
    first, rule = proposed
    if not (first or rule):
        return
    if (first and not _is_near(found, first, zone)) or not _is_same_rule(found, rule):
        raise Ask(say("ask_differs", language, said=_said(found, zone, now, language)))


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
