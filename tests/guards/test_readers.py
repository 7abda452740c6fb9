"""What reads a stranger's text as a whole reads it in time that grows with the text, and only up to a length."""

import pytest

from approvals.answer_parser import UnclearAnswer, parse_answers
from assistant import bubbles, phrases
from assistant.links import links_in
from assistant.model_text import reader_text
from assistant.reply_checks import _repeats
from assistant.whatsapp_marks import for_whatsapp
from common.text.plain import MAX_TEXT, fold
from common.text.redaction import redact, redact_end
from messaging.queries.search import search_words
from messaging.services.owner import parse_command
from reminders.offline_rules import match_rule
from tests.support.patterns import QUADRATIC, growth_of, least_seconds
from timewords.zones import parse_zone

pytestmark = pytest.mark.once

LANGUAGES = ("en", "pt", "es", "ro")
PIECES = (
    "a", "1", " ", "\n", ".", "-", ":", "\u0301", "\ufdfa", "é", "http://", "1-", "sk-", "a.", "a@b.", "a b ",
    "yes ", "1 yes ", "edit: ", "1 edit: ", "no. 1 ", "a: a ", "change reminder 1 to x ", "remind me to x in 1 ",
    "/bot off 2h ", "1-3 ", "👍", "# a\n", "[a](http://", "**a** ", "> ", "- ", "*a_", "`a``", "![",
    "1. ", "<think>", "|a|\n", "at 9 at ", "todos os dias ", "i am in ",
)  # fmt: skip


def answer(language):
    def reader(text):
        try:
            return parse_answers(text, language)
        except UnclearAnswer:
            return None

    return reader


def takes_a_text(function):
    """Whether a function of assistant/phrases.py reads one text and nothing else."""
    given = getattr(function, "__annotations__", {})
    return getattr(function, "__module__", "") == phrases.__name__ and given.get("text") == "str" and len(given) == 2


READERS = {
    "redact": redact,
    "redact_end": redact_end,
    "folded": fold,
    "links": links_in,
    "command": parse_command,
    "zone": parse_zone,
    "garbage": bubbles.is_garbage,
    "whatsapp": for_whatsapp,
    "bubbles": bubbles.split_into_bubbles,
    "model": reader_text,
    "instructions": lambda text: _repeats("You are the desk of a clinic. " * 200, text),
    **{f"approval {language}": answer(language) for language in LANGUAGES},
    "search": search_words,
    **{f"words {name}": function for name, function in vars(phrases).items() if takes_a_text(function)},
    **{f"reminder {language}": (lambda text, language=language: match_rule(text, language)) for language in LANGUAGES},
}
CUTTING = [
    "redact",
    "redact_end",
    "folded",
    "zone",
    *(name for name in READERS if name.startswith(("approval", "reminder"))),
]


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_time_in_proportion_to_its_text(name):
    grown = {piece: growth_of(READERS[name], piece, size=16_000) for piece in PIECES}

    assert {piece: found for piece, found in grown.items() if found >= QUADRATIC} == {}


@pytest.mark.parametrize("name", CUTTING)
def test_what_is_longer_than_any_message_costs_no_more(name):
    for piece in ("a", "yes ", "\ufdfa", "http://"):
        long, endless = (piece * (size // len(piece)) for size in (MAX_TEXT, 16 * MAX_TEXT))
        seconds = least_seconds(READERS[name], endless, rounds=2)

        # Sixteen times the text: what did not cut would take sixteen times as long.
        assert seconds < 0.01 or seconds < 5 * least_seconds(READERS[name], long, rounds=2), piece


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_text_that_begins_as_an_answer_is_none(language):
    with pytest.raises(UnclearAnswer):
        parse_answers(f"1 ok{' ' * 3000}but not that one", language)

    assert parse_answers("x " * 3000, language) == []
