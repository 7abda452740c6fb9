"""A model answers over HTTP: its text goes out, its tools run, its cost is counted."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from assistant.models import Fact, Spend, Turn, TurnStep
from assistant.providers import llm
from messaging.models import Conversation, Message
from tests.support.fake_llm import calls, said


def test_the_text_of_the_model_is_the_answer(openai, say, drain, outbox):
    openai.script(said("We are open **daily**.\n\nSee you!"))
    say("When are you open?")

    drain()

    turn = Turn.objects.get()
    assert outbox() == ["We are open *daily*.", "See you!"]
    assert (turn.state, turn.outcome, turn.provider, turn.model) == ("done", "replied", "openai", "gpt-5.4-mini")
    assert (turn.input_tokens, turn.output_tokens) == (100, 20)
    assert turn.cost_usd == Decimal("0.000165")
    assert [source["title"] for source in turn.sources] == ["Opening hours"]
    assert (Spend.objects.get().spent_usd, Spend.objects.get().reserved_usd) == (Decimal("0.000165"), 0)


def test_the_request_is_one_that_openai_takes(openai, say, drain, payload):
    openai.script(calls("search_knowledge", {"query": "hours"}), said("From nine."))
    say("When are you open?")

    drain()

    validator = Draft202012Validator(payload("llm/schema_openai_chat_request.json"))
    for asked in openai.asked:
        assert asked.path == "/v1/chat/completions"
        assert asked.headers["authorization"] == "Bearer sk-test-0123456789abcdef"
        assert not list(validator.iter_errors(asked.body))
        assert asked.body["max_completion_tokens"] == 1024
        assert not asked.body.get("stream")
        assert not {"temperature", "top_p", "max_tokens"} & set(asked.body)
    results = [message for message in openai.asked[1].body["messages"] if message["role"] == "tool"]
    assert "9:00 to 18:00" in results[0]["content"]


def test_anthropic_is_asked_without_sampling_and_without_a_stream(openai, settings, say, drain, outbox, payload):
    settings.LLM_PROVIDER, settings.ANTHROPIC_API_KEY = "anthropic", "test-key"
    openai.script(payload("llm/anthropic_responses.json")["text"])
    say("Can I come on Monday?")

    drain()

    asked = openai.asked[0]
    assert asked.path.startswith("/v1/messages")
    assert asked.body["model"] == "claude-haiku-5-5"
    assert asked.body["max_tokens"] == 1024
    assert not {"temperature", "top_p", "top_k"} & set(asked.body)
    assert not asked.body.get("stream")
    assert len(outbox()) == 1


@pytest.mark.parametrize(
    ("version", "path", "header"),
    [
        ("", "/openai/v1/chat/completions", "authorization"),
        ("2024-10-21", "/openai/deployments/desk/chat/completions?api-version=2024-10-21", "api-key"),
    ],
)
def test_azure_is_asked_in_both_forms(openai, settings, say, drain, outbox, version, path, header):
    settings.LLM_PROVIDER, settings.AZURE_OPENAI_API_KEY = "azure", "azure-key"
    settings.AZURE_OPENAI_ENDPOINT, settings.AZURE_OPENAI_DEPLOYMENT = openai.url, "desk"
    settings.AZURE_OPENAI_API_VERSION = version
    openai.script(said("Yes, gladly."))
    say("May I come by tomorrow?")

    drain()

    assert openai.asked[0].path == path
    assert openai.asked[0].headers[header].endswith("azure-key")
    assert openai.asked[0].body["model"] == "desk"
    assert outbox() == ["Yes, gladly."]


def test_two_tools_in_one_reply_both_get_a_result(openai, settings, say, drain, outbox, payload):
    settings.LLM_PROVIDER, settings.ANTHROPIC_API_KEY = "anthropic", "test-key"
    responses = payload("llm/anthropic_responses.json")
    openai.script(responses["two_tools"], responses["text"])
    say("Can I come on Monday?")

    drain()

    last = openai.asked[1].body["messages"][-1]
    wanted = [part["id"] for part in responses["two_tools"]["body"]["content"] if part["type"] == "tool_use"]
    assert [part["tool_use_id"] for part in last["content"] if part["type"] == "tool_result"] == wanted
    assert len(outbox()) == 1


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("remember", '{"fact": "likes mor', "Error: "),
        ("remember", {}, "Error: missing: fact"),
        ("remember", "[1]", "Error: arguments must be an object"),
        ("remember", {"fact": {"tenant_id": 2}}, "Error: must be a text: fact"),
        ("book_a_flight", {}, "Error: there is no tool called book_a_flight"),
    ],
)
def test_wrong_tool_calls_are_told_to_the_model(openai, say, drain, outbox, name, arguments, error):
    openai.script(calls(name, arguments), said("Noted."))
    say("I like mornings.")

    drain()

    results = [m["content"] for m in openai.asked[1].body["messages"] if m["role"] == "tool"]
    assert results[0].startswith(error)
    assert outbox() == ["Noted."]
    assert not Fact.objects.exists()


def test_handing_over_pauses_with_exactly_one_closing_message(openai, say, drain, outbox):
    openai.script(
        calls("hand_over", {"reason": "wants a person", "asked_by": "customer"}),
        said("Of course.\n\nA colleague will write."),
    )
    say("I want a person, please.")

    drain()

    conversation = Conversation.objects.get()
    assert outbox() == ["Of course.\n\nA colleague will write."]
    assert (conversation.is_paused, conversation.paused_by) == (True, "customer")
    assert Turn.objects.get().outcome == "handed_over"


def test_the_reasons_words_do_not_decide_who_wanted_a_person(openai, say, drain):
    openai.script(calls("hand_over", {"reason": "she asked about an x-ray, which I cannot read"}), said("One moment."))
    say("What is on my x-ray?")

    drain()

    assert Conversation.objects.get().paused_by == "assistant"


def test_a_model_that_hands_over_without_a_word_gets_the_sentence(openai, say, drain, outbox):
    openai.script(calls("hand_over", {"reason": "cannot help"}), said(""))
    say("Please check my x-ray.")

    drain()

    assert outbox() == ["A person will get back to you here."]
    assert Conversation.objects.get().is_paused


def test_silence_is_a_tool(openai, say, drain, outbox):
    openai.script(calls("stay_silent", {}), said(""))
    say("ok thanks")

    drain()

    assert outbox() == []
    assert Turn.objects.get().outcome == "silent"


def test_a_fact_is_remembered_once_and_told_next_time(openai, say, drain):
    fact = {"fact": "Prefers mornings"}
    openai.script(
        calls("remember", fact), calls("remember", fact, call_id="call_2"), said("Noted."), said("Nine o'clock?")
    )
    say("I prefer mornings.")
    drain()
    say("When can I come?")

    drain()

    assert [row.text for row in Fact.objects.all()] == ["Prefers mornings"]
    assert "- Prefers mornings" in openai.asked[-1].body["messages"][0]["content"]
    assert TurnStep.objects.filter(kind="tool").count() == 1


def test_half_a_sentence_is_not_sent(openai, say, drain, outbox):
    openai.script(said("We open at nine. On Saturdays we", finish="length"))
    say("When are you open?")

    drain()

    assert outbox() == ["We open at nine."]


def test_logs_hold_ids_and_numbers_but_no_texts(openai, say, drain, caplog):
    caplog.set_level("INFO", logger="frontdesk")
    openai.script({"status": 500, "raw": "CANARY-BODY"}, said("CANARY-ANSWER is open."))
    say("CANARY-QUESTION?")

    drain()

    lines = [json.dumps(record.__dict__, default=str) for record in caplog.records]
    assert {"ai_failed", "ai_replied"} <= {record.message for record in caplog.records}
    assert not [line for line in lines if "CANARY" in line or "sk-test" in line]


def test_tenants_choose_their_own_model_and_key(openai, say, drain, clinic, outbox):
    from assistant import services as assistant

    profile = assistant.set_up_profile(tenant=clinic, provider="openai", model="gpt-5.4-nano", system_prompt="Be kind.")
    profile.api_key = "sk-clinic-key"
    profile.save()
    openai.script(said("Hello!"))
    say("Hello there, are you open?")

    drain()

    asked = openai.asked[0]
    assert asked.headers["authorization"] == "Bearer sk-clinic-key"
    assert asked.body["model"] == "gpt-5.4-nano"
    assert asked.body["messages"][0]["content"].startswith("Be kind.")
    assert Message.objects.filter(direction="out").count() == 1


def test_turns_that_begin_at_once_load_a_client_once(monkeypatch):
    begun, all_there = [], threading.Barrier(6)

    def load(access):
        begun.append(access)
        time.sleep(0.1)  # the others come meanwhile
        return object()

    def ask(_number):
        all_there.wait()
        return llm._model(access)

    monkeypatch.setitem(llm.BUILDERS, "openai", load)
    access = llm.Access(provider="openai", model="of-this-test-alone", key="k", base_url="http://127.0.0.1:9")

    with ThreadPoolExecutor(6) as pool:
        models = set(pool.map(ask, range(6)))

    assert len(begun) == len(models) == 1
