"""Models and workflows that answer too much, too deep, too slowly or compressed: one right sentence, and no harm."""

import gzip
import json
import time

import pytest

from assistant.models import Turn
from assistant.providers.capped import MAX_BYTES
from assistant.services import answering
from tests.support.fake_llm import said
from tests.support.sockets import serving

pytestmark = pytest.mark.once  # what is read of an answer is the same on each database

CANNOT = "Sorry, I cannot answer right now. Please write again in a few minutes."
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
GOOD = json.dumps(said("We are open.")["body"]).encode()


def whole(body, *headers):
    return HEAD + b"".join(headers) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def announced(link, _request):
    """64 MB, as its head says; what the reader does not take is not sent."""
    link.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % (64 * 1024 * 1024))
    return pour(link, b" " * 65_536, 1024)


def endless(link, _request):
    """Pieces without end, and no length said before."""
    link.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    return pour(link, b"10000\r\n" + b" " * 65_536 + b"\r\n", 100_000)


def pour(link, piece, times):
    for _ in range(times):
        link.sendall(piece)  # raises OSError when the reader has gone
    return False


def drip(link, _request):
    """A byte now and then: each read has something, and the answer never ends."""
    link.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    for _ in range(200):
        link.sendall(b" ")
        time.sleep(0.05)
    return False


def say_once(data):
    """Say this, or what this function makes once it is asked: what is large is not made while tests are collected."""

    def answer(link, _request):
        link.sendall(data() if callable(data) else data)
        return False

    return answer


BODIES = {
    "announced": announced,
    "endless": endless,
    "drip": drip,
    "deep": say_once(whole(b"[" * 200_000)),
    "deep and right": say_once(whole(GOOD[:-1] + b', "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")),
    "many parts": say_once(whole(b"[" + b"0," * 1_500_000 + b"0]")),
    "compressed": say_once(lambda: whole(gzip.compress(b" " * 200_000_000), b"Content-Encoding: gzip\r\n")),
    "compressed and right": say_once(whole(gzip.compress(GOOD), b"Content-Encoding: gzip\r\n")),
    "no end": say_once(HEAD + b"Content-Length: 1000\r\n\r\n{"),
    "long head": say_once(HEAD + b"X-A: " + b"a" * 2_000_000 + b"\r\n\r\n{}"),
    "many heads": say_once(HEAD + b"X-A: a\r\n" * 100_000 + b"\r\n{}"),
    "no http": say_once(b"\x00" * 100_000),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_customer_gets_the_fallback_and_the_process_its_peace(
    openai, settings, monkeypatch, say, drain, outbox, name
):
    settings.LLM_TIMEOUT = 1
    monkeypatch.setattr(answering, "TURN_SECONDS", 4.0)
    with serving(BODIES[name]) as server:
        settings.OPENAI_BASE_URL = f"http://127.0.0.1:{server.port}/v1"
        say("Are you open?")
        drain()

    assert outbox() == [CANNOT]
    assert Turn.objects.get().outcome == "fallback"
    assert 1 <= len(server.links) <= 3


def test_an_answer_just_below_the_cap_is_read(openai, say, drain, outbox):
    body = said("We are open.")["body"] | {"padding": "x" * (MAX_BYTES - 100_000)}
    openai.script({"body": body})
    say("Are you open?")

    drain()

    assert outbox() == ["We are open."]
    assert openai.asked[0].headers["accept-encoding"] == "identity"


def test_an_answer_just_above_the_cap_is_none_however_right_it_is(openai, say, drain, outbox):
    openai.default = lambda asked: {"body": said("We are open.")["body"] | {"padding": "x" * MAX_BYTES}}
    say("Are you open?")

    drain()

    assert outbox() == [CANNOT]


@pytest.mark.parametrize(
    "arguments", ["[" * 100_000, '{"fact": ' + "[" * 100_000 + "]" * 100_000 + "}", '{"fact": "' + "x" * 500_000 + '"}']
)
def test_deep_or_long_arguments_of_a_tool_are_said_to_the_model(openai, say, drain, outbox, arguments):
    from tests.support.fake_llm import calls

    openai.script(calls("remember", arguments), said("Done."))
    say("Remember this")

    drain()

    assert outbox() == ["Done."]


@pytest.mark.parametrize("name", BODIES)
def test_a_workflow_that_answers_so_is_no_better(workflow, settings, say, drain, outbox, name):
    with serving(BODIES[name]) as server:
        settings.N8N_WEBHOOK_URL = f"http://127.0.0.1:{server.port}/webhook/desk"
        say("Are you open?")
        drain()

    assert server.links
    assert all("We are open Monday" in text or text == CANNOT or "person" in text for text in outbox())
