"""No word about time is lost: whatever is put into a sentence changes the reading, or leads to a question."""

from __future__ import annotations

from datetime import datetime

import pytest

from benchmarks.words.times import Outcome, judge, understand
from benchmarks.words.times_corpus import load
from timewords.lexicon import PHRASES
from timewords.lexicon.ordinary import ORDINARY
from timewords.parser import PastTime, parse_time_words
from timewords.tokens import fold_letters

NOW = datetime(2026, 9, 16, 14, 20)  # a Wednesday
SENTENCES = {
    "en": [
        "tomorrow at 9 {} call Ana", "call Ana tomorrow at 9 {}", "remind me {} tomorrow at 9 to call Ana",
        "every monday at 9 {} call Ana", "tomorrow {} call Ana", "in 2 hours {} call Ana", "call Ana {} on friday",
    ],
    "pt": [
        "amanhã às 9 {} ligar para Ana", "ligar para Ana amanhã às 9 {}",
        "me lembre {} amanhã às 9 de ligar para Ana", "toda segunda às 9 {} ligar para Ana",
        "amanhã {} ligar para Ana", "daqui a 2 horas {} ligar para Ana", "ligar para Ana {} na sexta",
    ],
    "es": [
        "mañana a las 9 {} llamar a Ana", "llamar a Ana mañana a las 9 {}",
        "recuérdame {} mañana a las 9 llamar a Ana", "cada lunes a las 9 {} llamar a Ana", "mañana {} llamar a Ana",
        "en 2 horas {} llamar a Ana", "llamar a Ana {} el viernes",
    ],
    "ro": [
        "mâine la 9 {} sun pe Ana", "sun pe Ana mâine la 9 {}", "amintește-mi {} mâine la 9 să sun pe Ana",
        "în fiecare luni la 9 {} sun pe Ana", "mâine {} sun pe Ana", "peste 2 ore {} sun pe Ana",
        "sun pe Ana {} vineri",
    ],
}  # fmt: skip
FRAGMENTS = {
    "en": [
        "from 9 to 17", "by friday", "10", "at 5", "2 times", "for 3 weeks", "until 6", "until 6pm", "or 10",
        "and 10", "before 5", "after 6", "between 9 and 10", "9-10", "in the morning", "pm", "on monday",
        "every week", "twice", "daily", "a day", "per week", "at 10:30", "10:30", "3pm", "sharp", "at night", "noon",
        "the 5th", "in may", "may 5", "5/10", "2027", "next week", "next year", "in 3 days", "3 days", "for an hour",
        "an hour", "half an hour", "30 min", "early", "late", "evening", "weekly", "mondays", "if it rains",
        "when I arrive", "or friday", "not monday", "except monday", "GMT", "london time", "the day after",
        "a week later", "once", "5p", "@10", "at ten", "ten", "last monday", "ago", "every other week",
        "starting monday", "as of may",
    ],
    "pt": [
        "das 9 às 17", "até sexta", "10", "às 5", "2 vezes", "por 3 semanas", "até as 6", "ou 10", "e 10",
        "antes das 5", "depois das 6", "entre 9 e 10", "9-10", "de manhã", "pm", "na segunda", "toda semana",
        "duas vezes", "diariamente", "por dia", "por semana", "às 10:30", "10:30", "15h", "em ponto", "à noite",
        "meio-dia", "dia 5", "em maio", "5 de maio", "5/10", "2027", "semana que vem", "ano que vem",
        "daqui a 3 dias", "3 dias", "por uma hora", "uma hora", "meia hora", "30 min", "cedo", "tarde", "noite",
        "semanal", "segundas", "se chover", "quando eu chegar", "ou sexta", "menos segunda", "exceto segunda", "GMT",
        "hora de Londres", "um dia depois", "uma semana depois", "às dez", "dez", "segunda passada", "atrás",
        "a cada duas semanas", "a partir de segunda",
    ],
    "es": [
        "de 9 a 17", "hasta el viernes", "10", "a las 5", "2 veces", "por 3 semanas", "hasta las 6", "o 10", "y 10",
        "antes de las 5", "después de las 6", "entre las 9 y las 10", "9-10", "por la mañana", "pm", "el lunes",
        "cada semana", "dos veces", "a diario", "al día", "por semana", "a las 10:30", "10:30", "15h", "en punto",
        "por la noche", "mediodía", "el día 5", "en mayo", "5 de mayo", "5/10", "2027", "la semana que viene",
        "el año que viene", "en 3 días", "3 días", "por una hora", "una hora", "media hora", "30 min", "temprano",
        "tarde", "noche", "semanal", "los lunes", "si llueve", "cuando llegue", "o el viernes", "menos el lunes",
        "excepto el lunes", "GMT", "hora de Londres", "un día después", "una semana después", "a las diez", "diez",
        "el lunes pasado", "hace", "cada dos semanas", "a partir del lunes",
    ],
    "ro": [
        "de la 9 la 17", "până vineri", "10", "la 5", "de 2 ori", "timp de 3 săptămâni", "până la 6", "sau 10",
        "și 10", "înainte de 5", "după 6", "între 9 și 10", "9-10", "dimineața", "pm", "luni", "în fiecare săptămână",
        "de două ori", "zilnic", "pe zi", "pe săptămână", "la 10:30", "10:30", "ora 15", "fix", "noaptea", "la prânz",
        "pe data de 5", "în mai", "5 mai", "5.10", "2027", "săptămâna viitoare", "la anul", "peste 3 zile", "3 zile",
        "o oră", "jumătate de oră", "30 min", "devreme", "târziu", "seara", "săptămânal", "lunea", "dacă plouă",
        "când ajung", "sau vineri", "în afară de luni", "cu excepția zilei de luni", "GMT", "ora Londrei",
        "o zi după", "o săptămână după", "la zece", "zece", "lunea trecută", "în urmă", "la două săptămâni",
        "începând de luni",
    ],
}  # fmt: skip
# A condition may stand in what is to be done: it is said in full when the time comes.
CONDITIONS = {
    "if it rains", "when I arrive", "se chover", "quando eu chegar", "si llueve", "cuando llegue",
    "dacă plouă", "când ajung",
}  # fmt: skip


def words_of(text):
    return fold_letters(text).replace("-", " ").split()


def lost(language, sentence, fragment):
    """The words of a fragment that a whole reading leaves to what is to be done."""
    try:
        found = parse_time_words(sentence.format(fragment), now=NOW, language=language, zone="America/New_York")
    except PastTime:
        return []
    if found is None or not found.is_whole:
        return []
    return [word for word in words_of(found.rest) if word in set(words_of(fragment)) - set(words_of(sentence))]


@pytest.mark.parametrize("language", SENTENCES)
def test_what_is_said_of_time_beside_a_time_is_read_or_asked(language):
    found = {
        sentence.format(fragment): left
        for sentence in SENTENCES[language]
        for fragment in FRAGMENTS[language]
        if fragment not in CONDITIONS and (left := lost(language, sentence, fragment))
    }

    assert found == {}


@pytest.mark.parametrize("language", SENTENCES)
def test_another_language_that_is_known_of_a_person_makes_no_sentence_wrong(language):
    """The language of a person is what they are read in first: who writes another one is asked at worst."""
    lines = load(language)[::6]
    verdicts = [
        judge(line, understand(line.sentence, now=line.now, language=known))
        for line in lines for known in SENTENCES if known != language
    ]  # fmt: skip

    assert [one for one in verdicts if one.outcome in {Outcome.WRONG, Outcome.INVENTED}] == []
    assert sum(one.outcome is Outcome.UNDERSTOOD for one in verdicts) > len(verdicts) / 2


SLIPPED = {
    "en": "on {} at 9 call Ana",
    "pt": "{} às 9 ligar para Ana",
    "es": "el {} a las 9 llamar a Ana",
    "ro": "{} la 9 sun pe Ana",
}


def slips_of(word):
    """A letter missing, doubled, or changed places with the next one; the first letter stays."""
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]
        yield word[:place] + word[place] + word[place:]
        yield word[:place] + word[place : place + 2][::-1] + word[place + 2 :]


@pytest.mark.parametrize("language", SLIPPED)
def test_a_slip_in_a_day_is_never_what_is_to_be_done(language):
    known = {word for phrases in PHRASES.values() for phrase in phrases for word in phrase} | ORDINARY
    days = [
        phrase[0] for phrase, kinds in PHRASES[language].items()
        if len(phrase) == 1 and len(phrase[0]) > 4 and {"weekday", "luni", "rel"} & set(kinds)
    ]  # fmt: skip
    slips = {slip for day in days for slip in slips_of(day) if slip not in known}

    assert len(slips) > 50
    assert {slip for slip in slips if lost(language, SLIPPED[language], slip)} == set()
