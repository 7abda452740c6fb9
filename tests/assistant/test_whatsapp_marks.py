"""Markdown becomes WhatsApp's own marks; code, links and addresses stay as they are written."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.bubbles import MAX_BUBBLES, split_into_bubbles
from assistant.whatsapp_marks import for_whatsapp

LONG_ANSWER = (Path(__file__).parents[1] / "payloads/llm/long-answer.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("***launch now***", "*_launch now_*"),
        ("__*x*__", "*_x_*"),
        ("## **Title**", "*Title*"),
        ("**a *b* c**", "*a _b_ c*"),
        ("*a **b** c*", "_a *b* c_"),
        ("***a** b*", "_*a* b_"),
        ("**Total:**50", "*Total:*50"),
        ("**one\ntwo**", "*one*\n*two*"),
        ("1. one\n\n2. two\n   - below", "1. one\n2. two\n  - below"),
        ("7) seven\n8) eight", "7) seven\n8) eight"),
        ("a\n- b\n- c", "a\n- b\n- c"),
        ("> said\n> before\n\nyes", "> said\n> before\n\nyes"),
        ("Before\n\n---\n\nAfter", "Before\n\nAfter"),
        ("***", ""),
        ("We close at 5.\nSee you  \ntomorrow", "We close at 5.\nSee you\ntomorrow"),
        ("5 > 3 & 2 < 4 <b>", "5 > 3 & 2 < 4 <b>"),
        ("1999. Foi um bom ano", "1999. Foi um bom ano"),
        ("snake_case_name", "snake_case_name"),
    ],
)
def test_marks(markdown, shown):
    assert for_whatsapp(markdown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "```\ndef __init__(self): pass\n```",
        "`**bold**`",
        "Pix: `00020126__BR__`",
        "```\nfirst\n\n__second__\n```",
        "See https://example.com/_a_/b*c*d and www.example.com/_x_?a=**b**c.",
        "first_last_name@example.com",
        "_desk_@example.com",
    ],
)
def test_code_links_and_addresses_stay(text):
    assert for_whatsapp(text) == text


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("[mail us](mailto:desk@example.test?subject=Hi)", "mail us: desk@example.test"),
        ("[call](tel:+15550100)", "call: +15550100"),
        ("[desk@example.test](mailto:desk@example.test)", "desk@example.test"),
        ("**[Book](https://example.com/a_b_c)**", "*Book: https://example.com/a_b_c*"),
        ("![map](https://example.com/m.png)", "map: https://example.com/m.png"),
        ("[x](https://en.example.org/A_(b))", "x: https://en.example.org/A_(b)"),
    ],
)
def test_a_link_is_read_as_its_words_and_its_address(markdown, shown):
    assert for_whatsapp(markdown) == shown


def test_a_table_has_a_line_for_each_row():
    two = "| Service | Price |\n|---|---|\n| Cleaning | 50 |\n| Filling | 80 |"
    three = "| Service | Price | Time |\n|:--|--:|---|\n| Cleaning | 50 | 30 min |\n| Filling | | 45 min |"

    assert for_whatsapp(two) == "*Service: Price*\n- Cleaning: 50\n- Filling: 80"
    assert for_whatsapp(f"Prices:\n\n{three}\n\nBye") == (
        "Prices:\n\n- Cleaning: Price 50, Time 30 min\n- Filling: Time 45 min\n\nBye"
    )


WORDS = st.text("ab cé1.,-", min_size=1, max_size=12).map(str.strip).filter(lambda text: bool(re.search(r"\w", text)))
WRAPPED = st.recursive(
    WORDS,
    lambda inner: st.tuples(
        st.sampled_from(["**{}**", "__{}__", "*{}*", "_{}_", "~~{}~~", "# {}", "- {}", "> {}"]), inner
    ).map(lambda pair: pair[0].format(pair[1])),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(WRAPPED, min_size=1, max_size=4).map("\n\n".join))
def test_no_word_is_lost_and_no_two_stars_are_left(markdown):
    shown = for_whatsapp(markdown)

    assert re.findall(r"\w+", shown.replace("_", " ")) == re.findall(r"\w+", markdown.replace("_", " "))
    assert "**" not in shown or "```" in shown


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text("ab`*_~#>|-[]()!\\\n 1.", max_size=60))
def test_any_text_can_be_read(text):
    shown = for_whatsapp(text)

    assert [letter for letter in shown if letter in "ab"] == [
        letter for letter in text if letter in "ab"
    ] or "```" in text


@pytest.mark.parametrize("limit", [1600, 4096])
def test_a_long_answer_keeps_its_end(limit):
    bubbles = split_into_bubbles(for_whatsapp(LONG_ANSWER), limit=limit)

    assert len(bubbles) <= MAX_BUBBLES
    assert all(len(bubble) <= limit for bubble in bubbles)
    assert re.findall(r"\w+", " ".join(bubbles)) == re.findall(r"\w+", LONG_ANSWER)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text("ab .\n", max_size=400), st.integers(5, 60))
def test_splitting_loses_nothing(text, limit):
    bubbles = split_into_bubbles(text, limit=limit)

    assert "".join("".join(bubbles).split()) == "".join(text.split())
    assert all(0 < len(bubble) <= limit for bubble in bubbles)


def test_blank_lines_in_code_begin_no_new_bubble():
    assert split_into_bubbles("Here:\n\n```\na\n\nb\n```\n\nBye") == ["Here:", "```\na\n\nb\n```", "Bye"]
