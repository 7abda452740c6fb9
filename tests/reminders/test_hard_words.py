"""Times that are easily got wrong: read whole, or the person is asked; never half of what was said."""

from __future__ import annotations

from datetime import datetime

import pytest

from reminders.reminder_answers import parse_reminder_answer
from timewords.parser import parse_time_words

NOW = datetime(2026, 11, 26, 10, 0)  # a Thursday

READ = [
    ("en", "in 1h30", "2026-11-26 11:30", ""),
    ("en", "in 1 hour and 30 minutes", "2026-11-26 11:30", ""),
    ("en", "quarter to five tomorrow", "2026-11-27 16:45", ""),
    ("en", "Sunday 29 November at 8pm", "2026-11-29 20:00", ""),
    ("en", "next week Tuesday at 9", "2026-12-01 09:00", ""),
    ("en", "next month on the 3rd", "2026-12-03 09:00", ""),
    ("en", "every Tue and Thu at 6pm", "2026-11-26 18:00", "FREQ=WEEKLY;BYDAY=TU,TH"),
    ("en", "every day at 9 for two weeks", "2026-11-27 09:00", "FREQ=DAILY"),
    ("en", "starting Monday every day at 9", "2026-11-30 09:00", "FREQ=DAILY"),
    ("pt", "às dez para as cinco", "2026-11-26 16:50", ""),
    ("pt", "primeiro de janeiro às 9h", "2027-01-01 09:00", ""),
    ("pt", "todos os dias às 8h por 10 dias", "2026-11-27 08:00", "FREQ=DAILY"),
    ("pt", "daqui a 1h30", "2026-11-26 11:30", ""),
    ("pt", "no dia 1º às 9h", "2026-12-01 09:00", ""),
    ("pt", "quinze para as cinco", "2026-11-26 16:45", ""),
    ("pt", "meio-dia e meia", "2026-11-26 12:30", ""),
    ("pt", "de 8 em 8 horas", "2026-11-26 18:00", "FREQ=HOURLY;INTERVAL=8"),
    ("pt", "dia sim, dia não às 8h", "2026-11-27 08:00", "FREQ=DAILY;INTERVAL=2"),
    ("pt", "todo santo dia às 8", "2026-11-27 08:00", "FREQ=DAILY"),
    ("pt", "todas as terças às 9h", "2026-12-01 09:00", "FREQ=WEEKLY;BYDAY=TU"),
    ("pt", "todo último dia do mês às 18h", "2026-11-30 18:00", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("es", "en 1 hora y 30 minutos", "2026-11-26 11:30", ""),
    ("es", "mañana a las nueve menos cuarto", "2026-11-27 08:45", ""),
    ("es", "mañana a la una menos cuarto de la tarde", "2026-11-27 12:45", ""),
    ("es", "a las nueve y cuarto", "2026-11-27 09:15", ""),
    ("es", "un día sí y otro no a las 9", "2026-11-27 09:00", "FREQ=DAILY;INTERVAL=2"),
    ("ro", "mâine la 9 fără un sfert", "2026-11-27 08:45", ""),
    ("ro", "marțea viitoare la 9", "2026-12-01 09:00", ""),
    ("ro", "luna viitoare pe 5", "2026-12-05 09:00", ""),
    ("ro", "de luni până vineri la 8", "2026-11-27 08:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ("ro", "din două în două săptămâni marți la 9", "2026-12-01 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
    ("ro", "peste o oră și jumătate", "2026-11-26 11:30", ""),
]
ASKED = [
    ("en", "next Friday at noon"), ("en", "tomorrow at 9 or 10"), ("en", "tomorrow or Friday at 9"),
    ("en", "not tomorrow but Friday at 9"),
    ("en", "every day at 8am and 8pm"), ("en", "every hour until 6pm"),
    ("en", "every month on the last day at 18:00"),
    ("en", "30 February at 9"), ("en", "12/24 at 6pm"), ("en", "at 9:75"), ("en", "every 0 days at 9"),
    ("en", "Monday 29 November at 9"), ("en", "every May 5 at 9"),
    ("en", "every Tuesday at 9 until the end of the year"),
    ("pt", "toda terça às 9h até dezembro"),
    ("pt", "31 de fevereiro às 9h"),
    ("es", "un martes sí y otro no a las 9"), ("es", "mañana a las 9 o a las 10"), ("es", "el 31 de abril a las 9"),
    ("ro", "pe 31 la 9"), ("ro", "mâine la 9 sau la 10"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "words", "first", "rule"), READ)
def test_read_whole(language, words, first, rule):
    found = parse_time_words(words, now=NOW, language=language)

    assert (f"{found.first:%Y-%m-%d %H:%M}", found.rule, found.is_whole) == (first, rule, True)


@pytest.mark.parametrize(("language", "words"), ASKED)
def test_what_is_understood_in_half_is_asked(language, words):
    assert parse_time_words(words, now=NOW, language=language).is_whole is False


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "tomorrow at 9 about the last invoice"),
        ("en", "tomorrow at 9 to buy 2 tickets"), ("en", "every Tuesday at 9 to water the 5 plants"),
        ("en", "in 20 minutes to call room 12"), ("pt", "amanhã às 15h de ligar para o João no 3º andar"),
        ("pt", "toda sexta às 9 de regar as plantas"), ("es", "mañana a las 15h llamar a Juan"),
        ("ro", "mâine la 9 să sun la bancă"), ("ro", "în fiecare zi la 8 să iau două pastile"),
    ],
)  # fmt: skip
def test_numbers_of_what_is_to_be_done_are_no_times(language, words):
    assert parse_time_words(words, now=NOW, language=language).is_whole is True


@pytest.mark.parametrize("text", ["tomorrow at 9 or 10", "30 February", "em 2 ou 3 horas"])
def test_an_answer_understood_in_half_puts_nothing_off(text):
    assert parse_reminder_answer(text, now=NOW, language="en") is None
