"""What a person is asked about a reminder before it is made or cancelled, kept until they answer.

The question stands on the person's clock (`PersonalClock.asked`): one at a time, the latest counts. Its answers are
buttons where the wire has them and numbered lines elsewhere; `reminders.inbound` takes them.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models.functions import Now

from assistant.toolbox import ToolContext
from messaging.models import Contact
from reminders import services as reminders
from reminders.models import PersonalClock, Reminder
from reminders.queries import database_now
from reminders.when.phrases import MONTH_NAMES, WEEKDAY_NAMES
from reminders.when.reading import Reading
from reminders.when.rules import instant, wall_of
from reminders.when.saying import language_for, say, say_rule

WAITS = timedelta(hours=2)  # so long an answer is waited for


class Ask(Exception):
    """The person must be asked something first.

    `asks` is what an answer would be: "time", "text", "all" (may all be cancelled), "which" (is to be cancelled), or ""
    when nothing is waited for. `readings` are the times that they may mean.
    """

    def __init__(
        self, text: str, *, asks: str = "", readings: tuple[Reading, ...] = (), rows: tuple[int, ...] = (),
        numbers: tuple[int, ...] = (),
    ) -> None:  # fmt: skip
        super().__init__(text)
        self.asks = asks
        self.readings = readings
        self.rows = rows  # the reminders that are meant
        self.numbers = numbers or tuple(range(1, len(rows) + 1))  # the numbers under which the person is shown them


def when_of(found: Reading, zone: str, now: datetime) -> reminders.When:
    """The times of a reminder out of what words say."""
    if found.delay is None:
        if found.rule and found.zone and found.there is not None:
            # It repeats by the clock of the zone that was named, whatever the person's own clock does.
            return reminders.When(first=found.there, zone=found.zone, rule=found.rule, last_on=found.last_on)
        return reminders.When(first=found.first, zone=zone, rule=found.rule, last_on=found.last_on)
    moment = (now + found.delay).replace(microsecond=0)
    wall = wall_of(moment, zone)
    # In the hour that the clock shows twice, a moment counted from now may be the second one.
    fold = 0 if instant(wall, zone) == moment else 1
    return reminders.When(first=wall, zone=zone, fold=fold, is_moment=True)


def keep(
    context: ToolContext, question: Ask, *, language: str, text: str = "", when: reminders.When | None = None,
    reminder: Reminder | None = None,
) -> str:  # fmt: skip
    """Note a question with its answers, offer them as buttons, and return what is to be said."""
    if question.asks or question.rows:
        context.question = str(question)
    if question.asks:
        context.buttons = note(context.contact, question, language=language, text=text, when=when, reminder=reminder)
    return str(question)


def note(
    contact: Contact, question: Ask, *, language: str, text: str = "", when: reminders.When | None = None,
    reminder: Reminder | None = None,
) -> list[dict[str, str]]:  # fmt: skip
    """Keep a question until it is answered; returns its buttons."""
    clock, now, key = reminders.clock_of(contact=contact), database_now(), secrets.token_hex(4)
    zone = reminder.zone if reminder is not None else clock.zone
    options = [as_json(when_of(reading, zone, now)) for reading in question.readings]
    titles = titles_of(question, language)
    asked = {
        "key": key, "asks": question.asks, "language": language, "text": text, "options": options, "titles": titles,
        "when": as_json(when) if when is not None else None, "reminder": reminder.pk if reminder is not None else None,
        "rows": list(question.rows),
        "numbers": list(question.numbers),
    }  # fmt: skip
    PersonalClock.objects.filter(pk=clock.pk).update(asked=asked, asked_at=Now())
    return [{"payload": f"asked:{key}:{place}", "title": title} for place, title in enumerate(titles)]


def titles_of(question: Ask, language: str) -> list[str]:
    """The answers in a few words each."""
    language = language_for(language)
    if question.asks == "all":
        return [say("yes_all", language), say("no_all", language)]
    times = [_short(reading, language) for reading in question.readings]
    if len(set(times)) < len(times):
        return [
            say_rule(reading.rule, language) if reading.rule else time
            for reading, time in zip(question.readings, times, strict=True)
        ]
    return times


def _short(reading: Reading, language: str) -> str:
    """ "Fri 18 Sep 17:00": what a button carries."""
    day = reading.first
    return (
        f"{WEEKDAY_NAMES[language][day.weekday()][:3]} {day.day} {MONTH_NAMES[language][day.month - 1][:3]} {day:%H:%M}"
    )


def waiting(contact: Contact) -> dict[str, Any] | None:
    """The question that waits for this person's answer, or None."""
    row = PersonalClock.objects.filter(contact=contact, asked_at__gt=database_now() - WAITS).first()
    return dict(row.asked) | {"at": row.asked_at} if row is not None else None


def keep_again(contact: Contact, asked: dict[str, Any]) -> None:
    """Note that the next thing is asked, with what is known already."""
    kept = {name: value for name, value in asked.items() if name != "at"}
    PersonalClock.objects.filter(contact=contact).update(asked=kept, asked_at=Now())


def settled(context: ToolContext) -> None:
    """What was asked before in this turn or earlier means nothing any more: it was done."""
    context.buttons, context.question = [], ""
    forget(context.contact)


def forget(contact: Contact) -> None:
    """The question was answered, or means nothing any more."""
    PersonalClock.objects.filter(contact=contact).update(asked={}, asked_at=None)


def as_json(when: reminders.When) -> dict[str, Any]:
    """The times of a reminder as they are kept with a question."""
    return {
        "first": when.first.isoformat(), "zone": when.zone, "rule": when.rule, "fold": when.fold,
        "is_moment": when.is_moment, "last_on": when.last_on.isoformat() if when.last_on else None,
    }  # fmt: skip


def from_json(kept: dict[str, Any]) -> reminders.When:
    """The same out of what was kept."""
    last_on = date.fromisoformat(kept["last_on"]) if kept["last_on"] else None
    return reminders.When(
        first=datetime.fromisoformat(kept["first"]), zone=kept["zone"], rule=kept["rule"], fold=kept["fold"],
        is_moment=kept["is_moment"], last_on=last_on,
    )  # fmt: skip
