"""Times in people's words, in four languages; zones out of numbers and words; answers to reminders."""

from __future__ import annotations

from datetime import datetime

import pytest

from reminders.offline_rules import match_rule as offline
from reminders.reminder_answers import parse_reminder_answer
from timewords.formatting import format_moment, format_rule
from timewords.parser import PastTime, parse_time_words
from timewords.zones import current_names, guess_zone, parse_zone

NOW = datetime(2026, 11, 26, 10, 0)  # a Thursday

ONCE = [
    ("en", "in 20 minutes", "2026-11-26 10:20"),
    ("en", "in an hour", "2026-11-26 11:00"),
    ("en", "in half an hour", "2026-11-26 10:30"),
    ("en", "tomorrow at 9am", "2026-11-27 09:00"),
    ("en", "this Friday at noon", "2026-11-27 12:00"),
    ("en", "on May 5 at 3pm", "2027-05-05 15:00"),
    ("en", "tonight", "2026-11-26 20:00"),
    ("en", "in 3 days at 10", "2026-11-29 10:00"),
    ("en", "at half past six in the evening", "2026-11-26 18:30"),
    ("en", "12 at night", "2026-11-27 00:00"),
    ("en", "2026-12-05 09:00", "2026-12-05 09:00"),
    ("pt", "amanhã às 15h", "2026-11-27 15:00"),
    ("pt", "daqui a 2 horas", "2026-11-26 12:00"),
    ("pt", "em meia hora", "2026-11-26 10:30"),
    ("pt", "depois de amanhã à tarde", "2026-11-28 15:00"),
    ("pt", "5 de dezembro às 14h30", "2026-12-05 14:30"),
    ("pt", "05/12 às 9h", "2026-12-05 09:00"),
    ("pt", "segunda que vem às 10", "2026-11-30 10:00"),
    ("pt", "sexta às nove e meia da noite", "2026-11-27 21:30"),
    ("pt", "hoje às 3 da tarde", "2026-11-26 15:00"),
    ("es", "mañana a las 9", "2026-11-27 09:00"),
    ("es", "mañana por la mañana", "2026-11-27 09:00"),
    ("es", "dentro de 20 minutos", "2026-11-26 10:20"),
    ("es", "pasado mañana a las tres y media de la tarde", "2026-11-28 15:30"),
    ("es", "el 5 de mayo a las 10", "2027-05-05 10:00"),
    ("ro", "mâine la 9", "2026-11-27 09:00"),
    ("ro", "peste 20 de minute", "2026-11-26 10:20"),
    ("ro", "peste o oră", "2026-11-26 11:00"),
    ("ro", "diseară la 8", "2026-11-26 20:00"),
    ("ro", "poimâine după-amiază", "2026-11-28 15:00"),
    ("ro", "pe 5 mai la ora 10", "2027-05-05 10:00"),
    ("ro", "luni la 10", "2026-11-30 10:00"),
    ("ro", "peste 2 luni", "2027-01-26 09:00"),
]
AGAIN = [
    ("en", "every second Tuesday at 9", "2026-12-01 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
    ("en", "every Monday and Thursday at 8:30", "2026-11-30 08:30", "FREQ=WEEKLY;BYDAY=MO,TH"),
    ("en", "every first Monday of the month at 10", "2026-12-07 10:00", "FREQ=MONTHLY;BYDAY=1MO"),
    ("en", "on the 5th of every month at 9", "2026-12-05 09:00", "FREQ=MONTHLY;BYMONTHDAY=5"),
    ("en", "every weekday at 8am", "2026-11-27 08:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
    ("en", "every 3 hours", "2026-11-26 13:00", "FREQ=HOURLY;INTERVAL=3"),
    ("en", "daily at 9 5 times", "2026-11-27 09:00", "FREQ=DAILY;COUNT=5"),
    ("pt", "toda terça às 9h", "2026-12-01 09:00", "FREQ=WEEKLY;BYDAY=TU"),
    ("pt", "todas as segundas e quartas às 8 da manhã", "2026-11-30 08:00", "FREQ=WEEKLY;BYDAY=MO,WE"),
    ("pt", "a cada duas semanas na terça às 9", "2026-12-01 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
    ("pt", "todo dia 5 às 10h", "2026-12-05 10:00", "FREQ=MONTHLY;BYMONTHDAY=5"),
    ("pt", "todos os dias às 8", "2026-11-27 08:00", "FREQ=DAILY"),
    ("pt", "primeira segunda do mês às 9h", "2026-12-07 09:00", "FREQ=MONTHLY;BYDAY=1MO"),
    ("es", "cada martes a las 15:00", "2026-12-01 15:00", "FREQ=WEEKLY;BYDAY=TU"),
    ("es", "todos los lunes y jueves a las 8 de la tarde", "2026-11-26 20:00", "FREQ=WEEKLY;BYDAY=MO,TH"),
    ("es", "el primer lunes de cada mes a las 9", "2026-12-07 09:00", "FREQ=MONTHLY;BYDAY=1MO"),
    ("es", "el 5 de cada mes a las 9", "2026-12-05 09:00", "FREQ=MONTHLY;BYMONTHDAY=5"),
    ("ro", "în fiecare marți la 9 dimineața", "2026-12-01 09:00", "FREQ=WEEKLY;BYDAY=TU"),
    ("ro", "la fiecare două săptămâni marți la ora 9", "2026-12-01 09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
    ("ro", "lunea și joia la 9", "2026-11-30 09:00", "FREQ=WEEKLY;BYDAY=MO,TH"),
    ("ro", "zilnic la 20:00", "2026-11-26 20:00", "FREQ=DAILY"),
    ("ro", "în prima luni din fiecare lună la 9", "2026-12-07 09:00", "FREQ=MONTHLY;BYDAY=1MO"),
]


def test_times_said_once_in_four_languages():
    found = [
        (language, words, f"{parse_time_words(words, now=NOW, language=language).first:%Y-%m-%d %H:%M}")
        for language, words, _ in ONCE
    ]

    assert found == ONCE


def test_repetitions_in_four_languages():
    readings = [(language, words, parse_time_words(words, now=NOW, language=language)) for language, words, *_ in AGAIN]

    assert [(a, b, f"{one.first:%Y-%m-%d %H:%M}", one.rule) for a, b, one in readings] == AGAIN


def test_what_is_understood_in_the_wrong_language_is_still_understood():
    assert parse_time_words("amanhã às 15h", now=NOW, language="en").first == datetime(2026, 11, 27, 15)
    assert parse_time_words("every Tuesday at 9", now=NOW, language="pt-br").rule == "FREQ=WEEKLY;BYDAY=TU"


def test_an_end_is_read_with_the_rule():
    found = parse_time_words("toda segunda-feira às 9 da manhã até 20 de dezembro", now=NOW, language="pt")

    assert (found.rule, f"{found.last_on}", found.rest) == ("FREQ=WEEKLY;BYDAY=MO", "2026-12-20", "")


@pytest.mark.parametrize("text", ["I have a question", "qual o preço da limpeza?", "llámame", "call the bank", ""])
def test_words_without_a_time_say_nothing(text):
    assert parse_time_words(text, now=NOW) is None


@pytest.mark.parametrize("text", ["yesterday at 9", "today at 8am", "ontem às 9", "2020-01-01 09:00"])
def test_a_time_that_is_over_is_said_to_be(text):
    with pytest.raises(PastTime):
        parse_time_words(text, now=NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Remind me every second Tuesday at 9 to water the plants", ("water the plants", "create_reminder")),
        ("Me lembre amanhã às 15h de ligar para o João", ("ligar para o João", "create_reminder")),
        ("recuérdame mañana a las 15h llamar a Juan", ("llamar a Juan", "create_reminder")),
        ("amintește-mi mâine la 9 să sun la bancă", ("sun la bancă", "create_reminder")),
        ("me lembra toda sexta às 9 de regar as plantas", ("regar as plantas", "create_reminder")),
        ("me recuerdas el viernes a las 5 ir al dentista?", ("ir al dentista", "create_reminder")),
        ("¿me podrías recordar mañana a las 9 llamar a Ana?", ("llamar a Ana", "create_reminder")),
        ("could you please remind me tomorrow at 9 to call Ana", ("call Ana", "create_reminder")),
        ("você poderia me lembrar amanhã às 9 de ligar para Ana", ("ligar para Ana", "create_reminder")),
        ("poți să-mi amintești mâine la 9 să sun pe Ana", ("sun pe Ana", "create_reminder")),
        ("remind me every monday", ("-", "create_reminder")),
    ],
)
def test_plain_forms_are_understood_without_a_model(text, expected):
    name, arguments = offline(text, "en")

    assert (arguments["text"], name) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Quais são meus lembretes?", ("list_reminders", {})),
        ("lista memento-urilor", ("list_reminders", {})),
        ("ce mementouri am?", ("list_reminders", {})),
        ("what reminders do I have?", ("list_reminders", {})),
        ("muéstrame todos mis recordatorios", ("list_reminders", {})),
        ("anulează memento 1", ("cancel_reminder", {"which": "1"})),
        ("sterge memento-ul 2", ("cancel_reminder", {"which": "2"})),
        ("schimbă memento 1 la mâine la 15:30", ("change_reminder", {"which": "1", "when": "mâine la 15:30"})),
        ("cancel all reminders", ("cancel_reminder", {"which": "all"})),
        ("apagar todos os meus lembretes", ("cancel_reminder", {"which": "all"})),
        ("borra todos mis recordatorios", ("cancel_reminder", {"which": "all"})),
        ("anulează toate mementourile", ("cancel_reminder", {"which": "all"})),
        ("list my reminders", ("list_reminders", {})),
        ("cancela o lembrete 1", ("cancel_reminder", {"which": "1"})),
        ("Cancele o lembrete 1 por favor", ("cancel_reminder", {"which": "1"})),
        ("Cancel the reminder plants", ("cancel_reminder", {"which": "plants"})),
        ("change reminder 1 to tomorrow at 15:30", ("change_reminder", {"which": "1", "when": "tomorrow at 15:30"})),
        (
            "Nova tarefa: comprar leite amanhã",
            ("create_task", {"title": "comprar leite", "when": "comprar leite amanhã"}),
        ),
        ("mis tareas", ("list_tasks", {})),
        ("tarefa leite feita", ("complete_task", {"which": "leite"})),
        ("Where are you?", None),
        ("Can you cancel my appointment?", None),
    ],
)
def test_lists_and_changes_are_understood_without_a_model(text, expected):
    assert offline(text, "en") == expected


def test_the_zone_is_guessed_from_the_number():
    numbers = {
        "+5511987654321": "America/Sao_Paulo", "+5592987654321": "America/Manaus", "+919885842349": "Asia/Kolkata",
        "+351912345678": "Europe/Lisbon", "+34612345678": "Europe/Madrid", "+40721234567": "Europe/Bucharest",
        "+12125550123": "America/New_York", "+447911123456": "Europe/London",
        # As WhatsApp writes numbers whose country dials otherwise.
        "+5215512345678": "America/Mexico_City", "+551187654321": "America/Sao_Paulo",
        "+541166773399": "America/Argentina/Buenos_Aires", "+22509123456": "Africa/Abidjan",
        "+22997123456": "Africa/Lagos",
    }  # fmt: skip

    assert {number: guess_zone(number, default="UTC") for number in numbers} == numbers
    assert guess_zone("+99999999", default="America/Sao_Paulo") == "America/Sao_Paulo"
    assert current_names()["Asia/Calcutta"] == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("Estou em Manaus", "America/Manaus"), ("não, estou em Manaus", "America/Manaus"),
        ("I'm in Lisbon", "Europe/Lisbon"), ("horário de Lisboa", "Europe/Lisbon"), ("Manaus time", "America/Manaus"),
        ("vivo en Buenos Aires", "America/Argentina/Buenos_Aires"), ("sunt în Londra", "Europe/London"),
        ("ora București", "Europe/Bucharest"), ("UTC-3", "Etc/GMT+3"), ("America/Manaus", "America/Manaus"),
        ("I am in a hurry", None), ("estou em casa", None), ("Lisboa", None), ("I'm in Lisbon and want a table", None),
        ("utc+5:30", "Asia/Kolkata"), ("meu fuso é utc-3", "Etc/GMT+3"), ("utc+1:15", None),
        ("sou de Manaus", "America/Manaus"), ("I'm from London", "Europe/London"), ("soy de Madrid", "Europe/Madrid"),
        ("sunt din București", "Europe/Bucharest"), ("sou da Ana", None), ("I'm from the bank", None),
        ("remind me tomorrow at 9 utc+2", None), ("call me at 9 America/New_York time", None),
    ],
)  # fmt: skip
def test_a_zone_is_read_from_what_says_it_and_from_nothing_else(text, zone):
    assert parse_zone(text) == zone


@pytest.mark.parametrize(
    ("number", "business", "zone"),
    [
        ("+15551230000", "Europe/Lisbon", "Europe/Lisbon"), ("+351912345678", "America/Sao_Paulo", "America/Sao_Paulo"),
        ("+5511987654321", "Europe/Lisbon", "America/Sao_Paulo"),
        ("+5592987654321", "America/Sao_Paulo", "America/Manaus"),
        ("+13105550123", "America/New_York", "America/Los_Angeles"),
        ("+351912345678", "UTC", "Europe/Lisbon"),
    ],
)  # fmt: skip
def test_a_foreign_number_counts_where_it_tells_one_zone(number, business, zone):
    assert guess_zone(number, default=business) == zone


def test_a_bare_city_answers_the_question():
    assert parse_zone("Lisboa", is_asked=True) == "Europe/Lisbon"
    assert parse_zone("obrigado", is_asked=True) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("done", "done"), ("Feito!", "done"), ("hecho", "done"), ("gata", "done"), ("👍🏽", "done"),
        ("10 min", "later"),
        ("me lembre em 2 horas", "later"), ("mais tarde", "later"), ("amanhã", "moved"), ("tomorrow at 10", "moved"),
        ("snooze", "later"), ("adia o lembrete", "later"), ("pospón el recordatorio", "later"),
        ("amână mementoul", "later"),
        ("mañana a las 10", "moved"), ("cancelar", "stop"), ("stop reminding me", "stop"), ("❌", "stop"),
        ("I have done my hair", None), ("every day", None), ("what is this?", None), ("tomorrow I will come by", None),
    ],
)  # fmt: skip
def test_answers_to_a_reminder(text, answer):
    found = parse_reminder_answer(text, now=NOW, language="en")

    assert (found.answer if found else None) == answer


def test_times_are_said_with_their_zone():
    from datetime import UTC

    now, moment = datetime(2026, 11, 26, 13, tzinfo=UTC), datetime(2026, 11, 27, 12, tzinfo=UTC)

    said = [format_moment(moment, "America/Sao_Paulo", now=now, language=one) for one in ("en", "pt-br", "es", "ro")]

    assert said == [
        "tomorrow, Friday 27 November, 09:00 (São Paulo time)",
        "amanhã, sexta-feira 27 de novembro, 09:00 (horário de São Paulo)",
        "mañana, viernes 27 de noviembre, 09:00 (hora de São Paulo)",
        "mâine, vineri 27 noiembrie, 09:00 (ora din São Paulo)",
    ]
    assert format_rule("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "pt") == "a cada 2 semanas, terça-feira"
    assert format_rule("FREQ=MONTHLY;BYDAY=1MO;COUNT=3", "en") == "every month, Monday no. 1, 3 times"


@pytest.mark.parametrize("text", ["Christmas", "natal", "Easter", "wake"])
def test_a_word_that_is_also_a_place_is_no_answer(text):
    assert parse_zone(text, is_asked=True) is None
