"""The language of a chat: found from informal lines, kept over what tells nothing, followed when it changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.words.language import conversations, rows, walk
from common.text.language import LANGUAGES, detect, language_after, nearest_language
from common.text.language_words import EVERYWHERE, WORDS
from privacy.opt_out_words import START, STOP

OWN = {
    language: sorted(
        word
        for word in WORDS[language] - EVERYWHERE
        if len(word) > 3 and sum(word in words for words in WORDS.values()) == 1
    )
    for language in LANGUAGES
}
STORIES = [(tenant, lines) for part in ("", "-unseen") for tenant, lines in conversations(part)]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How much is it?", "en"), ("wher are you", "en"), ("Quanto custa?", "pt"), ("vcs abrem sabado?", "pt"),
        ("e a obturacao?", "pt"), ("sou de Manaus", "pt"), ("¿Cuánto cuesta?", "es"), ("q tal", "es"),
        ("me duele mucho una muela", "es"), ("Cât costă?", "ro"), ("cat costa", "ro"), ("aveti loc maine", "ro"),
        ("multumesc", "ro"), ("OBRIGADO!!!", "pt"), ("holaaaa", "es"), ("don’t", "en"),
    ],
)  # fmt: skip
def test_a_short_line_tells_its_language(text, language):
    assert detect(text) == language


@pytest.mark.parametrize(
    "text",
    ["", " ", "ok", "12345", "10h", "👍", "?", "Ana", "São Paulo", "https://example.com/where/are/you", "ana@where.com",
     "здравствуйте", "你好", "c'est combien le nettoyage", "was kostet eine reinigung", "quanto costa la pulizia"],
)  # fmt: skip
def test_what_tells_nothing_or_is_another_language_is_unsure(text):
    assert detect(text) == ""


@pytest.mark.parametrize("kept", LANGUAGES)
@pytest.mark.parametrize("text", [text for _, text in rows("undecidable") + rows("undecidable-unseen")])
def test_names_numbers_and_signs_switch_no_chat(kept, text):
    assert language_after(text, kept=kept) == kept


@pytest.mark.parametrize(("kept", "loan"), [("es", "ok thanks"), ("ro", "gracias"), ("pt", "late checkout?"),
                                           ("en", "hola"), ("en", "Rua das Flores 12, Lisboa")])  # fmt: skip
def test_one_loan_an_address_or_a_courtesy_switches_no_chat(kept, loan):
    assert language_after(loan, kept=kept) == kept


def test_two_lines_in_a_row_switch_what_one_alone_does_not():
    assert language_after("onde fica", kept="es", earlier=lambda: ["ok", "gracias"]) == "es"
    assert language_after("onde fica", kept="es", earlier=lambda: ["gracias", "obrigado"]) == "es"
    assert language_after("onde fica", kept="es", earlier=lambda: ["obrigado", "gracias"]) == "pt"


def test_earlier_lines_are_asked_for_only_when_a_line_leans_to_another_language():
    def asked():
        raise AssertionError

    for text in ("ok", "Ana", "gracias", "¿cuánto cuesta la limpieza?", "how much is the cleaning please"):
        language_after(text, kept="es", earlier=asked)


@pytest.mark.parametrize(("tenant", "lines"), STORIES, ids=[lines[0][1] for _, lines in STORIES])
def test_somebody_who_changes_the_language_is_followed_within_a_line(tenant, lines):
    assert sum(not right for right in walk(tenant, lines)) <= 1


@pytest.mark.parametrize("words", [STOP, START])
def test_a_stop_word_is_never_taken_for_a_language_that_does_not_have_it(words):
    wrong = {
        word: detect(word)
        for word in {word for list_of in words.values() for word in list_of}
        if detect(word) and word not in words[detect(word)]
    }
    assert wrong == {}


@given(st.text(max_size=200), st.sampled_from(["", *LANGUAGES]))
def test_any_text_is_taken(text, kept):
    assert detect(text) in ("", *LANGUAGES)
    assert language_after(text, kept=kept, earlier=lambda: [text, text]) in (kept, *LANGUAGES)


@given(st.lists(st.sampled_from(sorted(EVERYWHERE)), max_size=6), st.sampled_from(LANGUAGES))
def test_words_of_everywhere_switch_nothing(words, kept):
    assert language_after(" ".join(words), kept=kept) == kept


@given(st.sampled_from(LANGUAGES), st.sampled_from(LANGUAGES), st.data())
def test_a_line_of_words_that_only_one_language_has_is_that_language(language, kept, data):
    line = " ".join(data.draw(st.lists(st.sampled_from(OWN[language]), min_size=3, max_size=8)))

    assert detect(line) == language
    assert language_after(line, kept=kept) == language


@pytest.mark.parametrize("language", WORDS)
def test_the_lists_are_written_as_they_are_compared(language):
    assert [word for word in WORDS[language] if not (word.isascii() and word.isalpha() and word.islower())] == []


@pytest.mark.parametrize(
    ("codes", "language"),
    [(("pt-br",), "pt"), (("", "es_MX"), "es"), (("fr", "RO"), "ro"), (("fr", "de"), "en"), ((), "en")],
)
def test_a_code_is_brought_to_one_of_ours(codes, language):
    assert nearest_language(*codes) == language
