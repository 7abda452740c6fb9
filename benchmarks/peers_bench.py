"""The product beside what one could take instead: pywa with FastAPI and asyncpg, and Celery with nothing to do."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import load, peers_environment
from benchmarks.installation import Installation, installation, until
from benchmarks.report import Figure, Options, best_of, percentile, say
from benchmarks.webhook import CLIENTS
from tests.support.ports import free_port

NAME = "peers"
EMPTY = {"object": "whatsapp_business_account", "entry": []}
UNDONE = "SELECT count(*) FROM messaging_webhookevent WHERE state IN ('queued', 'working')"
_numbers = itertools.count(1)


def measure(options: Options) -> Iterator[Figure]:
    """Inbound by the same load client with the same signed bodies; then the queue alone."""
    with installation(servers=True, with_simulator=False) as desk:
        interpreter = peers_environment.python()
        if interpreter is not None:
            yield from _inbound(desk, interpreter, options)
        yield from _queue(desk, options)


def _inbound(desk: Installation, interpreter: Path, options: Options) -> Iterator[Figure]:
    port, seconds = free_port(), 2.0 if options.quick else 5.0
    desk.start("web")
    desk.run(
        "pywa",
        [
            *(str(interpreter), "-m", "uvicorn", "benchmarks.peers.pywa_app:app"),
            *("--port", str(port), "--workers", "2", "--log-level", "error"),
        ],
        PEER_HOST=desk.environment["DATABASE_URL"].partition("host=")[2],
        PEER_PHONE_ID=desk.channel["external_id"],
        PEER_APP_SECRET=desk.channel["credentials"]["app_secret"],
    )
    desk.wait_until_ready(workers=False)
    theirs = {"product": (desk.port, _ours), "pywa": (port, _pywa)}
    until(lambda: _closed(desk, port, _pywa, 0.2) is not None)
    for name, (where, make) in theirs.items():
        if _closed(desk, where, make, 1.0) is None:
            raise RuntimeError(f"{name} does not take the messages")
    runs: dict[str, list[load.Result]] = {name: [] for name in theirs}
    for number in range(options.rounds):
        say(f"peers: round {number + 1} of {options.rounds}")
        for name, (where, make) in theirs.items():
            result = _closed(desk, where, make, seconds)
            if result is None:
                raise RuntimeError(f"{name} refused messages")
            runs[name].append(result)
    _all_stored(desk, sum(len(result.latencies) for result in runs["pywa"]))
    desk.stop("pywa")
    desk.stop("web")
    yield from _figures(runs)


def _all_stored(desk: Installation, answered: int) -> None:
    """The peer answers first: only with what it stored in the end is it a peer at all."""
    import psycopg

    query = "SELECT count(*) FROM messaging_webhookevent WHERE provider = 'pywa'"
    with psycopg.connect(desk.environment["DATABASE_URL"], autocommit=True) as link:
        until(lambda: (link.execute(query).fetchone() or (0,))[0] >= answered, seconds=15)


def _figures(runs: dict[str, list[load.Result]]) -> Iterator[Figure]:
    notes = {
        "product": "answered after COMMIT, with the middleware of the product",
        "pywa": "pywa 4.5, FastAPI, asyncpg, two uvicorn workers; ANSWERS BEFORE IT STORES: what is under way is lost"
        " with the process",
    }
    for name, results in runs.items():
        best = max(results, key=lambda result: result.per_second)
        p50, p99 = (percentile(best.latencies, percent) for percent in (50, 99))
        yield Figure(
            bench=NAME,
            name=f"inbound, {name}, {CLIENTS} clients",
            unit="requests/s",
            note=f"p50 {p50:.1f}, p99 {p99:.1f} ms; {notes[name]}",
            **best_of([result.per_second for result in results]),
        )
    ours, theirs = (max(result.per_second for result in runs[name]) for name in ("product", "pywa"))
    yield Figure(bench=NAME, name="inbound, product / pywa", value=round(100 * ours / theirs, 1), unit="%")


def _ours(desk: Installation, number: int) -> str:
    person = f"1555{number % 5000:07d}"
    # pywa cannot read a body without the person's user id.
    return desk.message(
        person=person, message_id=f"PEER{number:016d}", text="Are you open?", user_id=f"US.{number % 5000:013d}"
    )


def _pywa(desk: Installation, number: int) -> str:
    path = f"/webhooks/meta/{desk.channel['token']}"
    return _ours(desk, number).replace(f"POST {path} ", "POST /webhook ", 1)


def _closed(
    desk: Installation, port: int, make: Callable[[Installation, int], str], seconds: float
) -> load.Result | None:
    requests = [make(desk, next(_numbers)) for _ in range(int(seconds * 4000))]
    try:
        result = load.run(load.Plan(port=port, requests=requests, connections=CLIENTS, seconds=seconds))
    except RuntimeError:  # nobody listens yet
        return None
    return None if result.failures else result


def _queue(desk: Installation, options: Options) -> Iterator[Figure]:
    amount = options.amount(1500 if options.quick else 4000)
    say("peers: Celery with nothing to do")
    bare = [_celery(desk, amount) for _ in range(1 if options.quick else 2)]
    yield Figure(
        bench=NAME,
        name="queue, Celery with a task that does nothing",
        unit="tasks/s",
        note="one worker, 8 threads, Redis, acks_late, prefetch 1: as the product's",
        **best_of(bare),
    )
    say("peers: our rows with nothing in them")
    ours = [_rows(desk, amount // 4) for _ in range(1 if options.quick else 2)]
    yield Figure(
        bench=NAME,
        name="queue, our rows with nothing in them",
        unit="rows/s",
        note="empty webhook bodies, found by the relay, published, claimed and settled (two commits each)",
        **best_of(ours),
    )


def _celery(desk: Installation, amount: int) -> float:
    import redis
    from celery import Celery

    url = desk.environment["REDIS_URL"]
    app = Celery("bench", broker=url)
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(amount):
            app.send_task("bare.nothing", args=(number,), queue="bare", ignore_result=True, producer=producer)
    link = redis.Redis.from_url(url)
    desk.start("celery")
    # From the first task taken, so that the start of the worker is not counted.
    until(lambda: int(link.llen("bare")) < amount, every=0.01)
    started, first = time.perf_counter(), int(link.llen("bare"))
    until(lambda: not link.llen("bare") and not link.hlen("unacked"), every=0.01)
    took = time.perf_counter() - started
    desk.stop("celery")
    app.close()
    return first / took


def _rows(desk: Installation, amount: int) -> float:
    import psycopg
    import redis

    body = json.dumps(EMPTY).encode()
    with psycopg.connect(desk.environment["DATABASE_URL"], autocommit=True) as link:
        # What the other figures left, in the table and in the queue, is not to be worked here.
        link.execute("DELETE FROM messaging_webhookevent")
        redis.Redis.from_url(desk.environment["REDIS_URL"]).flushdb()
        link.execute(
            "INSERT INTO messaging_webhookevent (state, attempts, crashes, last_error, request_id, traceparent,"
            " provider, body, received_at)"
            " SELECT 'queued', 0, 0, '', '', '', 'meta', %s, now() FROM generate_series(1, %s)",
            [body, amount],
        )

        def left() -> int:
            row = link.execute(
                "SELECT count(*) FROM messaging_webhookevent WHERE state IN ('queued', 'working')"
            ).fetchone()
            return int(row[0]) if row else 0

        desk.start("worker")
        until(lambda: left() < amount, every=0.01)
        started, first = time.perf_counter(), left()
        until(lambda: not left(), every=0.05, seconds=90)
        took = time.perf_counter() - started
    desk.stop("worker")
    return first / took
