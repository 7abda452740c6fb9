"""Sentences for customers come from the catalogues, in the language they are addressed in."""

import pytest
from django.utils import translation

from common.text.sentences import translate
from privacy.inbound import STOPPED
from reminders.sentences import sentence_for


@pytest.mark.parametrize(
    ("language", "begins"),
    [
        ("en", "You will receive"), ("pt", "Você não"), ("pt-br", "Você não"), ("es", "No recibirá"), ("ro", "Nu veți"),
        ("fr", "You will receive"), ("", "You will receive"),
    ],
)  # fmt: skip
def test_a_sentence_is_in_the_language_of_the_person_else_in_english(language, begins):
    with translation.override("ro"):  # the language of whoever looks at the back office does not matter
        assert translate(STOPPED, language).startswith(begins)
        assert translation.get_language() == "ro"


def test_braces_in_a_customers_own_words_are_left_as_they_are():
    assert sentence_for("done", "es", text="{pay} {0}") == "Hecho: {pay} {0}"


def test_one_english_text_may_have_another_translation_for_operators():
    assert sentence_for("stop_button", "es") == "Parar"
    with translation.override("es"):
        assert translation.gettext("Stop it") == "Pararlo"
