"""The fake models and n8n: formats, checks, scripts."""

import json
import re

import pytest

pytestmark = pytest.mark.once
OPENAI, ANTHROPIC = "/openai/v1/chat/completions", "/anthropic/v1/messages"
BEARER = {"Authorization": "Bearer test-key"}
VERSION = BEARER | {"anthropic-version": "2026-10-21"}
HAND_OVER = {"type": "object", "properties": {"reason": {"type": "string"}}, "required": ["reason"]}
N8N = {
    "type": "message.received", "version": 1, "id": "m", "timestamp": "t", "tenant": {}, "conversation": {},
    "history": [], "contact": {"phone": "+15550100111"}, "message": {"id": "w1", "text": "hi"}, "reply": {"url": ""},
}  # fmt: skip


def openai(sim, *messages, tools=(), **more):
    turns = [{"role": role, "content": text} for role, text in messages]
    body = {"model": "gpt-5.4-mini", "max_completion_tokens": 100, "messages": turns} | more
    if tools:
        body["tools"] = [{"type": "function", "function": {"name": t, "parameters": HAND_OVER}} for t in tools]
    return sim.http.post(OPENAI, json=body, headers=BEARER)


def anthropic(sim, *messages, tools=(), **more):
    turns = [{"role": role, "content": content} for role, content in messages]
    body = {"model": "claude-haiku-5-5", "max_tokens": 100, "messages": turns} | more
    if tools:
        body["tools"] = [{"name": name, "input_schema": HAND_OVER} for name in tools]
    return sim.http.post(ANTHROPIC, json=body, headers=VERSION)


def words(response):
    body = response.json()
    return body["choices"][0]["message"]["content"] if "choices" in body else body["content"][0]["text"]


@pytest.mark.parametrize("ask", [openai, anthropic])
def test_it_repeats_the_numbers_since_its_last_turn(sim, ask):
    answer = ask(sim, ("user", "old #1"), ("assistant", "You said: old #1"), ("user", "and #22, #3\n\nnew #22"))

    assert words(answer) == "You said: and #22, #3 new #22"
    long = ask(sim, ("user", "x " * 300 + "#41 #42"))
    assert words(long).endswith("… #41 #42")
    for fill in range(185, 202):  # where the end of what is repeated falls into the number
        said = words(ask(sim, ("user", f"{'x' * fill} #1234: tea and {'y ' * 50}")))
        assert set(re.findall(r"#\d+", said)) == {"#1234"}


@pytest.mark.parametrize("ask", [openai, anthropic])
def test_it_hands_over_when_asked_for_a_person(sim, ask):
    body = ask(sim, ("user", "May I talk to a HUMAN #7?"), tools=["remember", "hand_over"]).json()

    if "choices" in body:
        call = body["choices"][0]["message"]["tool_calls"][0]["function"]
        assert json.loads(call["arguments"]) == {"reason": "The customer asked for a person."}
        assert body["choices"][0]["finish_reason"] == "tool_calls"
    else:
        call = body["content"][0]
        assert body["stop_reason"] == "tool_use"
    assert call["name"] == "hand_over"
    assert "tool_calls" not in ask(sim, ("user", "a person"), tools=["remember"]).text


def test_after_the_tool_it_speaks(sim):
    use = [{"type": "tool_use", "id": "t1", "name": "hand_over", "input": {"reason": "r"}}]
    result = [{"type": "tool_result", "tool_use_id": "t1", "content": "done"}]

    answer = anthropic(sim, ("user", "a person #5"), ("assistant", use), ("user", result), tools=["hand_over"])
    assert words(answer).startswith("Of course.")
    assert words(answer).endswith("#5")


def test_captured_requests_pass(sim, captured):
    for name, case in captured("llm_openai_chat_requests").items():
        response = sim.http.post(OPENAI, json=case["body"], headers=BEARER)
        assert response.status_code == 200, (name, response.text)
    for name, case in captured("llm_anthropic_requests").items():
        headers = case.get("headers") or VERSION
        response = sim.http.post(ANTHROPIC, json=case["body"], headers=headers)
        assert response.status_code == (400 if "rejected" in name else 200), (name, response.text)


def test_answers_have_the_captured_fields(sim, captured):
    theirs = captured("llm_openai_chat_responses")["text"]["body"]
    ours = openai(sim, ("user", "one two three")).json()
    assert ours.keys() <= theirs.keys()
    assert ours["choices"][0].keys() == theirs["choices"][0].keys()
    assert ours["choices"][0]["message"].keys() == theirs["choices"][0]["message"].keys()
    assert ours["usage"]["prompt_tokens"] == 3
    theirs, ours = captured("llm_anthropic_responses")["text"]["body"], anthropic(sim, ("user", "one two three")).json()
    assert ours.keys() == theirs.keys()
    assert ours["usage"].keys() == theirs["usage"].keys()
    assert ours["usage"]["input_tokens"] == 3


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"max_tokens": 5}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"model": ""}, "model"),
        ({"messages": [{"role": "tool", "tool_call_id": "x", "content": "y"}]}, "messages.[0].role"),
        ({"stream": True}, "stream"),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": 5}]}, "messages.1"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
    ],
)
def test_what_openai_refuses(sim, change, param):
    response = openai(sim, ("user", "hi"), **change)

    assert (response.status_code, response.json()["error"]["param"]) == (400, param)


def test_openai_tool_calls_must_be_answered(sim):
    call = {"id": "c1", "type": "function", "function": {"name": "remember", "arguments": "{}"}}
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": None, "tool_calls": [call]}]

    assert openai(sim, messages=messages).status_code == 400
    messages.append({"role": "tool", "tool_call_id": "c1", "content": "ok"})
    assert openai(sim, messages=messages).status_code == 200


USE = ("assistant", [{"type": "tool_use", "id": "t1", "name": "x", "input": {}}])
RESULT = {"type": "tool_result", "tool_use_id": "t1", "content": "ok"}


@pytest.mark.parametrize(
    ("messages", "more"),
    [
        ([("user", "a"), ("user", "b")], {}),
        ([("assistant", "a")], {}),
        ([], {}),
        ([("user", "a"), USE, ("user", "b")], {}),
        ([("user", "a"), USE, ("user", [{"type": "text", "text": "b"}, RESULT])], {}),
        ([("user", "a"), USE, ("user", [RESULT, RESULT])], {}),
        ([("user", "a"), USE], {}),
        ([("user", "")], {}),
        ([("user", "a")], {"temperature": 0.2}),
        ([("user", "a")], {"max_tokens": 0}),
        ([("user", "a")], {"system": 5, "max_tokens": "9"}),
    ],
)
def test_what_anthropic_refuses(sim, messages, more):
    response = anthropic(sim, *messages, **more)

    assert (response.status_code, response.json()["error"]["type"]) == (400, "invalid_request_error")


def test_keys_and_versions(sim):
    assert sim.http.post(OPENAI, json={}).json()["error"]["code"] == "invalid_api_key"
    assert sim.http.post(ANTHROPIC, json={}).json()["error"]["type"] == "authentication_error"
    older = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
    body = {"model": "m", "max_tokens": 9, "temperature": 0.1, "messages": [{"role": "user", "content": "a"}]}
    assert sim.http.post(ANTHROPIC, json=body, headers=older).status_code == 200
    assert sim.http.post(ANTHROPIC, json=body, headers=BEARER).status_code == 400


def test_azure_in_both_forms(sim):
    body = {"messages": [{"role": "user", "content": "hi"}]}
    dated = "/azure/openai/deployments/desk/chat/completions"

    assert (
        words(sim.http.post(f"{dated}?api-version=2024-10-21", json=body, headers={"api-key": "k"})) == "You said: hi"
    )
    assert sim.http.post(dated, json=body, headers={"api-key": "k"}).status_code == 404
    v1 = sim.http.post("/azure/openai/v1/chat/completions", json=body | {"model": "desk"}, headers=BEARER)
    assert words(v1) == "You said: hi"
    assert sim.http.post("/azure/openai/v1/chat/completions", json=body).json()["error"]["code"] == "401"


def test_scripts_are_taken_in_order(sim):
    scripts = [
        "plain", {"empty": True}, {"refusal": "no"}, {"raw": "<html>"},
        {"status": 429, "headers": {"retry-after": "7"}}, {"invalid_arguments": "hand_over"},
        {"tool": "remember", "arguments": {"fact": "x"}},
        {"text": "half a sen", "finish": "length"},
    ]  # fmt: skip
    assert sim.script("openai", *scripts) == 8
    answers = [openai(sim, ("user", "hi"), tools=["hand_over"]) for _ in range(9)]

    assert words(answers[0]) == "plain"
    assert words(answers[1]) == ""
    assert answers[2].json()["choices"][0]["message"]["refusal"] == "no"
    assert answers[3].text == "<html>"
    assert (answers[4].status_code, answers[4].headers["retry-after"]) == (429, "7")
    arguments = answers[5].json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    with pytest.raises(ValueError, match="Unterminated"):
        json.loads(arguments)
    assert answers[6].json()["choices"][0]["message"]["tool_calls"][0]["function"]["name"] == "remember"
    assert answers[7].json()["choices"][0]["finish_reason"] == "length"
    assert words(answers[8]) == "You said: hi"


def test_an_endless_loop_ends_with_reset(sim):
    sim.script("anthropic", {"loop": "hand_over"})

    assert {anthropic(sim, ("user", "hi")).json()["stop_reason"] for _ in range(3)} == {"tool_use"}
    sim.reset()
    assert anthropic(sim, ("user", "hi")).json()["stop_reason"] == "end_turn"


def test_a_wanted_shape_is_kept(sim):
    schema = {"type": "object", "properties": {"score": {"type": "integer"}}, "required": ["score"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "s", "schema": schema}}

    assert json.loads(words(openai(sim, ("user", "hi"), response_format=wanted))) == {"score": 1}


def test_transcription(sim):
    files, url = {"file": ("a.ogg", b"OggS...", "audio/ogg")}, "/openai/v1/audio/transcriptions"
    sim.script("transcription", "Bom dia")

    assert sim.http.post(url, files=files, data={"model": "whisper-1"}, headers=BEARER).json() == {"text": "Bom dia"}
    assert "voice note" in sim.http.post(url, files=files, data={"model": "whisper-1"}, headers=BEARER).text
    assert sim.http.post(url, files=files, headers=BEARER).status_code == 400


def n8n(sim, body=N8N, **headers):
    return sim.http.post("/n8n/webhook/desk", json=body, headers={"X-N8N-API-KEY": "n8n-key"} | headers)


def test_n8n_answers_and_refuses(sim):
    assert n8n(sim).json() == {"reply": "You said: hi"}
    assert n8n(sim, **{"X-N8N-API-KEY": "x"}).status_code == 403
    assert n8n(sim, {"type": "x"}).status_code == 400
    assert sim.http.post("/n8n/webhook-test/desk", json=N8N).status_code == 404
    sim.script("n8n", {"body": [{"output": "x"}]}, {"status": 500, "raw": "<html>"}, {"status": 200})
    assert n8n(sim).json() == [{"output": "x"}]
    assert n8n(sim).status_code == 500
    assert n8n(sim).content == b""


def test_n8n_calls_back(sim, product):
    sim.script("n8n", {"callback": {"reply": "later"}, "repeat": 2})
    answer = n8n(sim, N8N | {"reply": {"url": f"{product.url}/webhooks/n8n/tok"}})

    assert answer.json() == {"message": "Workflow got started"}
    sim.wait(lambda: len(product.hooks) == 2)
    assert product.hooks[0].json == {"message_id": "w1", "reply": "later"}
