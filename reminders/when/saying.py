"""Times and repetitions in the words of four languages."""

from __future__ import annotations

import re
from datetime import date, datetime

from common.text import folded
from reminders.when.phrases import PHRASES
from reminders.when.rules import WEEKDAYS, wall_of
from reminders.when.zones import name_of


def language_for(language: str) -> str:
    """The one of our languages that fits."""
    short = language.split("-", maxsplit=1)[0].lower()
    return short if short in PHRASES else "en"


# Words of this trade that only one of our languages has.
HINTS = {
    "en": {"remind", "reminder", "reminders", "task", "tasks", "cancel", "my", "every", "tomorrow"},
    "pt": {
        "lembre",
        "lembra",
        "lembrete",
        "lembretes",
        "tarefa",
        "tarefas",
        "meus",
        "minhas",
        "toda",
        "amanha",
        "cancele",
    },
    "es": {"recuerdame", "recordatorio", "recordatorios", "tarea", "tareas", "mis", "todos", "todas", "manana"},
    "ro": {"aminteste", "memento", "mementoul", "mementourile", "mementouri", "sarcini", "sarcina", "mele", "maine"},
}


def hinted(text: str) -> str:
    """The language that the words of this trade betray; "" when they do not."""
    words = set(folded(text).split())
    counts = {language: len(words & hints) for language, hints in HINTS.items()}
    best = max(counts.values())
    found = [language for language, count in counts.items() if count == best]
    return found[0] if best and len(found) == 1 else ""


def say(key: str, language: str, **values: object) -> str:
    """One of our sentences."""
    return str(PHRASES[language_for(language)][key]).format(**values)


def say_moment(moment: datetime, zone: str, *, now: datetime, language: str) -> str:
    """ "tomorrow, Friday 27 November, 09:00 (São Paulo time)"."""
    return f"{say_wall(moment, zone, now=now, language=language)} ({say_zone(zone, language)})"


def say_wall(moment: datetime, zone: str, *, now: datetime, language: str) -> str:
    """The same without its zone."""
    wall, today = wall_of(moment, zone), wall_of(now, zone).date()
    words = PHRASES[language_for(language)]
    ahead = (wall.date() - today).days
    near = {0: words["today"], 1: words["tomorrow"]}.get(ahead)
    day = f"{near}, {_day(wall.date(), today, words)}" if near else _day(wall.date(), today, words)
    return f"{day}, {wall:%H:%M}"


def say_zone(zone: str, language: str) -> str:
    """ "São Paulo time"."""
    return say("zone", language, city=name_of(zone, language_for(language)))


def say_rule(rule: str, language: str, *, last_on: date | None = None) -> str:
    """How often, in words; the rule itself where it is beyond them."""
    words = PHRASES[language_for(language)]
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    frequency, interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    said = str(words[frequency] if interval == 1 else str(words[f"{frequency}_N"]).format(n=interval))
    days = [_weekday(entry, words) for entry in parts.get("BYDAY", "").split(",") if entry]
    if sorted(parts.get("BYDAY", "").split(",")) == sorted(WEEKDAYS[:5]):
        days = [str(words["workdays"])]
    if days:
        said += f", {', '.join(days)}"
    if "BYMONTHDAY" in parts:
        last = parts["BYMONTHDAY"] == "-1"
        said += f", {words['last_day'] if last else str(words['month_day']).format(n=parts['BYMONTHDAY'])}"
    if "COUNT" in parts:
        said += f", {str(words['times']).format(n=parts['COUNT'])}"
    known = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "COUNT", "WKST"}
    if set(parts) - known:
        said += f" ({rule})"
    return said + (f", {str(words['until']).format(day=_date(last_on, words))}" if last_on else "")


def _weekday(entry: str, words: dict[str, object]) -> str:
    found = re.match(r"([+-]?\d*)(\w\w)", entry)
    assert found is not None
    name = list(words["weekdays"])[WEEKDAYS.index(found[2])]  # type: ignore[call-overload]  # a list
    return str(words["placed"]).format(n=found[1], day=name) if found[1] else str(name)


def _day(day: date, today: date, words: dict[str, object]) -> str:
    name = list(words["weekdays"])[day.weekday()]  # type: ignore[call-overload]  # a list
    return f"{name} {_date(day, words, with_year=day.year != today.year)}"


def _date(day: date, words: dict[str, object], *, with_year: bool = True) -> str:
    month = list(words["months"])[day.month - 1]  # type: ignore[call-overload]  # a list
    return str(words["date"]).format(d=day.day, month=month) + (f" {day.year}" if with_year else "")
