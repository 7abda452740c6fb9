"""Which entries answer a line: never one that says something else, and none where the line is not understood."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.matching.clauses import MAX_LENGTH
from assistant.matching.finding import UNKNOWN, ResultKind, entry_about, find_entries, rank_entries
from assistant.matching.index import EntryIndex, EntrySource
from config.demo_knowledge import KNOWLEDGE

LANGUAGES = ["en", "pt", "es", "ro"]


def entries():
    rows = [(language, *row) for language, table in KNOWLEDGE.items() for row in table]
    return [
        EntrySource(pk, title, keywords, content, language)
        for pk, (language, title, keywords, content) in enumerate(rows)
    ]


ENTRIES = entries()
INDEX = EntryIndex(ENTRIES)


def titles(text, language="en", before=""):
    return [ENTRIES[pk].title for pk in find_entries(text, INDEX, language, before=before).entries]


@pytest.mark.parametrize(
    ("language", "text", "title"),
    [
        ("en", "what time do you open", "Opening hours"),
        ("en", "wher are you", "Where we are"),
        ("en", "Where can I park?", "Parking"),
        ("en", "how much is a cleening", "Prices"),
        ("pt", "vcs abrem sabado?", "Horário"),
        ("pt", "quanto custa a limpeza", "Preços"),
        ("es", "cuánto cuesta una revisión", "Precios"),
        ("es", "dónde están", "Dónde estamos"),
        ("es", "quiero una cita", "Pedir cita"),
        ("es", "puedo pagar con tarjeta", "Formas de pago"),
        ("ro", "cât costă un detartraj", "Prețuri"),
        ("ro", "unde sunteți", "Unde suntem"),
        ("ro", "vreau o programare", "Programări"),
        ("ro", "aveți parcare", "Parcare"),
    ],
)
def test_the_demo_answers_in_the_languages_of_the_conversation(language, text, title):
    assert titles(text, language) == [title]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "can you cancel my appointment?"),
        ("en", "I don't want to book anything"),
        ("en", "when is my appointment"),
        ("en", "cancel all reminders"),
        ("en", "tell me a joke"),
        ("en", "Can you tell me if Dr. Silva speaks French?"),
        ("en", "where is my invoice"),
        ("pt", "pode cancelar minha consulta?"),
        ("pt", "não quero marcar nada"),
        ("pt", "cancela todos os lembretes"),
        ("es", "puede anular mi cita?"),
        ("es", "no quiero reservar nada"),
        ("es", "cancela todos los recordatorios"),
        ("ro", "puteți anula programarea mea?"),
        ("ro", "nu vreau să programez nimic"),
        ("ro", "anulează toate mementourile"),
    ],
)
def test_what_is_not_written_down_and_what_is_the_opposite_get_no_answer(language, text):
    assert find_entries(text, INDEX, language) == UNKNOWN


@pytest.mark.parametrize("verb", ["cancel", "delete", "call off", "reschedule", "move", "postpone", "complain about"])
@pytest.mark.parametrize("noun", ["my appointment", "the booking", "tomorrow's appointment"])
def test_whatever_is_to_be_done_with_an_appointment_it_is_not_booked(verb, noun):
    for text in (f"{verb} {noun}", f"please {verb} {noun}", f"can you {verb} {noun}?", f"I want to {verb} {noun}"):
        assert "Appointments" not in titles(text), text


@pytest.mark.parametrize(
    ("language", "text", "both"),
    [
        ("en", "what does a check up cost and when are you open", ["Prices", "Opening hours"]),
        ("pt", "quanto custa a limpeza e onde vocês ficam", ["Preços", "Onde estamos"]),
        ("es", "cuánto vale un empaste? cuándo abren?", ["Precios", "Horario de apertura"]),
        ("ro", "cât costă o plombă și aveți parcare", ["Prețuri", "Parcare"]),
    ],
)
def test_two_questions_get_two_answers(language, text, both):
    assert titles(text, language) == both


def test_a_part_that_is_not_written_down_is_not_passed_over():
    found = find_entries("how much is a filling and do you have a swimming pool?", INDEX, "en")

    assert (found.kind, found.is_partial) == (ResultKind.ANSWER, True)


def test_between_two_entries_both_are_offered():
    found = find_entries("parking or payment?", INDEX, "en")

    assert found.kind == ResultKind.CHOICE
    assert sorted(titles("parking or payment?")) == ["Parking", "Payment"]


def test_a_follow_up_is_about_what_was_asked_before():
    assert titles("and is it free?", before="do u have parking") == ["Parking"]
    assert titles("and where are you?", before="when are you open") == ["Where we are"]


def test_entries_of_the_conversations_language_come_first_and_others_are_found_by_what_is_shared():
    english = [entry for entry in ENTRIES if entry.language == "en"]
    index = EntryIndex(english)

    assert [english[pk].title for pk in find_entries("¿Cuánto cuesta?", index, "es").entries] == ["Prices"]
    assert [english[pk].title for pk in find_entries("aveți parcare?", index, "ro").entries] == ["Parking"]
    assert titles("parking?", "es") == ["Aparcamiento"]


def test_a_language_model_gets_more_than_would_be_said():
    assert ENTRIES[rank_entries("is the filling made of ceramic", INDEX, "en")[0]].title == "Prices"
    assert find_entries("is the filling made of ceramic", INDEX, "en") == UNKNOWN


def test_the_entry_for_emergencies_is_found_by_its_title_and_language():
    assert ENTRIES[entry_about("EMERGENCY", INDEX, "ro")].title == "Urgențe"
    assert entry_about("EMERGENCY", EntryIndex([]), "ro") is None


def test_only_the_beginning_of_a_long_text_is_read():
    assert find_entries("x " * (MAX_LENGTH // 2) + "what time do you open", INDEX, "en") == UNKNOWN
    assert titles("what time do you open" + " " * 3_000_000) == ["Opening hours"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.sampled_from([*LANGUAGES, "fr", ""]))
def test_any_text_is_read_and_gives_the_same_each_time(text, language):
    found = find_entries(text, INDEX, language, before=text)

    assert found == find_entries(text, INDEX, language, before=text)
    assert set(found.entries) <= set(range(len(ENTRIES)))
    assert (found.kind == ResultKind.UNKNOWN) == (found.entries == ())


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["zorg", "blib", "quax", "wump", "frell", "snarg", "tovim"]), min_size=1, max_size=5))
def test_words_that_nobody_wrote_down_find_nothing(words):
    assert find_entries(" ".join(words), INDEX, "en") == UNKNOWN
