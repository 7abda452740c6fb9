"""The conversation's door: what a person answers to a reminder, and where they say they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from common.text.language import nearest_language
from common.text.plain import fold
from messaging import services as messaging
from messaging.handlers import only_where
from messaging.models import Direction, Message, Purpose
from messaging.providers.base import Kind
from reminders import answered
from reminders import services as reminders
from reminders.asking import Ask, note
from reminders.models import OPEN, Answer, Occurrence, PersonalClock, Reminder, ZoneSource
from reminders.orders import unwanted
from reminders.queries import database_now, open_reminders, zone_of
from reminders.when.answers import STOP_REMINDING, SURE, Said, understand, understand_sign
from reminders.when.rules import instant, wall_of
from reminders.when.saying import say, say_moment, say_zone
from reminders.when.zones import read_zone

FRESH = timedelta(hours=6)  # so long it is, when something else of ours was said meanwhile
RECENT = timedelta(hours=24)  # so long a plain "done" is meant for the latest reminder
MAX_NAMED = 200  # characters of a message that says what not to remind of
ASKED = timedelta(hours=1)  # so long a bare city is an answer to "if your time zone is another"
WORDS = (Kind.TEXT, Kind.BUTTON, Kind.VOICE, Kind.AUDIO)  # a voice note has its words once it is written down
BUTTONS = {"done": Said("done"), "later": Said("later", delay=timedelta(minutes=10)), "stop": Said("stop")}


@only_where(
    lambda: (
        Exists(Reminder.objects.filter(contact=OuterRef("contact")))
        | Exists(PersonalClock.objects.filter(contact=OuterRef("contact"), asked_at__isnull=False))
    )
)
def answers(message: Message) -> bool:
    """Take an answer to a reminder by button, reaction, quote or words, and a correction of the time zone."""
    if message.is_late or message.data.get("is_group"):
        return False
    if message.kind in WORDS and (said_of_question := answered.answer(message)):
        _reply(message, said_of_question)
        return True
    occurrence, said = _tapped(message) or _reacted(message) or _written(message) or (None, None)
    if occurrence is not None and said is not None:
        _obey(message, occurrence, said)
        return True
    return message.kind in WORDS and (_stop(message) or _zone(message))


def _tapped(message: Message) -> tuple[Occurrence, Said] | None:
    kind, _, rest = str(message.data.get("payload", "")).partition(":")
    number, _, name = rest.partition(":")
    if kind != "reminder" or name not in BUTTONS or not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    found = _own(message).filter(pk=int(number)).first()
    return (found, BUTTONS[name]) if found is not None else None


def _reacted(message: Message) -> tuple[Occurrence, Said] | None:
    if message.kind != Kind.REACTION or not message.text:
        return None
    said, found = understand_sign(message.text), _quoted(message)
    return (found, said) if said is not None and found is not None else None


def _written(message: Message) -> tuple[Occurrence, Said] | None:
    if message.kind not in WORDS or not message.text or len(message.text) > 200:
        return None
    occurrence = _quoted(message) if message.reply_to else _latest(message) or _fresh(message)
    if occurrence is None:
        return None
    zone, language = zone_of(message.conversation.contact), _language(message, occurrence.reminder)
    said = understand(message.text, now=wall_of(database_now(), zone), language=language, zone=zone)
    return (occurrence, said) if said is not None else None


def _own(message: Message) -> Any:
    """The times of this person's reminders that were said."""
    rows = Occurrence.objects.of(message.tenant).filter(reminder__contact=message.conversation.contact)
    return rows.filter(message__isnull=False).select_related("reminder__tenant", "message")


def _quoted(message: Message) -> Occurrence | None:
    if not message.reply_to:
        return None
    rows = _own(message).filter(message__channel=message.channel_id, message__external_id=message.reply_to)
    found: Occurrence | None = rows.first()
    return found


def _latest(message: Message) -> Occurrence | None:
    """The reminder that the last message of ours was, if it was one and not long ago."""
    last = Message.objects.filter(conversation=message.conversation_id, direction=Direction.OUT).order_by("-pk").first()
    if last is None or last.purpose != Purpose.REMINDER or last.created_at < database_now() - RECENT:
        return None
    found: Occurrence | None = _own(message).filter(message=last, answer="").first()
    return found


def _fresh(message: Message) -> Occurrence | None:
    """The last reminder of the last hours, whatever else of ours came after it; for words that surely mean it."""
    if fold(message.text) not in SURE:
        return None
    rows = _own(message).filter(message__conversation=message.conversation_id, answer="")
    found: Occurrence | None = (
        rows.filter(message__created_at__gt=database_now() - FRESH).order_by("-message_id").first()
    )
    return found


def _stop(message: Message) -> bool:
    """ "Stop reminding me", or "don't remind me to call Ana": the only one is stopped, of several one is asked for."""
    names, contact = unwanted(message.text[:MAX_NAMED]), message.conversation.contact
    if fold(message.text) not in STOP_REMINDING and not names:
        return False
    every = list(open_reminders(contact)[:50])
    rows = [row for row in every if names <= set(fold(row.text).split())]
    if not rows:
        return False
    language = _language(message, rows[0])
    if len(rows) == 1:
        reminders.cancel_reminder(reminder=rows[0], by="customer")
        _reply(message, say("stopped", language, text=rows[0].text))
        return True
    numbers = tuple(every.index(row) + 1 for row in rows)
    lines = "\n".join(f"{number}. {row.text}" for number, row in zip(numbers, rows, strict=True))
    text = f"{say('which', language)}\n{lines}"
    question = Ask(text, asks="which", rows=tuple(row.pk for row in rows), numbers=numbers)
    note(contact, question, language=language)
    _reply(message, str(question))
    return True


def _obey(message: Message, occurrence: Occurrence, said: Said) -> None:
    reminder, by = occurrence.reminder, "customer"
    language = _language(message, reminder)
    text = reminder.text
    if said.answer == "done":
        reminders.answer_done(occurrence=occurrence, by=by)
        if message.kind != Kind.REACTION:
            _reply(message, say("done", language, text=text))
        return
    if said.answer == "stop":
        reminders.stop(occurrence=occurrence, by=by)
        _reply(message, say("stopped", language, text=text))
        return
    now, zone = database_now(), zone_of(message.conversation.contact)
    until = now + said.delay if said.delay is not None else instant(said.until or wall_of(now, zone), zone)
    answer = Answer.SNOOZED if said.answer == "later" else Answer.MOVED
    try:
        again = reminders.snooze(occurrence=occurrence, until=until, by=by, answer=answer)
    except reminders.NotPossible as error:
        _reply(message, say(error.phrase or "not_possible", language, why=error))
        return
    when = say_moment(again.occurs_at, zone, now=now, language=language)
    _reply(message, say("snoozed" if answer == Answer.SNOOZED else "moved", language, when=when, text=text))


def _zone(message: Message) -> bool:
    """Somebody who has reminders says where they are: their clock is set, and the times follow."""
    if not message.text or len(message.text) > 100:
        return False
    contact = message.conversation.contact
    newest: Reminder | None = Reminder.objects.of(message.tenant).filter(contact=contact, state__in=OPEN).last()
    if newest is None:
        return False
    now = database_now()
    found = read_zone(message.text, is_asked=_is_new(contact, now))
    if found is None:
        return False
    reminders.set_zone(contact=contact, zone=found, source=ZoneSource.TOLD, by="customer")
    language = _language(message, newest)
    lines = [say("zone_set", language, zone=say_zone(found, language))]
    following = open_reminders(contact).filter(next_at__isnull=False).order_by("next_at").first()
    if following is not None and following.next_at is not None:
        when = say_moment(following.next_at, found, now=now, language=language)
        lines.append(say("next", language, when=when, text=following.text))
    _reply(message, "\n".join(lines))
    return True


def _is_new(contact: Any, now: datetime) -> bool:
    return bool(open_reminders(contact).filter(created_at__gt=now - ASKED).exists())


def _language(message: Message, reminder: Reminder) -> str:
    contact = message.conversation.contact
    return nearest_language(contact.language, reminder.language, message.tenant.language)


def _reply(message: Message, text: str) -> None:
    messaging.send(
        conversation=message.conversation, text=text, purpose=Purpose.NOTICE, dedupe_key=f"reminder-answer:{message.pk}"
    )
