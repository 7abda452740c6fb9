"""Celery's transport: one client of Redis for all messages, a new one for a new pool of connections."""

import os

import pytest
from kombu import Connection

from config import broker

URL = os.environ.get("REDIS_URL", "")


@pytest.fixture
def channel():
    if not URL:
        pytest.skip("needs Redis, which the second run has")
    with Connection(URL) as connection:
        yield connection.default_channel


def test_every_message_has_the_same_client(channel):
    assert isinstance(channel, broker.Channel)

    with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
        assert first is second
        assert first.ping()


def test_after_the_connections_were_given_up_there_is_another(channel):
    with channel.conn_or_acquire() as first:
        pass

    channel._disconnect_pools()

    with channel.conn_or_acquire() as second:
        assert second is not first
        assert second.ping()


def test_what_waits_for_messages_has_a_client_of_its_own(channel):
    with channel.conn_or_acquire() as shared:
        assert channel.subclient is not shared
