"""What the product understands of people's words does not become worse: the figures of `bin/bench --only words`."""

import pytest

from benchmarks import words
from benchmarks.report import Options

pytestmark = pytest.mark.once


@pytest.mark.parametrize("part", words.PARTS)
def test_the_figures_of_the_corpora_meet_their_targets(part):
    missed = [figure for figure in words.PARTS[part](Options()) if figure.verdict.startswith("MISSED")]

    assert missed == []
