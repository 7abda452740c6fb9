"""Handle a person's answer to a question about a reminder: by button, by number, or in words."""

from __future__ import annotations

from typing import Any

from assistant.matching.emergencies import is_emergency
from assistant.phrases import AGREEMENTS, REFUSALS, asks_for_person, is_greeting, is_yes, needs_no_answer
from common.text.numbers import parse_whole_number
from common.text.plain import fold
from messaging.models import Direction, Message, Purpose
from reminders import offline_rules
from reminders import services as reminders
from reminders.models import OPEN, Reminder
from reminders.order_phrases import mentions_reminder
from reminders.proposal_check import complete_change, question_of_times
from reminders.queries import choose_rows, database_now, parse_row_number, zone_of
from reminders.questions import (
    AskPerson,
    discard_question,
    open_question,
    store_next_question,
    store_question,
    times_from_json,
    times_to_json,
    wanted_times,
)
from reminders.reminder_answers import FILLERS
from reminders.sentences import sentence_for
from reminders.texts import BY, reminder_values, understood_text
from timewords.parser import PastTime, TimeReading, parse_time_words
from timewords.rules import local_time

MAX_LENGTH = 200
NEVER_MIND = {
    "never mind", "nevermind", "forget it", "nothing", "cancel", "no", "nope", "deixa pra la", "deixa", "esquece",
    "nada", "nao", "cancela", "cancelar", "olvidalo", "dejalo", "las", "nimic", "nu", "anuleaza",
    "lasa", "renunta", "no thanks", "keep them",
}  # fmt: skip


def handle_question_answer(message: Message) -> str:
    """Do what the answer says and return the reply; "" when the message is no answer to a question of ours."""
    question = open_question(message.conversation.contact)
    if question is None:
        return ""
    kind, _, rest = str(message.data.get("payload", "")).partition(":")
    key, _, place = rest.partition(":")
    if kind == "asked":
        number = parse_whole_number(place)
        return "" if number is None or key != question["key"] else _chosen(message, question, number)
    if not message.text or len(message.text) > MAX_LENGTH or not _is_last(message, question):
        return ""
    return _in_words(message, question)


def _is_last(message: Message, question: dict[str, Any]) -> bool:
    """Return whether our question was the last message, and no person of the business has the conversation."""
    if message.conversation.is_paused:
        return False
    since = Message.objects.filter(conversation=message.conversation_id, created_at__gt=question["at"])
    first = since.filter(direction=Direction.IN).order_by("pk").first() or message
    ours = since.filter(direction=Direction.OUT)
    is_other = ours.exclude(purpose__in=(Purpose.ASSISTANT, Purpose.NOTICE)).exists()
    return not is_other and not ours.filter(created_at__gt=first.created_at).exists()


def _in_words(message: Message, question: dict[str, Any]) -> str:
    plain = fold(message.text)
    if plain in REFUSALS and question["asks"] == "time" and question["titles"]:
        store_next_question(message.conversation.contact, question | {"titles": [], "options": []})
        return sentence_for("ask_when", question["language"])
    if plain in NEVER_MIND or plain in REFUSALS:
        discard_question(message.conversation.contact)
        return sentence_for("all_kept", question["language"])
    titles = [fold(title) for title in question["titles"]]
    if plain.isdecimal() and question["asks"] != "which" and 1 <= int(plain[:3]) <= len(titles):
        return _chosen(message, question, int(plain) - 1)
    if plain in titles:
        return _chosen(message, question, titles.index(plain))
    if (plain in AGREEMENTS or is_yes(message.text)) and (question["asks"] == "all" or len(titles) == 1):
        return _chosen(message, question, 0)
    if needs_no_answer(message.text) or is_greeting(message.text) or asks_for_person(message.text):
        return ""
    if question["asks"] == "which":
        return _which(message, question)
    if question["asks"] == "time":
        return _time(message, question)
    return _text(message, question) if question["asks"] == "text" else ""


def _chosen(message: Message, question: dict[str, Any], place: int) -> str:
    """Handle one of the offered answers."""
    contact, language = message.conversation.contact, question["language"]
    if question["asks"] == "all":
        discard_question(contact)
        if place != 0:
            return sentence_for("all_kept", language)
        rows = Reminder.objects.of(message.tenant).filter(contact=contact, state__in=OPEN, pk__in=question["rows"])
        ended = [row for row in rows.order_by("pk") if reminders.cancel_reminder(reminder=row, by=BY)]
        return sentence_for("all_cancelled", language, n=len(ended))
    if place >= len(question["options"]):
        return ""
    return _made(message, question, times_from_json(question["options"][place]))


def _time(message: Message, question: dict[str, Any]) -> str:
    """Handle another time, in words without anything else."""
    contact, now, language = message.conversation.contact, database_now(), question["language"]
    row = _row_of(message, question)
    zone = row.zone if row is not None else zone_of(contact)
    try:
        found: TimeReading | None = parse_time_words(
            message.text, now=local_time(now, zone), language=language, is_answer=True, zone=zone
        )
    except PastTime:
        store_next_question(contact, question)
        return sentence_for("past", language)
    if found is None or FILLERS.sub(" ", fold(found.rest)).strip():
        return ""
    if row is not None:
        return _moved(message, question, row, found)
    if not found.is_whole:
        said = f" {sentence_for('or', language)} ".join(
            understood_text(one, zone, now, language) for one in (found, *found.others)
        )
        return sentence_for("ask_differs", language, said=said)
    return _made(message, question, wanted_times(found, zone, now))


def _moved(message: Message, question: dict[str, Any], row: Reminder, found: TimeReading) -> str:
    """Move an existing reminder to another time: what the words leave out, its days and its repetition, stays."""
    contact, now, language = message.conversation.contact, database_now(), question["language"]
    try:
        if not found.is_whole:
            raise question_of_times(found, row, now, language)
        whole = complete_change(found, row, language)
    except AskPerson as other:
        store_question(contact, other, language=language, text=question["text"], reminder=row)
        return str(other)
    return _made(message, question, wanted_times(whole, row.zone, now))


def _row_of(message: Message, question: dict[str, Any]) -> Reminder | None:
    """Return the reminder that a question is about; None for one that is not created yet."""
    rows = Reminder.objects.of(message.tenant).filter(pk=question["reminder"], contact=message.conversation.contact)
    return rows.first()


def _text(message: Message, question: dict[str, Any]) -> str:
    """Handle the text of a reminder, once the time is known."""
    text = offline_rules.strip_small_words(message.text)
    is_other = "?" in message.text or offline_rules.match_rule(message.text, question["language"]) is not None
    is_other = is_other or mentions_reminder(message.text) or is_emergency(message.text)
    if is_other or not any(letter.isalnum() for letter in text):
        return ""
    return _made(message, question | {"text": text}, times_from_json(question["when"]))


def _which(message: Message, question: dict[str, Any]) -> str:
    """Handle which of several reminders is to be cancelled."""
    language = question["language"]
    rows = list(
        Reminder.objects.of(message.tenant).filter(pk__in=question["rows"], state__in=OPEN).order_by("created_at", "pk")
    )
    number, numbers = parse_row_number(message.text), question.get("numbers") or []
    if number is None:
        found = choose_rows(rows, message.text, lambda one: one.text)
    else:  # a number is one of those that were shown, whatever else is in the list
        meant = question["rows"][numbers.index(number)] if number in numbers else None
        found = [row for row in rows if row.pk == meant]
    if len(found) != 1:
        return ""
    discard_question(message.conversation.contact)
    reminders.cancel_reminder(reminder=found[0], by=BY)
    return sentence_for("cancelled", language, text=found[0].text)


def _made(message: Message, question: dict[str, Any], when: reminders.WantedTimes) -> str:
    """Create or move the reminder of the question; if its text is still unknown, ask for it next."""
    contact, language, now = message.conversation.contact, question["language"], database_now()
    if question["reminder"] is None and not question["text"]:
        store_next_question(
            contact, question | {"asks": "text", "titles": [], "options": [], "when": times_to_json(when)}
        )
        return sentence_for("ask_text", language)
    discard_question(contact)
    try:
        if question["reminder"] is not None:
            row = _row_of(message, question)
            if row is None:
                return sentence_for("not_found", language)
            more = {"text": question["text"]} if question["text"] else {}
            changed = reminders.change_times(reminder=row, when=when, by=BY, **more)
            return sentence_for("changed", language, **reminder_values(changed, now, language))
        made = reminders.create_reminder(
            contact=contact,
            conversation=message.conversation,
            text=question["text"],
            when=when,
            by=BY,
            language=language,
            or_same=True,
        )
    except reminders.ReminderRefused as error:
        return sentence_for(error.phrase or "not_possible", language, why=error)
    return sentence_for("created", language, **reminder_values(made, now, language, own_zone=zone_of(contact)))
