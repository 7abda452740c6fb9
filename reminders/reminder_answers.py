"""Answers to a reminder, in four languages (folded before comparing; data: add to the lists)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from common.text.plain import fold
from timewords.parser import PastTime, TimeReading, parse_time_words

SNOOZE = timedelta(minutes=10)
DONE = {
    "done", "did it", "i did it", "did", "already done", "ok done", "completed", "finished", "yes done", "taken",
    "feito", "ja fiz", "fiz", "pronto", "ja foi", "concluido", "feito obrigado", "feito obrigada", "tomei", "ja tomei",
    "hecho", "ya lo hice", "listo", "ya esta", "terminado", "completado",
    "gata", "facut", "am facut", "rezolvat", "terminat", "am terminat", "1",
}  # fmt: skip
LATER = {
    "later", "snooze", "snooze it", "snooze this", "snooze the reminder", "snooze reminder", "postpone", "postpone it", "not yet", "remind me later", "not now", "in a bit", "depois", "mais tarde", "adiar", "agora nao", "adia", "adie",
    "adia o lembrete", "adie o lembrete", "adiar o lembrete", "adiar lembrete", "adia isso", "ainda nao", "soneca",
    "lembre depois", "me lembre depois", "me lembre mais tarde", "mas tarde", "luego", "despues", "posponer", "ahora no", "pospon", "posponlo", "aplaza",
    "aplazar", "aplazalo", "pospon el recordatorio", "posponer el recordatorio", "aplaza el recordatorio", "todavia no", "aun no",
    "recuerdame mas tarde", "mai tarziu", "amana", "amana l", "amana mementoul", "amanati", "amana memento ul", "nu inca", "nu acum", "amintesc mai tarziu", "2",
}  # fmt: skip
STOP = {
    "stop it", "stop this", "stop reminding me", "stop this reminder", "cancel it", "cancel this", "no more of this",
    "cancel this reminder", "pare com isso", "parar lembrete", "parar esse lembrete", "nao lembrar mais",
    "cancelar", "cancela", "cancele", "nao me lembre mais", "nao precisa mais", "no me lo recuerdes mas",
    "no lo recuerdes mas", "parar recordatorio", "cancelalo", "cancelar recordatorio", "ya no hace falta",
    "opreste l", "opreste mementoul", "nu mi mai aminti", "anuleaza", "anuleaza l", "nu mai e nevoie", "3",
}  # fmt: skip
# Long after the reminder, or after other messages of ours, only these surely mean it.
SURE = {
    "done", "did it", "i did it", "already done", "completed", "finished", "snooze", "snooze it", "snooze the reminder", "snooze reminder",
    "remind me later", "feito", "ja fiz", "concluido", "adiar", "adia o lembrete", "adie o lembrete", "adiar o lembrete", "lembre depois",
    "me lembre depois", "me lembre mais tarde", "hecho", "ya lo hice", "terminado", "posponer", "pospon el recordatorio", "aplazar",
    "posponer el recordatorio", "aplaza el recordatorio", "recuerdame mas tarde", "facut", "am facut", "rezolvat", "terminat", "am terminat",
    "amana", "amana l", "amana mementoul", "amana memento ul", "amintesc mai tarziu", "soneca",
}  # fmt: skip
# Said about reminders at any time: ask which one is meant when there are several.
STOP_REMINDING = {
    "stop reminding me", "stop this reminder", "stop the reminder", "stop reminders", "stop my reminder", "no more reminders", "stop the reminders",
    "parar lembrete", "parar o lembrete", "parar esse lembrete", "pare de me lembrar", "para de me lembrar", "nao me lembre mais", "nao lembrar mais",
    "parar lembretes", "pare o lembrete", "no me lo recuerdes mas", "no me recuerdes mas", "deja de recordarme", "deja de recordarmelo",
    "parar recordatorio", "para el recordatorio", "detener el recordatorio", "nu mi mai aminti", "nu imi mai aminti", "opreste mementoul",
    "opreste memento ul", "nu mai aminti", "nu mi mai amintiti",
}  # fmt: skip
DONE_SIGNS = set("👍✅✔👌💪☑🙏❤🎉")
LATER_SIGNS = set("⏰⏳⌛💤😴🕐")
STOP_SIGNS = set("❌🚫🛑✖👎")
# What may stand beside a time that snoozes.
FILLERS = re.compile(
    r"\b(?:snooze|remind me|again|later|move|it|to|for|until|postpone|please|ok|"
    r"adiar?|adie|adia|lembre|lembra|lembrar|me|de novo|novamente|mover?|mude|muda|mudar|para|pra|ate|mais|por favor|"
    r"posponer?|pospon|recuerdame(?:lo)?|mas tarde|otra vez|de nuevo|muevelo|mueve|cambia|cambialo|a|"
    r"amana|aminteste mi|mi|din nou|muta|mutalo|l|pe|la|va rog|te rog|mai|tarziu)\b"
)


@dataclass(frozen=True)
class ParsedReminderAnswer:
    """What an answer means; `until` is in the person's local time, `delay` counts from now."""

    answer: str  # done | later | moved | stop
    until: datetime | None = None
    delay: timedelta | None = None


def parse_reminder_answer(text: str, *, now: datetime, language: str, zone: str = "") -> ParsedReminderAnswer | None:
    """Parse a whole message as an answer to a reminder; None when it is about something else."""
    plain = fold(text)
    if plain in DONE:
        return ParsedReminderAnswer("done")
    if plain in STOP or plain in STOP_REMINDING:
        return ParsedReminderAnswer("stop")
    if plain in LATER:
        return ParsedReminderAnswer("later", delay=SNOOZE)
    return parse_reaction(text) or _put_off(text, now, language, zone)


def parse_reaction(text: str) -> ParsedReminderAnswer | None:
    """Parse a reaction, or a message of one emoji."""
    signs = {letter for letter in text if letter not in {"\ufe0f", " "} and not "\U0001f3fb" <= letter <= "\U0001f3ff"}
    if not signs or len(text) > 12:
        return None
    if signs <= DONE_SIGNS:
        return ParsedReminderAnswer("done")
    if signs <= LATER_SIGNS:
        return ParsedReminderAnswer("later", delay=SNOOZE)
    return ParsedReminderAnswer("stop") if signs <= STOP_SIGNS else None


def _put_off(text: str, now: datetime, language: str, zone: str) -> ParsedReminderAnswer | None:
    if len(text) > 80:
        return None
    try:
        found: TimeReading | None = parse_time_words(text, now=now, language=language, is_answer=True, zone=zone)
    except PastTime:
        return None
    if found is None or not found.is_whole or found.rule or FILLERS.sub(" ", fold(found.rest)).strip():
        return None
    if found.delay is not None:
        return ParsedReminderAnswer("later", delay=found.delay)
    return ParsedReminderAnswer("moved", until=found.first)
