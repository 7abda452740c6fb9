"""The process, the failure modes, the records and the clear words of the control API."""

import os
import socket
import subprocess
import sys
import time

import httpx2
import pytest

from tests.simulator.process import ROOT, start, stop
from tests.support.ports import free_port

pytestmark = pytest.mark.once
META = "106540352242922"
SEND = f"/meta/v21.0/{META}/messages"
TOKEN = {"Authorization": "Bearer meta-token"}
TEXT = {"messaging_product": "whatsapp", "to": "15550100111", "type": "text", "text": {"body": "Hello"}}


def send(sim, **more):
    return sim.http.post(SEND, json=TEXT | more, headers=TOKEN)


def test_it_refuses_production():
    command = [sys.executable, "-m", "simulator"]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"APP_ENV": "production"}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 78
    assert "APP_ENV is production" in done.stderr


def test_it_stops_quickly_even_while_holding_a_call(tmp_path):
    port = free_port()
    process = start(port, tmp_path / "none.json")
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            problem = httpx2.get(f"{url}/simulator/api/channels", trust_env=False).json()["problem"]
            break
        except httpx2.TransportError:
            time.sleep(0.05)
    assert "does not exist yet" in problem
    httpx2.post(f"{url}/simulator/api/fail", json={"service": "meta", "mode": "slow", "seconds": 60}, trust_env=False)
    held = socket.create_connection(("127.0.0.1", port))
    held.sendall(b"POST /meta/v21.0/1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    time.sleep(0.2)

    assert stop(process) == 0  # which is not what a killed one returns
    held.close()


def test_a_status_with_the_services_own_body(sim):
    sim.fail("meta", "status", status=429, times=2, headers={"Retry-After": "3"})
    answers = [send(sim) for _ in range(3)]

    assert [a.status_code for a in answers] == [429, 429, 200]
    assert answers[0].json()["error"]["code"] == 130429
    assert answers[0].headers["Retry-After"] == "3"
    assert [r["accepted"] for r in sim.record("meta")] == [False, False, True]
    assert sim.get("fail")["rules"][0]["used"] == 2


def test_a_status_with_a_given_body(sim):
    sim.fail("*", "status", status=400, body={"error": {"code": 131047}}, times=-1)

    assert {send(sim).json()["error"]["code"] for _ in range(3)} == {131047}


@pytest.mark.parametrize("match", [{"to": "+15550100112"}, {"contains": "Goodbye"}, {"path": "/media"}])
def test_rules_strike_only_what_they_match(sim, match):
    sim.fail("meta", "status", status=500, match=match)
    assert send(sim).status_code == 200

    struck = {"to": "15550100112", "text": {"body": "Goodbye"}}
    path = SEND.replace("messages", "media") if "path" in match else SEND
    assert sim.http.post(path, json=TEXT | struck, headers=TOKEN).status_code == 500


def test_accepted_but_the_answer_comes_too_late(sim, product):
    sim.statuses("all")
    sim.fail("meta", "timeout_after_accept", seconds=3)
    with pytest.raises(httpx2.ReadTimeout):
        sim.http.post(SEND, json=TEXT, headers=TOKEN, timeout=1.0)

    assert [r["text"] for r in sim.sends("meta")] == ["Hello"]
    sim.wait(lambda: len(product.hooks) == 3)


def test_accepted_and_then_reported_as_failed(sim, product):
    sim.statuses("all")
    sim.fail("meta", "fails_later", error="131026")

    assert send(sim).status_code == 200
    sim.wait(lambda: product.hooks)
    assert send(sim).status_code == 200
    sim.wait(lambda: len(product.hooks) == 4)
    told = [hook.json["entry"][0]["changes"][0]["value"]["statuses"][0] for hook in product.hooks]
    assert [status["status"] for status in told] == ["failed", "sent", "delivered", "read"]
    assert told[0]["errors"][0]["code"] == 131026


@pytest.mark.parametrize(("mode", "accept"), [("reset", False), ("reset", True), ("refuse", False)])
def test_a_broken_connection(sim, mode, accept):
    sim.fail("meta", mode, accept=accept)
    with pytest.raises((httpx2.ReadError, httpx2.WriteError, httpx2.RemoteProtocolError)):
        send(sim)

    assert len(sim.sends("meta")) == int(accept)
    assert send(sim).status_code == 200


def test_garbage_and_slowness(sim):
    sim.fail("meta", "garbage")
    sim.fail("meta", "slow", seconds=0.3)
    nonsense = send(sim)
    begun = time.monotonic()

    assert (nonsense.status_code, nonsense.headers["Content-Type"]) == (200, "text/html")
    assert send(sim).status_code == 200
    assert time.monotonic() - begun >= 0.3


def test_webhooks_are_repeated_on_trouble(sim, product):
    sim.repeats(3, 0.02)
    product.answers[:] = [503, 503]
    answer = sim.say(META, "hi")

    assert (answer["status"], answer["body"]) == (503, "no")
    sim.wait(lambda: len(product.hooks) == 3)
    assert len({hook.raw for hook in product.hooks}) == 1
    sim.wait(lambda: sim.conversation(META)[0]["tick"] == "delivered")
    assert not sim.conversation(META)[0]["error"]
    assert [r["status"] for r in sim.record("meta", direction="out")] == [503, 503, 200]


def test_a_refused_webhook_shows_in_the_chat_and_is_not_repeated(sim, product):
    sim.repeats(3, 0.02)
    product.answers[:] = [401]
    sim.say(META, "hi")

    time.sleep(0.1)
    assert len(product.hooks) == 1
    assert sim.conversation(META)[0]["error"] == "The desk answered 401: no"


def test_the_chat_is_asked_by_cursor(sim):
    sim.say(META, "one")
    where = {"channel": META, "person": "+15550100111"}
    first = sim.get("conversation", **where)
    assert sim.get("conversation", **where, since=first["cursor"]) is None
    sim.say(META, "two")

    later = sim.get("conversation", **where, since=first["cursor"])
    assert [m["text"] for m in later["messages"]] == ["two"]
    sim.reset()
    assert sim.get("conversation", **where, since=later["cursor"])["forgotten"] is True


def test_the_config_is_read_again(sim, product):
    config = product.config()
    try:
        sim.set_config({"product_url": product.url, "channels": config["channels"][:1]})
        assert len(sim.get("channels")["channels"]) == 1
        sim.config_path.write_text("{ not json")
        assert "cannot be read" in sim.get("channels")["problem"]
    finally:
        sim.set_config(config)
    assert len(sim.get("channels")["channels"]) == 6
    assert "secret" not in str(sim.get("channels"))


@pytest.mark.parametrize(
    ("verb", "data", "words"),
    [
        ("say", {"channel": "nope"}, "No channel 'nope'. Known: 106540352242922"),
        ("say", {"channel": META}, "person is missing"),
        ("fail", {"service": "meta", "mode": "x"}, "mode must be one of"),
        ("script", {"provider": "x"}, "provider must be one of"),
        ("statuses", {"mode": "x"}, "mode must be one of"),
        ("status", {"message_id": "x"}, "No message 'x'"),
        ("raw", {"channel": META}, "raw needs a body"),
        ("connection", {"channel": META}, "only an Evolution instance"),
    ],
)
def test_wrong_orders_get_a_sentence(sim, verb, data, words):
    with pytest.raises(ValueError, match=words):
        sim.post(verb, **data)


def test_what_nobody_plays(sim):
    assert "plays no service called stripe" in sim.http.get("/stripe/v1").json()["error"]
    assert sim.http.get("/", follow_redirects=False).headers["Location"] == "/simulator/"


def test_a_shape_nobody_thought_of_is_refused(sim):
    template = {"name": "x", "language": {"code": "en"}, "components": ["oops"]}

    assert send(sim, type="template", template=template).json()["error"]["code"] == 100
    assert sim.sends("meta") == []
