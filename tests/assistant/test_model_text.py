"""A model's text is cleaned where it enters: signs that no database takes, and thoughts that are nobody's business."""

import json
from pathlib import Path

import pytest

from assistant.health import llm
from assistant.model_text import clean_deep, reader_text
from assistant.models import Turn, TurnStep
from assistant.n8n_contract import WrongAnswer, parse_body
from messaging.providers import PROVIDERS
from tests.support.fake_llm import calls, said

pytestmark = pytest.mark.both


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("The customer is annoying, quote 500.</think>\n\nWe open at 9.", "We open at 9."),
        ("<think>Hm.</think>We open at 9.", "We open at 9."),
        ("Hello! <thinking>Hm.\n</thinking>We open at 9.", "Hello! We open at 9."),
        ("<think>a<think>b</think>c</think>We open at 9.", "We open at 9."),
        ("a</think>b</think>We open at 9.", "We open at 9."),
        ("[THINK]Hm.[/THINK]We open at 9.", "We open at 9."),
        ("<REASONING>Hm.</Reasoning >We open at 9.", "We open at 9."),
        ("We open at 9.\n<think>Shall I", "We open at 9."),
        ("<think>Shall I", ""),
        ("<|channel|>analysis<|message|>Hm.<|end|><|channel|>final<|message|>We open at 9.<|return|>", "We open at 9."),
        ("I think we open at 9 <3", "I think we open at 9 <3"),
        ("A <thinker> is here", "A <thinker> is here"),
        ("Hi \ud83d we\x00open", "Hi ? we\ufffdopen"),
    ],
)
def test_only_what_is_meant_for_the_reader_is_said(text, left):
    assert reader_text(text) == left


def test_json_is_cleaned_at_every_depth():
    assert clean_deep({"a\x00": ["x\ud83d", {"b": 1, "c": None}]}) == {"a\ufffd": ["x?", {"b": 1, "c": None}]}


@pytest.mark.parametrize(("raw", "sent"), [(r"Hi \ud83d we open", "Hi ? we open"), (r"We \u0000open", "We \ufffdopen")])
def test_half_an_emoji_and_nul_do_not_lose_the_answer(openai, say, drain, outbox, raw, sent):
    answer = json.dumps(said("WORDS")["body"]).replace("WORDS", raw)
    openai.script({"raw": answer})
    say("When are you open?")

    drain()

    assert outbox() == [sent]
    assert Turn.objects.get().state == "done"


def test_a_tool_is_called_with_clean_words_and_the_round_is_kept(openai, say, drain, outbox):
    asked = json.dumps(calls("search_knowledge", {"query": "WORDS"})["body"])
    openai.script({"raw": asked.replace("WORDS", r"open\\u0000ing")}, said("From nine."))
    say("When are you open?")

    drain()

    assert outbox() == ["From nine."]
    assert TurnStep.objects.filter(kind="model").count() == 1


def test_thoughts_alone_are_no_answer(openai, say, drain, outbox):
    openai.script(*[said("<think>What shall I say?")] * 3)
    say("When are you open?")

    drain()

    assert "What shall I say?" not in "".join(outbox())


def test_a_workflow_that_only_thinks_is_told_so():
    with pytest.raises(WrongAnswer, match="not only thoughts"):
        parse_body({"reply": "<think>Hm.</think>"})
    assert parse_body({"reply": "<think>Hm.</think>At nine.\x00"}).texts == ("At nine.\ufffd",)


def test_a_line_without_letters_does_not_make_the_answer_a_hand_over(openai, say, drain, outbox):
    openai.script(said("We are open daily.\n\n---\n\n…\n\nSee you!"))
    say("When are you open?")

    drain()

    assert outbox() == ["We are open daily.", "See you!"]


def test_an_answer_of_signs_alone_is_none(openai, say, drain, outbox):
    openai.script(*[said("---")] * 3)
    say("When are you open?")

    drain()

    assert outbox()
    assert "---" not in "".join(outbox())


LONG_ANSWER = (Path(__file__).parents[1] / "payloads/llm/long-answer.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("wire_name", ["twilio", "meta", "evolution", "imessage"])
def test_the_end_of_a_long_answer_is_in_the_outbox_of_every_wire(clinic, wire, openai, say, drain, outbox, wire_name):
    openai.script(said(LONG_ANSWER))
    say("What do you do?", to=wire(clinic, wire_name))

    drain()

    assert " ".join(outbox()).split() == LONG_ANSWER.split()
    assert all(len(text) <= PROVIDERS[wire_name].max_text for text in outbox())


def test_a_long_answer_that_hands_over_arrives_whole(clinic, wire, sim, openai, say, drain):
    openai.script(calls("hand_over", {"reason": "asked"}), said(LONG_ANSWER))
    say("What do you do?", to=wire(clinic, "twilio"))

    drain()

    sent = " ".join(record["text"] for record in sim.sends("twilio"))
    assert len(sent.split()) == len(LONG_ANSWER.split())


@pytest.mark.parametrize("key", ["sk test", "sk-\xa0test", "sk-tést", "sk-\ntest"])
def test_a_key_that_no_header_takes_is_named(openai, settings, say, drain, key):
    settings.OPENAI_API_KEY = key
    say("Are you open?")

    drain()

    assert openai.asked == []
    assert llm() == ("error", "no model can answer; openai: OPENAI_API_KEY holds a blank or a letter that no key has")
