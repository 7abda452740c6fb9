"""What a person answers when they were asked about a reminder: by button, by number, or in words."""

from __future__ import annotations

from typing import Any

from assistant.matching.emergencies import is_emergency
from assistant.phrases import AGREEMENTS, REFUSALS, asks_for_person, is_greeting, is_yes, needs_no_answer
from common.text.plain import fold
from messaging.models import Direction, Message, Purpose
from reminders import offline
from reminders import services as reminders
from reminders.agreeing import completed, which_of
from reminders.asking import Ask, as_json, forget, from_json, keep_again, note, waiting, when_of
from reminders.models import OPEN, Reminder
from reminders.orders import speaks_of_one
from reminders.queries import chosen, database_now, number_in, zone_of
from reminders.telling import BY, said_of, told
from reminders.when.answers import FILLERS
from reminders.when.reading import Past, Reading, read
from reminders.when.rules import wall_of
from reminders.when.saying import say

MAX_LENGTH = 200
NEVER_MIND = {
    "never mind", "nevermind", "forget it", "nothing", "cancel", "no", "nope", "deixa pra la", "deixa", "esquece",
    "nada", "nao", "cancela", "cancelar", "olvidalo", "dejalo", "las", "nimic", "nu", "anuleaza",
    "lasa", "renunta", "no thanks", "keep them",
}  # fmt: skip


def answer(message: Message) -> str:
    """Do what the answer says and return what is to be said; "" when the message is no answer to a question of ours."""
    question = waiting(message.conversation.contact)
    if question is None:
        return ""
    kind, _, rest = str(message.data.get("payload", "")).partition(":")
    key, _, place = rest.partition(":")
    if kind == "asked":
        is_known = key == question["key"] and place.isascii() and place.isdecimal()
        return _chosen(message, question, int(place)) if is_known else ""
    if not message.text or len(message.text) > MAX_LENGTH or not _is_last(message, question):
        return ""
    return _in_words(message, question)


def _is_last(message: Message, question: dict[str, Any]) -> bool:
    """Whether nothing was said by us since the person answered, and no person of the business has the conversation."""
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
        keep_again(message.conversation.contact, question | {"titles": [], "options": []})
        return say("ask_when", question["language"])
    if plain in NEVER_MIND or plain in REFUSALS:
        forget(message.conversation.contact)
        return say("all_kept", question["language"])
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
    """One of the answers that were offered."""
    contact, language = message.conversation.contact, question["language"]
    if question["asks"] == "all":
        forget(contact)
        if place != 0:
            return say("all_kept", language)
        rows = Reminder.objects.of(message.tenant).filter(contact=contact, state__in=OPEN, pk__in=question["rows"])
        ended = [row for row in rows.order_by("pk") if reminders.cancel_reminder(reminder=row, by=BY)]
        return say("all_cancelled", language, n=len(ended))
    if place >= len(question["options"]):
        return ""
    return _made(message, question, from_json(question["options"][place]))


def _time(message: Message, question: dict[str, Any]) -> str:
    """Another time, in words and with nothing else beside it."""
    contact, now, language = message.conversation.contact, database_now(), question["language"]
    row = _row_of(message, question)
    zone = row.zone if row is not None else zone_of(contact)
    try:
        found: Reading | None = read(message.text, now=wall_of(now, zone), language=language, is_answer=True, zone=zone)
    except Past:
        keep_again(contact, question)
        return say("past", language)
    if found is None or FILLERS.sub(" ", fold(found.rest)).strip():
        return ""
    if row is not None:
        return _moved(message, question, row, found)
    if not found.is_whole:
        said = f" {say('or', language)} ".join(said_of(one, zone, now, language) for one in (found, *found.others))
        return say("ask_differs", language, said=said)
    return _made(message, question, when_of(found, zone, now))


def _moved(message: Message, question: dict[str, Any], row: Reminder, found: Reading) -> str:
    """Another time for a reminder that there is: what the words leave out, its days and its repetition, stays."""
    contact, now, language = message.conversation.contact, database_now(), question["language"]
    try:
        if not found.is_whole:
            raise which_of(found, row, now, language)
        whole = completed(found, row, language)
    except Ask as other:
        note(contact, other, language=language, text=question["text"], reminder=row)
        return str(other)
    return _made(message, question, when_of(whole, row.zone, now))


def _row_of(message: Message, question: dict[str, Any]) -> Reminder | None:
    """The reminder that a question is about; None for one that is yet to be made."""
    rows = Reminder.objects.of(message.tenant).filter(pk=question["reminder"], contact=message.conversation.contact)
    return rows.first()


def _text(message: Message, question: dict[str, Any]) -> str:
    """What to remind of, once the time is known."""
    text = offline.trimmed(message.text)
    is_other = "?" in message.text or offline.understand(message.text, question["language"]) is not None
    is_other = is_other or speaks_of_one(message.text) or is_emergency(message.text)
    if is_other or not any(letter.isalnum() for letter in text):
        return ""
    return _made(message, question | {"text": text}, from_json(question["when"]))


def _which(message: Message, question: dict[str, Any]) -> str:
    """Which of several is to be cancelled."""
    language = question["language"]
    rows = list(
        Reminder.objects.of(message.tenant).filter(pk__in=question["rows"], state__in=OPEN).order_by("created_at", "pk")
    )
    number, numbers = number_in(message.text), question.get("numbers") or []
    if number is None:
        found = chosen(rows, message.text, lambda one: one.text)
    else:  # a number is one of those that were shown, whatever else is in the list
        meant = question["rows"][numbers.index(number)] if number in numbers else None
        found = [row for row in rows if row.pk == meant]
    if len(found) != 1:
        return ""
    forget(message.conversation.contact)
    reminders.cancel_reminder(reminder=found[0], by=BY)
    return say("cancelled", language, text=found[0].text)


def _made(message: Message, question: dict[str, Any], when: reminders.When) -> str:
    """Make or move the reminder that the question was about; what it is of is asked next when nobody has said it."""
    contact, language, now = message.conversation.contact, question["language"], database_now()
    if question["reminder"] is None and not question["text"]:
        keep_again(contact, question | {"asks": "text", "titles": [], "options": [], "when": as_json(when)})
        return say("ask_text", language)
    forget(contact)
    try:
        if question["reminder"] is not None:
            row = _row_of(message, question)
            if row is None:
                return say("not_found", language)
            more = {"text": question["text"]} if question["text"] else {}
            changed = reminders.change_times(reminder=row, when=when, by=BY, **more)
            return say("changed", language, **told(changed, now, language))
        made = reminders.create_reminder(
            contact=contact,
            conversation=message.conversation,
            text=question["text"],
            when=when,
            by=BY,
            language=language,
            or_same=True,
        )
    except reminders.NotPossible as error:
        return say(error.phrase or "not_possible", language, why=error)
    return say("created", language, **told(made, now, language, own_zone=zone_of(contact)))
