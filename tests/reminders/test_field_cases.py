"""Sentences about time that made wrong reminders in the field, and the families that they stand for."""

from __future__ import annotations

import itertools
from datetime import datetime

import pytest

from timewords.lexicon import LANGUAGES
from timewords.lexicon.kinds import STRONG
from timewords.parser import PastTime, parse_time_words
from timewords.tokens import fold_letters

NOW = datetime(2026, 9, 14, 10, 0)  # a Monday
ZONE = "America/New_York"

READ = [
    # Decimal lengths; never a day and month of another language.
    ("en", "in 1.5 hours", "09-14 11:30", ""), ("en", "in 2.5 hours", "09-14 12:30", ""),
    ("en", "in 1.5 days", "09-15 22:00", ""), ("pt", "em 1.5 horas", "09-14 11:30", ""),
    ("en", "in 1,5 hours", "09-14 11:30", ""), ("es", "en 1.5 horas", "09-14 11:30", ""),
    ("ro", "peste 1,5 ore", "09-14 11:30", ""), ("pt", "daqui a 0,5 hora", "09-14 10:30", ""),
    # Midnight belongs to the night that was named.
    ("en", "tonight at 12", "09-15 00:00", ""), ("en", "at midnight tonight", "09-15 00:00", ""),
    ("pt", "hoje à meia noite", "09-15 00:00", ""), ("es", "esta noche a las 12", "09-15 00:00", ""),
    ("ro", "diseară la miezul nopții", "09-15 00:00", ""), ("en", "tonight at 1", "09-15 01:00", ""),
    ("en", "tonight at 9:30", "09-14 21:30", ""), ("pt", "hoje às 00:30", "09-15 00:30", ""),
    # Short weekdays.
    ("pt", "sab 10h", "09-19 10:00", ""), ("pt", "ter 10h", "09-15 10:00", ""), ("en", "sab 10h", "09-19 10:00", ""),
    ("pt", "seg a sex 9h", "09-15 09:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ("es", "mar 10h", "09-15 10:00", ""), ("es", "mié a las 9", "09-16 09:00", ""),
    ("ro", "vi la 10", "09-18 10:00", ""),
    ("es", "lun a jue a las 8", "09-15 08:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH"), ("ro", "sâm 10:00", "09-19 10:00", ""),
    # Words beside the day that change it.
    ("en", "a week from tomorrow", "09-22 09:00", ""), ("en", "a week from friday", "09-25 09:00", ""),
    ("en", "for the next 3 days at 9", "09-15 09:00", "FREQ=DAILY;COUNT=3"),
    ("es", "durante los próximos 3 días a las 9", "09-15 09:00", "FREQ=DAILY;COUNT=3"),
    # Slips of one letter.
    ("en", "tomorow at 9", "09-15 09:00", ""), ("en", "on fryday at 9", "09-18 09:00", ""),
    ("pt", "na qinta às 9", "09-17 09:00", ""), ("es", "el vierens a las 9", "09-18 09:00", ""),
    ("ro", "vineir la 9", "09-18 09:00", ""), ("en", "in 2 huors", "09-14 12:00", ""),
]  # fmt: skip
ZONES = [
    ("en", "tomorrow at 3pm PST", "09-15 18:00"), ("en", "at 3pm UTC tomorrow", "09-15 11:00"),
    ("en", "tomorrow 3pm london time", "09-15 10:00"), ("en", "monday next week at 10am Pacific Time", "09-21 13:00"),
    ("pt", "amanhã às 15h de Lisboa", "09-15 10:00"), ("pt", "amanhã às 15h horário de Brasília", "09-15 14:00"),
    ("es", "mañana a las 15 hora de Madrid", "09-15 09:00"), ("ro", "mâine la 15 ora României", "09-15 08:00"),
    ("en", "tomorrow at 9 utc+2", "09-15 03:00"), ("en", "tomorrow at 3pm EST", "09-15 15:00"),
]  # fmt: skip
ASKED = [
    ("en", "every third friday"), ("en", "tomorrow at midnight"), ("en", "tomorrow at 3pm CST"),
    ("en", "tomorrow at 3pm in London"), ("en", "tomorrow at 9am XKT"), ("en", "12/05 at 9"),
    ("en", "next friday at 5"),
    ("en", "tomorrow at 9 if it rains"), ("en", "every day at 9 except sunday"), ("en", "at 9 amanhã"),
    ("pt", "amanhã às 9 tomorrow"), ("en", "next week"), ("pt", "amanhã às 15h no seu horário"),
    ("en", "cancel the friday meeting"), ("en", "join the 5pm call"), ("en", "notes for tomorrow's meeting"),
    ("pt", "cancelar a reunião de sexta"), ("es", "preparar la reunión del viernes"), ("ro", "ședința de vineri"),
    ("pt", "preparar a reunião das 15h"), ("es", "la reunión de las 5"),
    ("en", "tomorrow between 9 and 10"), ("es", "mañana entre las 9 y las 10"), ("en", "tomorrow at 9, 2 days before"),
]  # fmt: skip


def asks(text, language):
    try:
        found = parse_time_words(text, now=NOW, language=language, zone=ZONE)
    except PastTime:
        return True
    return found is None or not found.is_whole


@pytest.mark.parametrize(("language", "text", "first", "rule"), READ)
def test_what_was_got_wrong_is_read(language, text, first, rule):
    found = parse_time_words(f"{text}", now=NOW, language=language)

    assert (f"{found.first:%m-%d %H:%M}", found.rule, found.rest, found.is_whole) == (first, rule, "", True)


@pytest.mark.parametrize(("language", "text", "first"), ZONES)
def test_an_hour_of_another_zone_is_that_zones_hour(language, text, first):
    found = parse_time_words(text, now=NOW, language=language, zone=ZONE)

    assert (f"{found.first:%m-%d %H:%M}", found.rest, found.is_whole) == (first, "", True)
    assert asks(text, language) is False


def test_without_knowing_where_somebody_is_an_hour_of_another_zone_is_asked():
    assert parse_time_words("tomorrow at 3pm PST", now=NOW).is_whole is False


@pytest.mark.parametrize(("language", "text"), ASKED)
def test_what_may_mean_two_things_is_asked(language, text):
    assert asks(text, language)


def test_both_readings_are_there_to_choose_from():
    found = parse_time_words("tomorrow at 9 or 11am", now=NOW)
    weekly = parse_time_words("every third friday at 9", now=NOW)

    assert [f"{one.first:%H:%M}" for one in (found, *found.others)] == ["09:00", "11:00"]
    assert [one.rule for one in (weekly, *weekly.others)] == [
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=FR",
        "FREQ=MONTHLY;BYDAY=3FR",
    ]


BASES = {
    "en": "tomorrow at 9 {} call the dentist", "pt": "amanhã às 9 {} ligar para o dentista",
    "es": "mañana a las 9 {} llamar al dentista", "ro": "mâine la 9 {} sun la dentist",
}  # fmt: skip
# Beside a time these say no more of it, or are another word there.
HARMLESS = {"am", "pm", "sharp", "fix", "punct", "today", "no", "nu", "nao", "a diario", "hora em hora"}


def phrases():
    for language, entries in LANGUAGES.items():
        for kind in sorted(STRONG & set(entries)):
            given = entries[kind]
            for said in [given] if isinstance(given, str) else given.values():
                yield from ((language, phrase) for phrase in said.split("|") if phrase not in HARMLESS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_for_a_time_is_ever_left_in_what_is_to_be_done(language):
    """Every such word of every language, put into a sentence of each language."""
    lost = []
    for of, phrase in phrases():
        text = BASES[language].format(phrase.replace("#", ""))
        try:
            found = parse_time_words(text, now=NOW, language=language, zone=ZONE)
        except PastTime:
            continue
        words = set(fold_letters(found.rest).split()) if found is not None else set()
        if found is not None and found.is_whole and set(fold_letters(phrase).split()) <= words:
            lost.append((of, phrase, found.rest))

    assert lost == []


def test_a_whole_sentence_says_the_same_in_any_order():
    parts = ("tomorrow", "at 9:30", "call Ana")

    readings = {parse_time_words(" ".join(order), now=NOW).first for order in itertools.permutations(parts)}

    assert readings == {datetime(2026, 9, 15, 9, 30)}


def test_a_very_long_text_is_cut_before_it_is_read():
    assert parse_time_words("at " * 100_000 + "tomorrow at 9", now=NOW) is None
    assert parse_time_words("tomorrow at 9 " + "1 de 2 de " * 100_000, now=NOW) is not None
