"""What a person is told of a reminder and of a time, in their language and on their clock."""

from __future__ import annotations

from datetime import datetime

from reminders.models import Reminder
from reminders.queries import next_time_of
from reminders.when.reading import Reading
from reminders.when.rules import instant
from reminders.when.saying import say, say_moment, say_rule

BY = "customer"  # who did it, in the audit


def said_of(found: Reading, zone: str, now: datetime, language: str) -> str:
    """What was understood, in words; with both clocks when another zone was named."""
    said = say_moment(instant(found.first, zone), zone, now=now, language=language)
    if found.zone and found.there is not None:
        there = say_moment(instant(found.there, found.zone), found.zone, now=now, language=language)
        said = say("yours", language, there=there, here=said)
    return f"{said} ({say_rule(found.rule, language, last_on=found.last_on)})" if found.rule else said


def told(reminder: Reminder, now: datetime, language: str, *, own_zone: str = "") -> dict[str, str]:
    """What is said of a reminder; its time on the person's own clock too, where it goes by another."""
    often = f" ({say_rule(reminder.rule, language, last_on=reminder.last_on)})" if reminder.rule else ""
    moment = next_time_of(reminder)
    when = say_moment(moment, reminder.zone, now=now, language=language)
    if own_zone and own_zone != reminder.zone:
        when = say("yours", language, there=when, here=say_moment(moment, own_zone, now=now, language=language))
    return {"text": reminder.text, "when": when, "often": often}
