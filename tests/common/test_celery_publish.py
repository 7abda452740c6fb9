"""What we put into Redis for Celery's workers is what Celery would put there."""

import base64
import json
import os

import pytest
import redis
from celery import Celery

from common.celery import publish
from common.work import queue

pytestmark = pytest.mark.redis
URL = os.environ.get("REDIS_URL", "")
QUEUE = "wire-test"
OWN = {"id", "root_id", "origin", "correlation_id", "delivery_tag", "reply_to"}  # other for each message or sender
# What Sentry adds to Celery's own where it is switched on, for its traces.
TRACES = {"sentry-task-enqueued-time", "sentry-trace", "baggage", "headers"}


@pytest.fixture
def broker():
    if not URL:
        pytest.skip("needs Redis, which the second run has")
    client = redis.Redis.from_url(URL)
    client.delete(QUEUE)
    yield client
    client.delete(QUEUE)


def told(client):
    page = json.loads(client.lpop(QUEUE))
    page["body"] = json.loads(base64.b64decode(page["body"]))
    for part in ("headers", "properties"):
        page[part] = {name: value for name, value in page[part].items() if name not in OWN | TRACES}
    return page


def test_a_message_is_the_same_as_celerys_own(broker):
    app = Celery("other", broker=URL, set_as_current=False)
    app.send_task("messaging.deliver", args=(7,), queue=QUEUE, retry=False, ignore_result=True)
    expected = told(broker)

    publish.push(URL, [(QUEUE, "messaging.deliver", 7)])

    assert told(broker) == expected


def test_many_rings_keep_their_order(broker):
    publish.push(URL, [(QUEUE, "messaging.deliver", pk) for pk in (1, 2, 3)])

    # A worker takes from the right.
    taken = [json.loads(broker.rpop(QUEUE))["headers"]["argsrepr"] for _ in range(3)]
    assert taken == ["(1,)", "(2,)", "(3,)"]


def test_a_broker_that_is_away_is_said_and_left_alone_for_a_while(settings):
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    bell = queue.WakeUps()

    assert not bell.publish(("messaging.deliver", 1))
    assert not bell.has_broker


def test_other_brokers_are_left_to_celery():
    assert [url for url in ("redis://h", "rediss://h", "sentinel://h", "amqp://h") if publish.can_push(url)] == [
        "redis://h",
        "rediss://h",
    ]
