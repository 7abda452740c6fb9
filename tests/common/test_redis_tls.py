"""Redis over TLS, by every spelling that a hosting guide prints: both clients read it, and certificates are checked."""

import socket
import threading
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import redis
from kombu import Connection
from kombu.exceptions import OperationalError

from common.celery import publish
from config.settings.data import _broker_tls, redis_url
from tests.support.servers import start_redis
from tests.support.tls import tls_server

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Redis itself, behind TLS."""
    with start_redis() as redis_server:
        where = urlsplit(redis_server.url)

        def passed_on(link):
            with socket.create_connection((where.hostname, where.port)) as behind:
                back = threading.Thread(target=copy, args=(behind, link), daemon=True)
                back.start()
                copy(link, behind)

        with tls_server(tmp_path_factory.mktemp("tls"), passed_on) as running:
            yield running, f"rediss://:{where.password}@127.0.0.1:{running.port}/0"


def copy(source, target):
    with suppress(OSError):
        while part := source.recv(65536):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def ways_to_connect(url):
    yield lambda: publish.ping(redis_url(url))

    def by_celery():
        with Connection(redis_url(url), ssl=_broker_tls(redis_url(url))) as link:
            link.ensure_connection(max_retries=0, timeout=2)

    yield by_celery


@pytest.mark.parametrize("query", ["ssl_cert_reqs=CERT_NONE", "ssl_cert_reqs=none"])
def test_without_a_check_both_clients_connect(server, query):
    for connect in ways_to_connect(f"{server[1]}?{query}"):
        connect()


@pytest.mark.parametrize("spelling", ["CERT_REQUIRED", "required"])
def test_with_the_authority_named_both_clients_connect(server, spelling):
    query = f"ssl_cert_reqs={spelling}&ssl_ca_certs={server[0].authority}"

    for connect in ways_to_connect(f"{server[1]}?{query}"):
        connect()


@pytest.mark.parametrize("query", ["", "?ssl_cert_reqs=CERT_REQUIRED", "?ssl_cert_reqs=required"])
def test_an_unknown_authority_is_refused_by_both_clients(server, query):
    for connect in ways_to_connect(f"{server[1]}{query}"):
        with pytest.raises((redis.ConnectionError, OperationalError)) as refused:
            connect()
        assert "certificate verify failed" in str(refused.value)
