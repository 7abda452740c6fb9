"""The parts of the harness: the proxy hurts as it is told, the report is red when it must be."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chaos.driver import Outcome
from chaos.faults import FAULTS
from chaos.proxy import FaultProxy
from chaos.report import Report, table
from chaos.scope import LEFT_OUT
from tests.support.sockets import OK, say, serving

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
