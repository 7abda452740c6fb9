"""Publish task messages directly to Redis, in Celery's format, many in one command.

Reason: Celery's `send_task` costs ten times what the Redis command costs, and the web process publishes once for each
webhook. The format is Celery's task message protocol 2 in the envelope of kombu's virtual transports (docs.celeryq.dev,
"Message Protocol"); a test compares it with what Celery writes.
"""

from __future__ import annotations

import base64
import functools
import json
import os
from collections.abc import Iterable
from typing import Any

import redis
from celery import current_app
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.context import new_id

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0
PING_SECONDS = 1.0


def can_push(url: str) -> bool:
    """Return whether the broker is a plain Redis; for other brokers Celery publishes."""
    return url.startswith(("redis://", "rediss://"))


def push(url: str, messages: Iterable[tuple[str, str, int]]) -> None:
    """Publish (queue, task, row id) messages; raises redis.RedisError or OSError when the broker is away."""
    by_queue: dict[str, list[str]] = {}
    for queue, task, pk in messages:
        by_queue.setdefault(queue, []).append(envelope(queue, task, pk))
    client = _client(os.getpid(), url)
    for queue, envelopes in by_queue.items():
        client.lpush(queue, *envelopes)


def ping(url: str) -> None:
    """Ping the broker at the address that `push` uses; raises redis.RedisError or OSError.

    It uses its own connection and does not retry, so that a health check gets its answer within a second or two.
    """
    client = redis.Redis.from_url(
        url, socket_timeout=PING_SECONDS, socket_connect_timeout=PING_SECONDS, retry=Retry(NoBackoff(), 0)
    )
    try:
        client.ping()
    finally:
        client.close()


def envelope(queue: str, task: str, pk: int) -> str:
    """Return one task message as JSON."""
    headers, properties, rest = _template(task)
    task_id = str(new_id())
    body = json.dumps([[pk], *rest])
    return json.dumps({
        "body": base64.b64encode(body.encode()).decode(),
        "content-encoding": "utf-8",
        "content-type": "application/json",
        "headers": {**headers, "id": task_id, "root_id": task_id, "argsrepr": f"({pk},)"},
        "properties": {
            **properties,
            "correlation_id": task_id,
            "delivery_mode": 2,
            "delivery_info": {"exchange": "", "routing_key": queue},
            "priority": 0,
            "body_encoding": "base64",
            "delivery_tag": str(new_id()),
        },
    })  # fmt: skip


@functools.lru_cache
def _template(task: str) -> tuple[dict[str, Any], dict[str, Any], list[Any]]:
    message = current_app.amqp.as_task_v2("", task, args=(0,), ignore_result=True)
    return message.headers, message.properties, list(message.body[1:])


@functools.lru_cache(maxsize=4)
def _client(process: int, url: str) -> redis.Redis:
    """Return the connection pool of this process; connections must not be shared over a fork."""
    return redis.Redis.from_url(
        url,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_keepalive=True,
        # Retry once, because a connection may have died while it was idle. More retries would only delay learning that
        # the broker is down.
        retry=Retry(NoBackoff(), 1),
    )
