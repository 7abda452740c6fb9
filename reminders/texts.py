"""Texts about a reminder and a time, in the person's language and zone."""

from __future__ import annotations

from datetime import datetime

from reminders.models import Reminder
from reminders.queries import next_time_of
from reminders.sentences import sentence_for
from timewords.formatting import format_moment, format_rule
from timewords.parser import TimeReading
from timewords.rules import to_utc

BY = "customer"  # who did it, for the audit


def understood_text(found: TimeReading, zone: str, now: datetime, language: str) -> str:
    """Return what was understood, as text; with both zones when another one was named."""
    said = format_moment(to_utc(found.first, zone), zone, now=now, language=language)
    if found.zone and found.there is not None:
        there = format_moment(to_utc(found.there, found.zone), found.zone, now=now, language=language)
        said = sentence_for("yours", language, there=there, here=said)
    return f"{said} ({format_rule(found.rule, language, last_on=found.last_on)})" if found.rule else said


def reminder_values(reminder: Reminder, now: datetime, language: str, *, own_zone: str = "") -> dict[str, str]:
    """Return the values for sentences about a reminder; also in the person's own zone where it uses another."""
    often = f" ({format_rule(reminder.rule, language, last_on=reminder.last_on)})" if reminder.rule else ""
    moment = next_time_of(reminder)
    when = format_moment(moment, reminder.zone, now=now, language=language)
    if own_zone and own_zone != reminder.zone:
        when = sentence_for(
            "yours", language, there=when, here=format_moment(moment, own_zone, now=now, language=language)
        )
    return {"text": reminder.text, "when": when, "often": often}
