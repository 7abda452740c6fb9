"""The worker class of the web process: only whole requests take a thread."""

import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.desk import until
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
THREADS = 2
LARGE = 600_000
APP = """
def app(environ, start_response):
    body = environ["wsgi.input"].read() if environ["PATH_INFO"] != "/unread" else b""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['PATH_INFO']} {len(body)}".encode()]
"""


@contextmanager
def serving(folder, **constants):
    """A gunicorn of two threads; `constants` of the worker's module are changed."""
    changes = "".join(f"buffering.{name} = {value}\n" for name, value in constants.items())
    (folder / "bare.py").write_text(f"from config import buffering\n{changes}{APP}")
    number = free_port()
    command = [sys.executable, "-m", "gunicorn", "bare:app", "--bind", f"127.0.0.1:{number}", "--threads", str(THREADS)]
    command += ["-k", "config.buffering.BufferingWorker", "--no-control-socket", "--pythonpath", f"{folder},{ROOT}"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: is_open(number))
            yield number
        finally:
            process.terminate()
            assert process.wait(60) == 0


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("bare")) as number:
        yield number


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=60)


def request(path, body=b"", *, head=b"", length=None):
    size = len(body) if length is None else length
    return f"POST {path} HTTP/1.1\r\nHost: a\r\n".encode() + head + f"Content-Length: {size}\r\n\r\n".encode() + body


def answer(link, data=b""):
    link.sendall(data)
    got = b""
    while b"\r\n\r\n" not in got or (b"transfer-encoding: chunked" in got.lower() and not got.endswith(b"0\r\n\r\n")):
        piece = link.recv(65536)
        if not piece:
            break
        got += piece
    return got.decode()


@pytest.fixture
def slow_ones(port):
    """More clients than threads, each of which sends a byte now and then: of its head, or of its body."""
    starts = [b"POST /slow HTTP/1.1\r\nX-Long: ", request("/slow", b"{", length=5000)] * (3 * THREADS)
    links = [connect(port) for _ in starts]
    for link, start in zip(links, starts, strict=True):
        link.sendall(start)
    stop = threading.Event()

    def drip():
        while not stop.wait(0.1):
            for link in links:
                link.send(b"x")

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield links
    stop.set()
    thread.join()
    for link in links:
        link.close()


def test_f12_slow_clients_take_no_thread(port, slow_ones):
    for number in range(20):
        with connect(port) as link:
            assert f"/quick{number} 4" in answer(link, request(f"/quick{number}", b"body"))


def test_a_slow_client_is_answered_when_it_has_come_to_its_end(port):
    whole = request("/slow", b"0123456789")
    with connect(port) as link:
        for place in range(0, len(whole), 7):
            link.sendall(whole[place : place + 7])
        assert "/slow 10" in answer(link)


def test_large_bodies_are_read_by_few_threads_and_hold_up_nobody_else(port):
    head = request("/large", b"x" * 200_000, length=LARGE)
    links = [connect(port) for _ in range(3 * THREADS)]
    for link in links:
        link.sendall(head)
    with connect(port) as link:
        assert "/quick 4" in answer(link, request("/quick", b"body"))
    for link in links:
        assert f"/large {LARGE}" in answer(link, b"x" * (LARGE - 200_000))
        link.close()


def test_a_connection_serves_request_after_request(port):
    with connect(port) as link:
        for number in range(3):
            assert f"/kept{number} 3" in answer(link, request(f"/kept{number}", b"abc"))
        assert f"/large {LARGE}" in answer(link, request("/large", b"x" * LARGE))
        assert "/kept 1" in answer(link, request("/kept", b"a"))


def test_requests_that_come_together_are_answered_in_turn(port):
    with connect(port) as link:
        link.sendall(request("/first", b"a") + request("/unread", b"bb") + request("/third", b"ccc")[:-1])
        got = answer(link)
        while "/unread" not in got:
            got += answer(link)
        assert "/third 3" in answer(link, b"c")
        assert got.index("/first 1") < got.index("/unread 0")


def test_a_body_whose_end_is_not_announced_is_read_to_its_end(port):
    with connect(port) as link:
        link.sendall(b"POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        assert "/chunks 11" in answer(link, b"6\r\n world\r\n0\r\n\r\n")


def test_a_client_that_waits_for_a_word_gets_it(port):
    with connect(port) as link:
        link.sendall(request("/waits", b"", head=b"Expect: 100-continue\r\n", length=5))
        assert "100 Continue" in answer(link)
        assert "/waits 5" in answer(link, b"hello")


@pytest.mark.parametrize(
    "bad", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", request("/bad", b"", head=b"Content-Length: x\r\n")]
)
def test_nonsense_is_refused(port, bad):
    with connect(port) as link:
        assert " 400 " in answer(link, bad)


def test_a_client_that_goes_halfway_harms_nobody(port):
    for _ in range(3 * THREADS):
        link = connect(port)
        link.sendall(request("/gone", b"{", length=50))
        link.close()
    with connect(port) as link:
        assert "/there 1" in answer(link, request("/there", b"a"))


def test_what_does_not_arrive_in_time_is_ended(tmp_path):
    with serving(tmp_path, ARRIVE_SECONDS=0.5, LARGE_SECONDS=0.5) as port:
        with connect(port) as link:
            assert " 408 " in answer(link, request("/slow", b"{", length=50))
        with connect(port) as link:  # the thread that reads sees the end of the body
            assert "/large 200000" in answer(link, request("/large", b"x" * 200_000, length=LARGE))
        with connect(port) as link:
            assert "/there 1" in answer(link, request("/there", b"a"))
