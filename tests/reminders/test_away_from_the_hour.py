"""What makes a time doubtful although it stands away from it is never left in the text of a confirmed reading."""

from __future__ import annotations

from datetime import datetime

import pytest

from benchmarks.words.times import Understood, understand
from timewords.lexicon import PHRASES
from timewords.lexicon.asides import CORRECTIONS, ENDS_OF_A_DAY
from timewords.parser import PastTime, parse_time_words
from timewords.tokens import fold_letters

NOW = datetime(2026, 9, 14, 10)  # a Monday
DAY_KINDS = {"weekday", "weak_weekday", "ord_weekday", "two_letters", "luni", "mar", "weekdays"}
FRAMES = {
    "en": [
        "{} call mum at 9",
        "remind me {} to pay rent at 10",
        "remind me {} to call mum at 3pm",
        "pay the rent {} please at 9",
        "at 9 pay the rent {}",
        "remind me at 10 to pay rent {}",
        "every week at 9 pay the rent {}",
    ],
    "pt": [
        "{} levar o carro às 9h",
        "me lembra {} levar o carro às 9h",
        "me lembra {} q vem 9h de ligar",
        "lembrete {} pagar boleto 10h",
        "me lembra {} que vem levar o carro às 9h",
        "às 9h levar o carro {}",
        "me lembra às 9 de ligar {}",
    ],
    "es": [
        "{} pagar la luz a las 10",
        "recuérdame {} pagar la luz a las 10",
        "el {} q viene a las 9",
        "el {} que viene pagar a las 9",
        "a las 9 pagar la luz {}",
        "recuérdame el {} q viene llamar a las 9",
    ],
    "ro": [
        "{} sun la bancă la 9",
        "amintește-mi {} să plătesc la 10",
        "{} viitoare sun la bancă la 9",
        "la 9 plătesc chiria {}",
        "memento {} plata la 10",
    ],
}
# Nearly always small words without accents: "să", "mă", "mi-a".
SMALL_WORDS = {"sa"}


def days(language):
    return [
        phrase for phrase, kinds in PHRASES[language].items()
        if DAY_KINDS & set(kinds) and not set(phrase) & SMALL_WORDS
    ]  # fmt: skip


def left_in_the_text(sentence, said, *, language):
    """The words of what was said that a confirmed reading leaves in the text."""
    try:
        found = parse_time_words(sentence, now=NOW, language=language, zone="Etc/GMT+1")
    except PastTime:
        return []
    if found is None or not found.is_whole:
        return []
    return [word for word in fold_letters(found.rest).split() if word in said]


@pytest.mark.parametrize(
    ("language", "known"), sorted({(language, known) for language in FRAMES for known in (language, "en")})
)
def test_a_weekday_away_from_its_hour_is_never_what_is_to_be_done(language, known):
    left = {
        sentence
        for day in days(language)
        for frame in FRAMES[language]
        if left_in_the_text(sentence := frame.format(" ".join(day)), set(day), language=known)
    }

    assert len(days(language)) > 12
    assert left == set()


def weekday_of(kinds):
    """The number of the day that a phrase of the lexicon names."""
    kind = next(kind for kind in kinds if kind in DAY_KINDS)
    if kind == "mar":
        return kinds[kind][0]
    return kinds[kind][1] if kind == "ord_weekday" else kinds[kind]


@pytest.mark.parametrize("language", FRAMES)
def test_a_day_that_is_confirmed_is_the_one_that_was_said(language):
    said = {
        frame.format(" ".join(day)): weekday_of(PHRASES[language][day])
        for day in days(language)
        for frame in FRAMES[language]
        if "weekdays" not in PHRASES[language][day]
    }
    found = {sentence: understand(sentence, now=NOW, language=language) for sentence in said}
    confirmed = {sentence: one for sentence, one in found.items() if isinstance(one, Understood)}

    assert len(confirmed) > 10
    assert {sentence for sentence, one in confirmed.items() if one.first.weekday() != said[sentence]} == set()


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("lu, mi și vi la 9", "ro"),
        ("lu mi vi la 9", "ro"),
        ("ma-jo la 9 sun pe Ana", "ro"),
        ("lun, mie y vie llamar a las 9", "es"),
        ("m/w/f at 9", "en"),
        ("mon, wed, fri pay rent at 9", "en"),
        ("seg, qua e sex 9h", "pt"),
        ("remind me at 3pm to sit in the sun", "en"),
    ],
)
def test_a_list_of_days_is_never_one_day(sentence, language):
    assert understand(sentence, now=NOW, language=language) == "asks"


@pytest.mark.parametrize("sentence", ["l-v 9am", "lun-vie 9am", "m-f 9am", "mon-fri 9am", "lu-vi la 9", "L-V la 9"])
def test_short_working_days_are_read(sentence):
    language = "ro" if " la " in sentence else "es" if sentence[0] == "l" else "en"

    assert understand(sentence, now=NOW, language=language).rule == "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


@pytest.mark.parametrize(
    ("sentence", "language", "text"),
    [
        ("pagar a segunda via do boleto às 10h", "pt", "pagar a segunda via do boleto"),
        ("pagar a quinta parcela às 10h", "pt", "pagar a quinta parcela"),
        ("levar de ter o documento às 9h", "pt", "levar de ter o documento"),
        ("amintește-mi să mă duc la bancă la 9", "ro", "amintește-mi să mă duc la bancă"),
        ("aminteste-mi sa ma duc la banca la 9", "ro", "aminteste-mi sa ma duc la banca"),
    ],
)
def test_what_is_another_word_for_certain_is_what_is_to_be_done(sentence, language, text):
    assert understand(sentence, now=NOW, language=language).subject == text


ODD_DIGITS = "½¼¾⅓⅔⅛⅞⅕²³⁰①⑨⑩❶Ⅷ"


@pytest.mark.parametrize("odd", ODD_DIGITS)
@pytest.mark.parametrize(
    "frame",
    [
        "in 1{} hours",
        "in {} hours",
        "every 1{} hours",
        "tomorrow at 9{}",
        "tomorrow at {}",
        "at 9 in {} hours",
        "in 2{} days at 9",
        "daqui a 1{} horas",
        "en 1{} horas",
        "peste 1{} ore",
        "la {} mâine",
    ],
)
def test_fractions_and_raised_digits_are_no_other_number(frame, odd):
    for language in FRAMES:
        assert not isinstance(understand(frame.format(odd), now=NOW, language=language), Understood)


def test_a_fraction_of_a_thing_stays_in_the_text():
    assert understand("buy 2½ lemons tomorrow at 9", now=NOW, language="en").subject == "buy 2½ lemons"


CORRECTED = {
    "en": ("tomorrow at 9", "10", "call Ana"), "pt": ("amanhã às 9", "10", "ligar para Ana"),
    "es": ("mañana a las 9", "10", "llamar a Ana"), "ro": ("mâine la 9", "10", "sun pe Ana"),
}  # fmt: skip


@pytest.mark.parametrize("language", CORRECTED)
@pytest.mark.parametrize("said", sorted({*CORRECTIONS, ("hmm",), ("eh",), ("ops",)}), ids=" ".join)
def test_a_correction_is_asked_about(said, language):
    time, other, what = CORRECTED[language]
    word = " ".join(said).replace("~", "")
    is_behind_a_noun = word not in {"hmm", "eh", "ops"}  # a word that nobody knows, only right behind the hour
    sentences = [f"{time} {word} {other}", f"{what} {time} {word} {other}", f"{time}, {word}, {other} {what}"][
        : 3 if is_behind_a_noun else 2
    ]
    sentences += [f"{time} {what}, {word} {other}", f"{time} {word}"] if is_behind_a_noun else []

    assert [one for one in sentences if isinstance(understand(one, now=NOW, language=language), Understood)] == []


@pytest.mark.parametrize(
    "sentence",
    ["sorry, remind me tomorrow at 9 to call Ana", "tomorrow at 9 say sorry to Ana", "tomorrow at 9 room 12",
     "tomorrow at 9. Sorry for the late message, call Ana", "tomorrow at 9 ask what they actually want"],
)  # fmt: skip
def test_a_word_that_corrects_nothing_is_read(sentence):
    assert understand(sentence, now=NOW, language="en").first == datetime(2026, 9, 15, 9)


@pytest.mark.parametrize(
    "said", ["*10", "*10*", "... 10", "-> 10", "/ 10", "call Ana *10", "call Ana. no, 10", ", no, 10 call Ana"]
)
def test_an_hour_behind_a_sign_is_asked_about(said):
    assert understand(f"tomorrow at 9 {said}", now=NOW, language="en") == "asks"


@pytest.mark.parametrize("day", ["mo", "tu", "th", "fr", "su"])
def test_two_letters_of_a_day_are_asked_about_and_a_name_is_not(day):
    assert understand(f"remind me {day} to pay rent at 10", now=NOW, language="en") == "asks"
    assert understand(f"call {day.title()} at 10", now=NOW, language="en").subject == f"call {day.title()}"


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("remind me mon to pay rent at 10", datetime(2026, 9, 21, 10)),
        ("remind me sat to pay rent at 10", datetime(2026, 9, 19, 10)),
        ("amintește-mi sam să plătesc la 10", datetime(2026, 9, 19, 10)),
        ("segunda q vem levar o carro às 9h", datetime(2026, 9, 21, 9)),
    ],
)
def test_a_day_in_the_words_that_ask_is_read(sentence, first):
    language = {"r": "en", "a": "ro", "s": "pt"}[sentence[0]]

    assert understand(sentence, now=NOW, language=language).first == first


@pytest.mark.parametrize("said", sorted(ENDS_OF_A_DAY), ids=" ".join)
@pytest.mark.parametrize(
    "frame",
    ["tomorrow {}", "tomorrow {} send it", "remind me {} tomorrow", "amanhã {}", "mañana {} enviar", "mâine {} trimit"],
)
def test_the_end_of_a_day_is_no_hour(frame, said):
    for language in FRAMES:
        assert not isinstance(understand(frame.format(" ".join(said)), now=NOW, language=language), Understood)


@pytest.mark.parametrize("what", ["să sun", "să sun pe Ana", "sa sun", "să sun la bancă"])
@pytest.mark.parametrize("known", FRAMES)
def test_to_call_in_romanian_is_no_sunday(what, known):
    assert not isinstance(understand(f"amintește-mi {what}", now=NOW, language=known), Understood)


PLACES = {
    "en": (
        [
            "at 9 tomorrow {}",
            "9am tomorrow {}",
            "at 9 on friday {}",
            "every day at 9 {}",
            "{} tomorrow at 9",
            "friday {} at 9",
            "tomorrow at 9 in the morning {}",
            "remind me {} tomorrow at 9am to call",
        ],
        "in",
    ),
    "pt": (["às 9 amanhã {}", "às 9 na sexta {}", "amanhã às 9 {}", "{} amanhã às 9"], "em"),
    "es": (["a las 9 mañana {}", "a las 9 el viernes {}", "mañana a las 9 {}", "{} mañana a las 9"], "en"),
    "ro": (["la 9 mâine {}", "la 9 vineri {}", "mâine la 9 {}", "{} mâine la 9"], "la"),
}


@pytest.mark.parametrize("language", PLACES)
@pytest.mark.parametrize("city", ["Lisbon", "Tokyo", "Madrid", "New York", "Buenos Aires", "London"])
def test_an_hour_with_a_place_and_a_day_between_is_asked_about(city, language):
    frames, word = PLACES[language]
    sentences = [frame.format(f"{word} {city}") for frame in frames]
    sentences += [frames[0].format(city), frames[0].format(f", {city}")]

    confirmed = [understand(sentence, now=NOW, language=language) for sentence in sentences]

    assert [one for one in confirmed if isinstance(one, Understood) and not one.zone] == []


def test_a_city_in_which_something_is_done_is_no_zone():
    found = understand("call the hotel in Lisbon tomorrow at 9", now=NOW, language="en")

    assert (found.first, found.subject) == (datetime(2026, 9, 15, 9), "call the hotel in Lisbon")
