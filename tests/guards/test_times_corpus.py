"""The corpus of times is large enough, well formed, and what its grammar makes; its judge sees what is wrong."""

from datetime import date, datetime

import pytest

from benchmarks.words import times, times_grammar
from benchmarks.words.times_corpus import FOLDER, LANGUAGES, Expected, load, parse
from benchmarks.words.times_subjects import difference

LINE = "call Ana friday 2pm\tFri 2026-09-18 14:00\tcall Ana"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_its_sentences_once(language):
    lines = load(language)
    sentences = [(line.sentence.casefold(), line.now) for line in lines]
    by_hand = [line for line in lines if line.where.startswith(f"{language}.tsv")]

    assert len(lines) >= 420
    assert len(by_hand) * 2 >= len(lines)
    assert len(set(sentences)) == len(sentences)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_made_sentences_are_those_of_the_grammar(language):
    assert (FOLDER / f"{language}-made.tsv").read_text(encoding="utf-8") == times_grammar.made(language)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("friday\tMon 2026-09-18 14:00\tcall Ana", "is a Fri"),
        ("friday\tFri 2026-09-18 14:00", "subject"),
        ("ok\tnone | asks", "alone"),
        ("friday\tFri 2026-09-18 14:00 untill=2026-10-01\tcall Ana", "unknown"),
    ],
)
def test_a_line_that_breaks_the_format_is_refused(line, complaint):
    with pytest.raises(ValueError, match=complaint):
        parse(line, language="en")


@pytest.mark.parametrize(
    ("found", "wanted", "said"),
    [
        ("please remind me to call Ana!", "call ana", ""),
        ("ligar pro João", "ligar pro joao", ""),
        ("hi it's Karen bring the forms", "(it's Karen) bring the forms", ""),
        ("call Ana hours", "call Ana", "left over: hours"),
        ("buy tickets", "buy 2 tickets", "lost: 2"),
        ("good , call Ana", "call Ana", "left over: good"),
    ],
)
def test_words_left_over_and_words_lost_are_seen(found, wanted, said):
    assert difference(found, wanted) == said


def _answer(**more):
    given = {"first": datetime(2026, 9, 15, 9), "rule": "", "until": None, "delay": None, "zone": "", "subject": ""}
    return times.Understood(**(given | more))


@pytest.mark.parametrize(
    ("answer", "same"),
    [
        ({"rule": "FREQ=DAILY;COUNT=3"}, True),
        ({"rule": "FREQ=DAILY", "until": date(2026, 9, 17)}, True),
        ({"rule": "FREQ=DAILY;COUNT=4"}, False),
        ({"rule": "FREQ=DAILY"}, False),
        ({}, False),
        ({"rule": "FREQ=DAILY;COUNT=3", "zone": "Europe/London"}, False),
        ({"rule": "FREQ=SOMETIMES"}, False),
    ],
)
def test_repetitions_are_compared_by_their_times(answer, same):
    wanted = Expected(first=datetime(2026, 9, 15, 9), rule="FREQ=DAILY;COUNT=3")

    assert times.is_same_time(_answer(**answer), wanted) is same


@pytest.mark.parametrize(
    ("answers", "answer", "outcome"),
    [
        (LINE, _answer(first=datetime(2026, 9, 18, 14), subject="call Ana"), times.Outcome.UNDERSTOOD),
        (LINE, _answer(first=datetime(2026, 9, 18, 15), subject="call Ana"), times.Outcome.WRONG),
        (LINE, _answer(first=datetime(2026, 9, 18, 14), subject="call Ana friday"), times.Outcome.WRONG),
        (LINE, times.ASKS, times.Outcome.MISSED),
        (LINE, None, times.Outcome.MISSED),
        ("at 9 or 10\tasks", _answer(), times.Outcome.WRONG),
        ("at 9 or 10\tasks", times.ASKS, times.Outcome.ALLOWED),
        ("room 12\tnone", _answer(), times.Outcome.INVENTED),
        ("room 12\tnone", times.ASKS, times.Outcome.SILENT),
    ],
)
def test_an_answer_is_judged(answers, answer, outcome):
    assert times.judge(parse(answers, language="en"), answer).outcome == outcome
