"""No text of a stranger can keep a process busy: every regular expression takes time in proportion to its text."""

import re

import pytest

from tests.support import patterns

pytestmark = pytest.mark.once

# Modules whose readers cut a text first: their patterns never see more (test_readers.py shows that they do cut).
CUT_TO = {"reminders.offline_rules": 1000, "timewords": 500}
# So much processor time is linear on any machine at these sizes: the square of 8,192 steps takes longer.
FAST = 0.004


def limit_of(use):
    return next((size for name, size in CUT_TO.items() if use.place.startswith(name)), None)


@pytest.fixture(scope="module")
def uses():
    kept, (written, _) = patterns.kept_patterns(), patterns.written_patterns()
    return [*kept, *written]


def test_the_time_of_every_pattern_grows_with_its_text_and_not_with_its_square(uses):
    assert len(uses) > 90
    slow = {}
    for use in uses:
        found = patterns.growth(use, fast=FAST, limit=limit_of(use))
        if found >= patterns.QUADRATIC:
            slow[use.place] = (round(found, 1), use.pattern.pattern)

    assert slow == {}


@pytest.mark.parametrize(
    "pattern",
    [
        r"((?:https?)://[^\s?#]+)\?\S*",  # what redaction had
        r"(?:[a-z0-9-]+\.)+com",
        r"\s*```$",
        r"\b(?:sk|pk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{16,}",
        r"(\w{2,20}://)[^\s/@]*:[^\s/@]*@",
        r"(?:a|a)*b",
        r"(\d+)*x",
        r"^\s+(.+?)\s*#*$",
    ],
)
def test_a_pattern_that_is_slow_is_found(pattern):
    use = patterns.Use("here", re.compile(pattern), frozenset({"search"}))

    assert patterns.growth(use, fast=FAST) >= patterns.QUADRATIC


def test_calls_whose_pattern_only_a_running_function_knows_are_few_and_looked_at():
    _, unknown = patterns.written_patterns()

    # Each joins words of ours, or is read behind a cut; their functions are tried as a whole in test_readers.py.
    assert set(unknown) <= {
        "common.backoffice.fields.__init__", "common.text.phone_numbers._digits",
        "tenants.fields.to_internal_value", "assistant.phrases._without",
        "approvals.answer_parser._fold", "timewords.lexicon.compiled", "timewords.lexicon.__init__.compiled",
        "timewords.pieces._any_of",
    }  # fmt: skip
