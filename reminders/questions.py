"""Questions to a person before a reminder is created or cancelled, stored until they answer.

The question stands on the person's clock (`PersonalClock.asked`): one at a time, the latest counts. Its answers are
buttons where the provider has them and numbered lines elsewhere; `reminders.inbound` handles them.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models.functions import Now

from assistant.toolbox import ToolContext
from common.text.language import nearest_language
from messaging.models import Contact
from reminders import services as reminders
from reminders.models import PersonalClock, Reminder
from reminders.queries import database_now
from reminders.sentences import sentence_for
from timewords.formatting import format_rule
from timewords.parser import TimeReading
from timewords.phrases import MONTH_NAMES, WEEKDAY_NAMES
from timewords.rules import local_time, to_utc

WAITS = timedelta(hours=2)  # how long an answer is waited for


class AskPerson(Exception):
    """The person must be asked something first.

    `asks` is what an answer would be: "time", "text", "all" (whether all are cancelled), "which" (is cancelled), or ""
    when no answer is needed. `readings` are the times that the words may mean.
    """

    def __init__(
        self, text: str, *, asks: str = "", readings: tuple[TimeReading, ...] = (), rows: tuple[int, ...] = (),
        numbers: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        super().__init__(text)
        self.asks = asks
        self.readings = readings
        self.rows = rows  # the reminders that are meant
        self.numbers = numbers or tuple(range(1, len(rows) + 1))  # the numbers under which the person sees them


def wanted_times(found: TimeReading, zone: str, now: datetime) -> reminders.WantedTimes:
    """Return the times of a reminder from what words say."""
    if found.delay is None:
        if found.rule and found.zone and found.there is not None:
            # It repeats by the clock of the named zone, whatever the person's own clock does.
            return reminders.WantedTimes(first=found.there, zone=found.zone, rule=found.rule, last_on=found.last_on)
        return reminders.WantedTimes(first=found.first, zone=zone, rule=found.rule, last_on=found.last_on)
    moment = (now + found.delay).replace(microsecond=0)
    wall = local_time(moment, zone)
    # In the hour that the clock shows twice, a moment counted from now may be the second one.
    fold = 0 if to_utc(wall, zone) == moment else 1
    return reminders.WantedTimes(first=wall, zone=zone, fold=fold, is_moment=True)


def ask_question(
    context: ToolContext,
    question: AskPerson,
    *,
    language: str,
    text: str = "",
    when: reminders.WantedTimes | None = None,
    reminder: Reminder | None = None,
) -> str:
    """Store a question with its answers, offer them as buttons, and return the text."""
    if question.asks or question.rows:
        context.question = str(question)
    if question.asks:
        context.buttons = store_question(
            context.contact, question, language=language, text=text, when=when, reminder=reminder
        )
    return str(question)


def store_question(
    contact: Contact,
    question: AskPerson,
    *,
    language: str,
    text: str = "",
    when: reminders.WantedTimes | None = None,
    reminder: Reminder | None = None,
) -> list[dict[str, str]]:
    """Store a question until it is answered; returns its buttons."""
    clock, now, key = reminders.clock_of(contact=contact), database_now(), secrets.token_hex(4)
    zone = reminder.zone if reminder is not None else clock.zone
    options = [times_to_json(wanted_times(reading, zone, now)) for reading in question.readings]
    titles = answer_titles(question, language)
    asked = {
        "key": key, "asks": question.asks, "language": language, "text": text, "options": options, "titles": titles,
        "when": times_to_json(when) if when is not None else None,
        "reminder": reminder.pk if reminder is not None else None,
        "rows": list(question.rows),
        "numbers": list(question.numbers),
    }  # fmt: skip
    PersonalClock.objects.filter(pk=clock.pk).update(asked=asked, asked_at=Now())
    return [{"payload": f"asked:{key}:{place}", "title": title} for place, title in enumerate(titles)]


def answer_titles(question: AskPerson, language: str) -> list[str]:
    """Return the answers in a few words each."""
    language = nearest_language(language)
    if question.asks == "all":
        return [sentence_for("yes_all", language), sentence_for("no_all", language)]
    times = [_short(reading, language) for reading in question.readings]
    if len(set(times)) < len(times):
        return [
            format_rule(reading.rule, language) if reading.rule else time
            for reading, time in zip(question.readings, times, strict=True)
        ]
    return times


def _short(reading: TimeReading, language: str) -> str:
    """Return "Fri 18 Sep 17:00": what fits on a button."""
    day = reading.first
    return (
        f"{WEEKDAY_NAMES[language][day.weekday()][:3]} {day.day} {MONTH_NAMES[language][day.month - 1][:3]} {day:%H:%M}"
    )


def open_question(contact: Contact) -> dict[str, Any] | None:
    """Return the question that waits for this person's answer, or None."""
    row = PersonalClock.objects.filter(contact=contact, asked_at__gt=database_now() - WAITS).first()
    return dict(row.asked) | {"at": row.asked_at} if row is not None else None


def store_next_question(contact: Contact, asked: dict[str, Any]) -> None:
    """Store the next question, with what is known already."""
    kept = {name: value for name, value in asked.items() if name != "at"}
    PersonalClock.objects.filter(contact=contact).update(asked=kept, asked_at=Now())


def discard_settled(context: ToolContext) -> None:
    """Discard what was asked before in this turn or earlier, because it was done."""
    context.buttons, context.question = [], ""
    discard_question(context.contact)


def discard_question(contact: Contact) -> None:
    """Discard the question, because it was answered or has no meaning any more."""
    PersonalClock.objects.filter(contact=contact).update(asked={}, asked_at=None)


def times_to_json(when: reminders.WantedTimes) -> dict[str, Any]:
    """Return the times of a reminder as they are stored with a question."""
    return {
        "first": when.first.isoformat(), "zone": when.zone, "rule": when.rule, "fold": when.fold,
        "is_moment": when.is_moment, "last_on": when.last_on.isoformat() if when.last_on else None,
    }  # fmt: skip


def times_from_json(kept: dict[str, Any]) -> reminders.WantedTimes:
    """Return the times from what was stored."""
    last_on = date.fromisoformat(kept["last_on"]) if kept["last_on"] else None
    return reminders.WantedTimes(
        first=datetime.fromisoformat(kept["first"]), zone=kept["zone"], rule=kept["rule"], fold=kept["fold"],
        is_moment=kept["is_moment"], last_on=last_on,
    )  # fmt: skip
