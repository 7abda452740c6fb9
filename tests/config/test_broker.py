"""Celery's transport: one client of Redis for all messages, a new one for a new pool of connections."""

import os

import pytest
from kombu import Connection

from common.celery import transport

pytestmark = pytest.mark.redis
URL = os.environ.get("REDIS_URL", "")


@pytest.fixture
def channel():
    if not URL:
        pytest.skip("needs Redis, which the second run has")
    with Connection(URL) as connection:
        yield connection.default_channel


def test_every_message_has_the_same_client(channel):
    assert isinstance(channel, transport.WakeUpChannel)

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


def test_redis_keeps_no_copy_of_a_ring_and_one_of_the_clocks_message(channel):
    """What a dead worker had in hands: the rows of the rings are swept, the clock's message is delivered again."""
    for queue in ("inbound", transport.KEPT):
        channel._new_queue(queue)
        channel.basic_consume(queue, False, lambda message: None, f"consumer-{queue}")
        message = channel.prepare_message("{}", properties={"delivery_info": {"routing_key": queue, "exchange": ""}})
        channel.connection._deliver(message | {"properties": message["properties"] | {"delivery_tag": queue}}, queue)

    with channel.conn_or_acquire() as client:
        assert client.hkeys(channel.unacked_key) == [transport.KEPT.encode()]
        for tag in ("inbound", transport.KEPT):
            channel.basic_ack(tag)
        assert client.hkeys(channel.unacked_key) == []
    assert channel.qos.can_consume()
