"""The inbound handler of reminders: answers to a reminder, and statements of a time zone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from common.text.numbers import parse_whole_number
from common.text.plain import fold
from messaging import services as messaging
from messaging.handlers import only_where
from messaging.models import Direction, Message, Purpose
from messaging.providers.base import Kind
from messaging.queries import language_for
from reminders import question_answers
from reminders import services as reminders
from reminders.models import OPEN, Occurrence, PersonalClock, Reminder, ReminderAnswer, ZoneSource
from reminders.order_phrases import unwanted
from reminders.queries import database_now, open_reminders, zone_of
from reminders.questions import AskPerson, store_question
from reminders.reminder_answers import STOP_REMINDING, SURE, ParsedReminderAnswer, parse_reaction, parse_reminder_answer
from reminders.sentences import sentence_for
from timewords.formatting import format_moment, format_zone
from timewords.rules import local_time, to_utc
from timewords.zones import parse_zone

FRESH = timedelta(hours=6)  # so long a surely meant answer counts, also when we sent something else meanwhile
RECENT = timedelta(hours=24)  # so long a plain "done" counts for the latest reminder
MAX_NAMED = 200  # characters of a message that says what not to remind of
ASKED = timedelta(hours=1)  # so long a bare city answers "if your time zone is another"
WORDS = (Kind.TEXT, Kind.BUTTON, Kind.VOICE, Kind.AUDIO)  # a voice note has its words once it is transcribed
BUTTONS = {
    "done": ParsedReminderAnswer("done"),
    "later": ParsedReminderAnswer("later", delay=timedelta(minutes=10)),
    "stop": ParsedReminderAnswer("stop"),
}


@only_where(
    lambda: (
        Exists(Reminder.objects.filter(contact=OuterRef("contact")))
        | Exists(PersonalClock.objects.filter(contact=OuterRef("contact"), asked_at__isnull=False))
    )
)
def handle_reminder_message(message: Message) -> bool:
    """Handle an answer to a reminder by button, reaction, quote or words, and a correction of the time zone."""
    if message.is_late or message.data.get("is_group"):
        return False
    if message.kind in WORDS and (said_of_question := question_answers.handle_question_answer(message)):
        _reply(message, said_of_question)
        return True
    occurrence, said = _tapped(message) or _reacted(message) or _written(message) or (None, None)
    if occurrence is not None and said is not None:
        _apply(message, occurrence, said)
        return True
    return message.kind in WORDS and (_stop(message) or _zone(message))


def _tapped(message: Message) -> tuple[Occurrence, ParsedReminderAnswer] | None:
    kind, _, rest = str(message.data.get("payload", "")).partition(":")
    number, _, name = rest.partition(":")
    pk = parse_whole_number(number)
    if kind != "reminder" or name not in BUTTONS or pk is None:
        return None
    found = _own(message).filter(pk=pk).first()
    return (found, BUTTONS[name]) if found is not None else None


def _reacted(message: Message) -> tuple[Occurrence, ParsedReminderAnswer] | None:
    if message.kind != Kind.REACTION or not message.text:
        return None
    said, found = parse_reaction(message.text), _quoted(message)
    return (found, said) if said is not None and found is not None else None


def _written(message: Message) -> tuple[Occurrence, ParsedReminderAnswer] | None:
    if message.kind not in WORDS or not message.text or len(message.text) > 200:
        return None
    occurrence = _quoted(message) if message.reply_to else _latest(message) or _fresh(message)
    if occurrence is None:
        return None
    zone, language = zone_of(message.conversation.contact), _language(message, occurrence.reminder)
    said = parse_reminder_answer(message.text, now=local_time(database_now(), zone), language=language, zone=zone)
    return (occurrence, said) if said is not None else None


def _own(message: Message) -> Any:
    """Return the occurrences of this person's reminders that were sent."""
    rows = Occurrence.objects.of(message.tenant).filter(reminder__contact=message.conversation.contact)
    return rows.filter(message__isnull=False).select_related("reminder__tenant", "message")


def _quoted(message: Message) -> Occurrence | None:
    if not message.reply_to:
        return None
    rows = _own(message).filter(message__channel=message.channel_id, message__external_id=message.reply_to)
    found: Occurrence | None = rows.first()
    return found


def _latest(message: Message) -> Occurrence | None:
    """Return the reminder of our last message, if it was one and not long ago."""
    last = Message.objects.filter(conversation=message.conversation_id, direction=Direction.OUT).order_by("-pk").first()
    if last is None or last.purpose != Purpose.REMINDER or last.created_at < database_now() - RECENT:
        return None
    found: Occurrence | None = _own(message).filter(message=last, answer="").first()
    return found


def _fresh(message: Message) -> Occurrence | None:
    """Return the last reminder of the last hours, whatever we sent after it; for words that surely mean it."""
    if fold(message.text) not in SURE:
        return None
    rows = _own(message).filter(message__conversation=message.conversation_id, answer="")
    found: Occurrence | None = (
        rows.filter(message__created_at__gt=database_now() - FRESH).order_by("-message_id").first()
    )
    return found


def _stop(message: Message) -> bool:
    """Handle "stop reminding me", or "don't remind me to call Ana": one reminder is stopped, of several ask which."""
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
        _reply(message, sentence_for("stopped", language, text=rows[0].text))
        return True
    numbers = tuple(every.index(row) + 1 for row in rows)
    lines = "\n".join(f"{number}. {row.text}" for number, row in zip(numbers, rows, strict=True))
    text = f"{sentence_for('which', language)}\n{lines}"
    question = AskPerson(text, asks="which", rows=tuple(row.pk for row in rows), numbers=numbers)
    store_question(contact, question, language=language)
    _reply(message, str(question))
    return True


def _apply(message: Message, occurrence: Occurrence, said: ParsedReminderAnswer) -> None:
    reminder, by = occurrence.reminder, "customer"
    language = _language(message, reminder)
    text = reminder.text
    if said.answer == "done":
        reminders.answer_done(occurrence=occurrence, by=by)
        if message.kind != Kind.REACTION:
            _reply(message, sentence_for("done", language, text=text))
        return
    if said.answer == "stop":
        reminders.stop_reminder(occurrence=occurrence, by=by)
        _reply(message, sentence_for("stopped", language, text=text))
        return
    now, zone = database_now(), zone_of(message.conversation.contact)
    until = now + said.delay if said.delay is not None else to_utc(said.until or local_time(now, zone), zone)
    answer = ReminderAnswer.SNOOZED if said.answer == "later" else ReminderAnswer.MOVED
    try:
        again = reminders.snooze(occurrence=occurrence, until=until, by=by, answer=answer)
    except reminders.ReminderRefused as error:
        _reply(message, sentence_for(error.phrase or "not_possible", language, why=error))
        return
    when = format_moment(again.occurs_at, zone, now=now, language=language)
    _reply(
        message,
        sentence_for("snoozed" if answer == ReminderAnswer.SNOOZED else "moved", language, when=when, text=text),
    )


def _zone(message: Message) -> bool:
    """Set the person's clock when somebody with reminders says where they are; the times follow."""
    if not message.text or len(message.text) > 100:
        return False
    contact = message.conversation.contact
    newest: Reminder | None = Reminder.objects.of(message.tenant).filter(contact=contact, state__in=OPEN).last()
    if newest is None:
        return False
    now = database_now()
    found = parse_zone(message.text, is_asked=_is_new(contact, now))
    if found is None:
        return False
    reminders.set_zone(contact=contact, zone=found, source=ZoneSource.TOLD, by="customer")
    language = _language(message, newest)
    lines = [sentence_for("zone_set", language, zone=format_zone(found, language))]
    following = open_reminders(contact).filter(next_at__isnull=False).order_by("next_at").first()
    if following is not None and following.next_at is not None:
        when = format_moment(following.next_at, found, now=now, language=language)
        lines.append(sentence_for("next", language, when=when, text=following.text))
    _reply(message, "\n".join(lines))
    return True


def _is_new(contact: Any, now: datetime) -> bool:
    return bool(open_reminders(contact).filter(created_at__gt=now - ASKED).exists())


def _language(message: Message, reminder: Reminder) -> str:
    contact = message.conversation.contact
    return language_for(contact, message.tenant, else_in=reminder.language)


def _reply(message: Message, text: str) -> None:
    messaging.send(
        conversation=message.conversation, text=text, purpose=Purpose.NOTICE, dedupe_key=f"reminder-answer:{message.pk}"
    )
