"""The parts of the harness: the proxy hurts as it is told, the report is red when it must be."""

import itertools
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from chaos import held, installation
from chaos.__main__ import minutes_of
from chaos.driver import Outcome
from chaos.faults import FAULTS
from chaos.installation import SCALED, timings, until
from chaos.outside import Outside
from chaos.proxy import FaultProxy
from chaos.report import Report, table
from chaos.scope import LEFT_OUT
from tests.support.ports import free_port
from tests.support.sockets import OK, say, serving
from tests.support.speed import slowness

ROOT = Path(__file__).resolve().parents[2]
ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.fixture
def proxied():
    with serving(say(OK)) as server:
        proxy = FaultProxy(("127.0.0.1", server.port)).start()
        yield proxy
        proxy.stop()


def ask(link):
    link.sendall(ASK)
    return link.recv(1000)


def is_cut(link):
    """Whether the connection ends; an answer may still arrive before it does."""
    try:
        while link.recv(1000):
            pass
    except ConnectionError:
        return True
    return True


def connect(proxy, timeout=60):
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=timeout)


def test_the_proxy_passes_everything_on(proxied):
    with connect(proxied) as link:
        assert ask(link) == OK
        assert ask(link) == OK


def test_a_cut_resets_what_is_there_and_lets_new_ones_pass(proxied):
    with connect(proxied) as link:
        ask(link)
        proxied.cut()
        assert is_cut(link)
    with connect(proxied) as link:
        assert ask(link) == OK
    assert proxied.felt == 1


def test_what_hangs_is_passed_on_when_it_is_over(proxied):
    with connect(proxied) as link:
        ask(link)
        proxied.hang()
        threading.Timer(0.3, proxied.hang, kwargs={"on": False}).start()
        assert ask(link) == OK
    assert proxied.felt >= 1


def test_a_half_open_connection_hears_nothing(proxied):
    with connect(proxied, timeout=0.3) as link:
        ask(link)
        proxied.half_open()
        with pytest.raises(TimeoutError):
            ask(link)


def test_a_connection_is_cut_after_a_word(proxied):
    proxied.cut_after(b"COMMIT", 1)
    with connect(proxied) as link:
        assert ask(link) == OK
        link.sendall(b"GET /COMMIT HTTP/1.1\r\nHost: a\r\n\r\n")
        assert is_cut(link)
    assert proxied.cuts_left == 0


def test_a_fault_that_did_not_bite_is_red_and_so_is_a_broken_promise():
    bitten = Outcome("F1", "copies", bit="100 x 200", recovery=1.0)

    assert Report([bitten], {}, {}, {}).is_green
    assert not Report([Outcome("F1", "copies")], {}, {}, {}).is_green
    assert not Report([bitten], {"a promise": ["it was broken"]}, {}, {}).is_green
    assert "did not bite" in table(Report([Outcome("F1", "copies")], {}, {}, {}))


def test_faults_are_listed_and_what_is_left_out_says_why():
    done = subprocess.run(
        [sys.executable, "-m", "chaos", "--list"], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert {line.split()[0] for line in done.stdout.splitlines()} == set(FAULTS)
    assert all(LEFT_OUT.values())
    assert not set(LEFT_OUT) & set(FAULTS)


def test_a_name_that_is_no_fault_is_refused():
    command = [sys.executable, "-m", "chaos", "--only", "F999"]

    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 2
    assert "unknown: F999" in done.stderr


class Rows:
    """Attempts as the harness reads them."""

    def __init__(self, *rows):
        self.found = rows

    def rows(self, sql):
        return self.found


def world_with(*attempts, interrupted=(), slowness=2.0):
    rows = [
        (message, datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(ended, UTC), reason)
        for message, began, ended, reason in attempts
    ]
    return SimpleNamespace(database=Rows(*rows), interrupted=list(interrupted), slack=3.0, slowness=slowness)


def test_a_held_message_is_explained_by_what_was_done_to_each_of_its_sends():
    late, died = (1, 1000.0, 1004.1, "timed out"), (1, 1100.0, 1113.0, "its worker died")

    assert held.explained(world_with(late)) == {"messaging_message:1"}
    assert held.explained(world_with(died, interrupted=[1102.0])) == {"messaging_message:1"}
    assert held.explained(world_with(late, died, interrupted=[1102.0])) == {"messaging_message:1"}


def test_a_lease_that_a_living_process_outlived_explains_nothing():
    died = (1, 1100.0, 1113.0, "its worker died")

    assert held.explained(world_with(died)) == set()
    assert held.explained(world_with(died, interrupted=[1000.0, 1200.0])) == set()
    assert held.explained(world_with((1, 1000.0, 1004.1, "timed out"), died)) == set()


def test_a_send_that_ended_in_time_is_of_unknown_fate_for_no_good_reason():
    assert held.explained(world_with((1, 1000.0, 1001.0, "HTTP 500"))) == set()


@pytest.mark.once
def test_messages_are_counted_and_look_ups_are_not(sim):
    channel = {
        "provider": "meta", "name": "Main line", "tenant": "clinic", "external_id": "106540352242922",
        "display": "+15550100100", "token": "a-token", "webhook_url": "http://127.0.0.1:9/", "owner": [],
        "credentials": {"access_token": "meta-token", "waba_id": "10229"},
    }  # fmt: skip
    sim.set_config({"product_url": "http://127.0.0.1:9", "channels": [channel]})
    token = {"Authorization": "Bearer meta-token"}
    body = {"messaging_product": "whatsapp", "to": "15550100111", "type": "text", "text": {"body": "#7 is noted"}}
    for _ in range(2):  # the clock reads them every quarter of an hour
        assert sim.http.get("/meta/v25.0/10229/message_templates", headers=token).status_code == 200
    assert sim.http.post("/meta/v25.0/106540352242922/messages", headers=token, json=body).status_code == 200

    outside = Outside(sim)
    outside.look()

    assert [(send.channel, send.numbers) for send in outside.sends] == [("106540352242922", [7])]
    assert len(outside.calls) == 3


def test_times_follow_the_speed_of_the_machine_and_never_shrink():
    assert [slowness(counted) for counted in (0.1, 0.3, 0.6, 6.0)] == [1.0, 1.0, 2.0, 4.0]
    quick, slow = timings(1.0), timings(2.0)

    assert {name: float(slow[name]) / float(quick[name]) for name in SCALED} == dict.fromkeys(SCALED, 2.0)
    assert slow.keys() == quick.keys()
    assert float(slow["SEND_TIMEOUT_SECONDS"]) < float(slow["LEASE_SECONDS"])


def test_a_full_run_is_told_to_last_longer_on_a_slow_machine():
    kinds = list(FAULTS.values())

    assert 7 < minutes_of(kinds, 1.0) < minutes_of(kinds, 2.0) < minutes_of(kinds, 4.0) < 20
    assert minutes_of([kind for kind in kinds if kind.quick], 1.0) < minutes_of(kinds, 1.0) / 2


def test_a_look_that_takes_long_is_taken_seldom():
    looks = []

    def look():
        looks.append(time.monotonic())
        time.sleep(0.1)
        return len(looks) == 3

    until(look, seconds=60, what="three looks")

    assert looks[-1] - looks[0] >= 2 * 0.5


def test_what_does_not_come_is_named():
    with pytest.raises(TimeoutError, match=r"the answer: not within 0\.1 s"):
        until(lambda: False, seconds=0.1, what="the answer")


def test_a_look_that_waits_for_an_answer_is_soon_repeated(monkeypatch):
    slept = []
    monkeypatch.setattr(installation.time, "sleep", slept.append)
    looks = iter([False, True])
    now = itertools.count(0, 5)  # each look takes five seconds
    monkeypatch.setattr(installation.time, "monotonic", lambda: next(now))

    until(lambda: next(looks), seconds=60, what="two looks")

    assert slept == [installation.LONGEST_PAUSE]


def test_a_port_that_was_given_is_given_to_no_other_process():
    port = free_port()
    ask = f"from tests.support import ports; ports._held({port}, {port})"

    told = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=False)

    assert "Address already in use" in told.stderr
    with socket.create_server(("127.0.0.1", port)) as server:
        assert server.getsockname()[1] == port
