"""The HTTP client against real servers that misbehave."""

import gzip
import json
import os
import socket
import struct
import threading
import time

import pytest

from common.http.client import Client, MaybeSent, NotSent, ResponseTooLarge, foreign_client, operator_client
from tests.support.sockets import OK, redirect, say, serving, url


def test_a_request_arrives_whole_and_the_answer_has_lower_case_headers(http_client):
    with serving(say(OK)) as server:
        answer = http_client.request("POST", url(server, "/a?b=c"), headers={"X-Key": "k"}, json={"text": "olá"})

    assert (answer.status, answer.content, answer.headers["x-reply"]) == (200, b"ok", "Yes")
    head, _, body = server.seen[0].partition("\r\n\r\n")
    assert head.startswith("POST /a?b=c HTTP/1.1\r\n")
    assert json.loads(body.encode("latin-1")) == {"text": "olá"}


def test_a_form_repeats_a_name_that_has_several_values(http_client):
    with serving(say(OK)) as server:
        http_client.request("POST", url(server), form={"To": "+1 5", "MediaUrl": ["a", "b"]})

    assert server.seen[0].endswith("\r\n\r\nTo=%2B1+5&MediaUrl=a&MediaUrl=b")
    assert "content-type: application/x-www-form-urlencoded" in server.seen[0].lower()


def test_connections_are_kept_and_cookies_are_not(http_client):
    with serving(say(OK.replace(b"X-Reply: Yes", b"Set-Cookie: session=1"))) as server:
        for _ in range(3):
            http_client.request("GET", url(server))

    assert len(server.links) == 1
    assert "cookie" not in "".join(server.seen).lower()


def test_threads_share_one_client(http_client):
    answers = []
    with serving(say(OK)) as server:
        threads = [
            threading.Thread(target=lambda: answers.append(http_client.request("GET", url(server)).status))
            for _ in range(20)
        ]
        [thread.start() for thread in threads]
        [thread.join(60) for thread in threads]

    assert answers == [200] * 20


def test_a_body_that_drips_ends_at_the_deadline(http_client):
    sent = []

    def drip(link, _request):
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for number in range(100):
            link.sendall(b"x")
            sent.append(number)
            time.sleep(0.1)

    with serving(drip) as server:
        with pytest.raises(MaybeSent):
            http_client.request("POST", url(server), json={}, timeout=2)
        # Each byte came in time for a read; the whole was given up long before its end.
        assert 1 < len(sent) < 100


def test_headers_that_drip_end_at_the_deadline(http_client):
    head, sent = b"HTTP/1.1 200 OK\r\n" + b"X-Slow: 1\r\n" * 50, []

    def drip(link, _request):
        for byte in head:
            link.sendall(bytes([byte]))
            sent.append(byte)
            time.sleep(0.05)

    with serving(drip) as server:
        with pytest.raises(MaybeSent):
            http_client.request("POST", url(server), json={}, timeout=2)
        assert 1 < len(sent) < len(head)


def test_a_peer_that_never_reads_ends_at_the_deadline(http_client):
    with serving(say(OK)) as server, socket.create_server(("127.0.0.1", 0)) as deaf:
        server.port = deaf.getsockname()[1]
        with pytest.raises(MaybeSent):  # without a deadline this would never end
            http_client.request("POST", url(server), content=b"x" * 50_000_000, timeout=0.5)


def reset(link, _request):
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


@pytest.mark.parametrize(
    "answer",
    [
        reset,
        lambda link, request: False,
        say(b"<html>not http</html>\r\n\r\n"),
        say(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"),
    ],
    ids=["reset", "closed", "not http", "not gzip"],
)
def test_no_readable_answer_after_the_request_went_out_is_uncertain(http_client, answer):
    with serving(answer) as server, pytest.raises(MaybeSent):
        http_client.request("POST", url(server), json={})


def test_a_refused_connection_is_surely_not_sent(http_client):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(NotSent):
        http_client.request("POST", f"http://127.0.0.1:{port}/", json={})


def test_an_unknown_name_and_a_slow_one_are_surely_not_sent():
    def fail(host, port):
        raise socket.gaierror("unknown")

    with pytest.raises(NotSent):
        Client(True, resolver=fail).request("GET", "http://nowhere.example/")
    answer = threading.Event()
    with pytest.raises(NotSent):  # while the name server still thinks
        Client(True, resolver=lambda host, port: answer.wait(30) and []).request(
            "GET", "http://slow.example/", timeout=0.3
        )
    assert not answer.is_set()
    answer.set()


@pytest.mark.parametrize("announce", [True, False])
def test_a_huge_body_is_cut_off(http_client, announce):
    def flood(link, _request):
        link.sendall(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 900000000\r\n" if announce else b"") + b"\r\n")
        while True:
            link.sendall(b"x" * 65536)

    with serving(flood) as server, pytest.raises(ResponseTooLarge):
        http_client.request("GET", url(server), max_bytes=1_000_000)


def test_a_body_as_large_as_allowed_is_taken(http_client):
    with serving(say(OK)) as server:
        assert http_client.request("GET", url(server), max_bytes=2).content == b"ok"


def test_a_gzip_bomb_is_cut_off_after_decompression(http_client):
    bomb = gzip.compress(b"\0" * 200_000_000, compresslevel=1)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
    with serving(say(answer)) as server, pytest.raises(ResponseTooLarge):
        http_client.request("GET", url(server), max_bytes=5_000_000)


def test_a_small_gzip_body_is_read(http_client):
    body = gzip.compress(b'{"a": 1}')
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with serving(say(answer)) as server:
        assert http_client.request("GET", url(server)).json() == {"a": 1}


def test_redirects_are_not_followed_unless_asked(http_client):
    with serving(say(redirect("/next"))) as server:
        assert http_client.request("GET", url(server)).status == 302
        assert http_client.request("POST", url(server), json={}, follow=3).status == 302

    assert len(server.seen) == 2


def test_at_most_three_redirects_are_followed(http_client):
    def count(link, request):
        step = int(request.split(b" ")[1].strip(b"/") or 0)
        link.sendall(redirect(f"/{step + 1}") if step < limit else OK)

    limit = 3
    with serving(count) as server:
        assert http_client.request("GET", url(server), follow=3).content == b"ok"
        limit = 4
        with pytest.raises(MaybeSent):
            http_client.request("GET", url(server), follow=9)

    assert len(server.seen) == 8


def test_credentials_stay_with_their_host(http_client):
    keys = {"Authorization": "Bearer a", "D360-API-KEY": "b", "apikey": "c", "Cookie": "d=e", "X-Other": "f"}
    with serving(say(OK)) as other, serving(say(redirect(url(other, "/file")))) as server:
        http_client.request("GET", url(server), headers=keys, follow=1)
    assert "Bearer a" in server.seen[0]
    assert not any(
        name in other.seen[0].lower()
        for name in ("authorization", "d360", "apikey", "cookie", "x-other", str(server.port))
    )

    with serving(lambda link, request: link.sendall(redirect("/b") if b"/a " in request else OK)) as same:
        http_client.request("GET", url(same, "/a"), headers=keys, follow=1)
    assert "Bearer a" in same.seen[1]


def test_a_header_cannot_be_split(http_client):
    with serving(say(OK)) as server, pytest.raises(NotSent):
        http_client.request("GET", url(server), headers={"X-Key": "a\r\nX-Evil: b"})


def test_the_environments_proxy_is_not_used(http_client, monkeypatch):
    with serving(say(OK)) as proxy, serving(say(OK)) as server:
        monkeypatch.setenv("HTTP_PROXY", url(proxy))
        monkeypatch.setenv("ALL_PROXY", url(proxy))
        Client(allow_private=True).request("GET", url(server))

    assert (len(proxy.seen), len(server.seen)) == (0, 1)


def test_nothing_is_logged(http_client, caplog):
    caplog.set_level("DEBUG")
    with serving(say(OK)) as server:
        http_client.request("GET", url(server, "/x?token=secret"), headers={"apikey": "secret"})

    assert "secret" not in caplog.text


def test_one_client_per_process_and_policy(monkeypatch):
    assert operator_client() is operator_client()
    assert foreign_client(["a.example"]) is foreign_client(("a.example",))
    assert foreign_client([]) is not operator_client()
    before = operator_client()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert operator_client() is not before
