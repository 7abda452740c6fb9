"""The real processes: they start, answer, stop, and lose nothing when they are killed."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from tests.support.desk import desk, until
from tests.support.migrated import postgres_data
from tests.support.servers import ServerError, start_postgres, start_redis

pytestmark = [pytest.mark.slow]
on_sqlite = pytest.mark.once  # their desk is on SQLite in either run
ANSWERED = "SELECT COUNT(*) FROM messaging_message WHERE direction = 'out'"
TURNS = "SELECT COUNT(*) FROM assistant_turn WHERE state = 'done'"


@pytest.fixture
def alone(tmp_path):
    with desk(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def servers():
    try:
        with start_postgres(data=postgres_data()) as database, start_redis() as broker:
            yield database, broker
    except ServerError as error:
        pytest.skip(str(error))


def all_json(lines):
    assert [line for line in lines if not line.startswith("{")] == []
    return [json.loads(line) for line in lines]


@on_sqlite
def test_the_embedded_desk_starts_answers_and_stops_twice(alone, payload):
    for run, number in enumerate([signal.SIGTERM, signal.SIGINT]):
        process = alone.start("up")
        until(lambda: alone.get("/health/live")[0] == 200)
        assert alone.post_message(payload("evolution/upsert_text.json"), f"MESSAGE{run}") == 200
        until(lambda run=run: alone.rows(TURNS)[0][0] > run)

        assert alone.stop("up", number) == 0
        assert alone.left_over(process) == []
    actions = [line["action"] for line in all_json(alone.log("up"))]
    assert actions.count("up") == actions.count("down") == 2
    assert actions.count("webhook_received") == 2
    assert "Traceback" not in "".join(alone.log("up"))


@on_sqlite
def test_the_embedded_clock_ticks_and_its_log_is_quiet(alone):
    alone.start("up")
    until(lambda: alone.rows("SELECT COUNT(*) FROM common_heartbeat WHERE role = 'beat'")[0][0])

    assert alone.health()["checks"]["beat"]["status"] == "ok"
    assert alone.health()["checks"]["workers"]["status"] == "ok"
    assert len(alone.log("up")) < 10
    findings = json.loads(alone.manage("doctor", "--json", "--no-network"))
    assert findings["ok"] is True


@on_sqlite
def test_a_killed_embedded_desk_loses_nothing(alone, payload):
    alone.start("up")
    until(lambda: alone.get("/health/live")[0] == 200)
    for number in range(5):
        assert alone.post_message(payload("evolution/upsert_text.json"), f"MESSAGE{number}") == 200
    alone.kill("up")

    alone.start("up")

    waiting = "SELECT COUNT(*) FROM messaging_message WHERE direction = 'in' AND state = 'done'"
    until(lambda: alone.rows(waiting)[0][0] == 5)
    assert alone.rows("SELECT COUNT(*) FROM assistant_turn")[0][0] >= 1


@on_sqlite
def test_a_web_process_tells_that_no_worker_lives(alone):
    alone.start("web")
    until(lambda: alone.get("/health/live")[0] == 200)
    alone.manage(
        "shell", "-c",
        "from datetime import *; from django.utils import timezone; from common.models import Heartbeat; "
        "Heartbeat.objects.create(name='worker:1', role='worker', seen_at=timezone.now() - timedelta(minutes=1))",
    )  # fmt: skip

    told = "SELECT text FROM alerts_alert WHERE kind = 'process' AND ended_at IS NULL"
    assert until(lambda: alone.rows(told), seconds=60) == [("No worker has been heard of: nothing is answered",)]


@pytest.fixture(scope="module")
def spread(tmp_path_factory, servers):
    """Web, worker and beat on PostgreSQL and Redis; at the end they stop as they should, and their logs are JSON."""
    database, broker = servers
    with desk(tmp_path_factory.mktemp("spread"), DATABASE_URL=database.url, REDIS_URL=broker.url) as made:
        for name in ("web", "worker", "beat"):
            made.start(name)
        until(lambda: made.get("/health/live")[0] == 200)
        until(lambda: made.health().get("checks", {}).get("workers", {}).get("status") == "ok")
        yield made
        for name in ("beat", "worker", "web"):
            process = made.running[name]
            assert (name, made.stop(name)) == (name, 0)
            assert made.left_over(process) == []
            all_json(made.log(name))


@pytest.mark.postgres
def test_web_worker_and_beat_answer_and_lose_nothing(spread, payload, servers):
    before = spread.rows(TURNS)[0][0]
    assert spread.post_message(payload("evolution/upsert_text.json"), f"FIRST{time.time()}") == 200
    until(lambda: spread.rows(TURNS)[0][0] == before + 1)

    # The worker is killed; what comes meanwhile waits for the next one.
    spread.kill("worker")
    assert spread.post_message(payload("evolution/upsert_text.json"), f"SECOND{time.time()}") == 200
    spread.start("worker")
    until(lambda: spread.rows(TURNS)[0][0] == before + 2)

    # All processes are counted on one page.
    page = spread.get("/metrics", Authorization="Bearer metrics-token-for-the-tests")[1]
    assert 'frontdesk_webhooks_total{provider="evolution",status="200"} 2.0' in page
    assert 'frontdesk_turns_total{outcome="replied",provider="offline"}' in page

    # Redis stops: the worker's relay finds the rows itself.
    os.kill(servers[1].pid, signal.SIGSTOP)
    try:
        assert spread.post_message(payload("evolution/upsert_text.json"), f"THIRD{time.time()}") == 200
        until(lambda: spread.rows(TURNS)[0][0] == before + 3)
        status, text = spread.get("/health/ready")
        assert (status, json.loads(text)["checks"]["queue"]["status"]) == (200, "degraded")
    finally:
        os.kill(servers[1].pid, signal.SIGCONT)


@pytest.mark.postgres
def test_a_frozen_database_is_said_and_never_as_500(spread, servers):
    os.kill(servers[0].pid, signal.SIGSTOP)
    children = [int(pid) for pid in Path(f"/proc/{servers[0].pid}/task/{servers[0].pid}/children").read_text().split()]
    for child in children:
        os.kill(child, signal.SIGSTOP)
    try:
        status, text = spread.get("/health")  # while it is frozen; bin/chaos measures how soon (F17)
        assert (status, json.loads(text)["ok"]) == (503, False)
        assert spread.get("/health/live")[0] == 200
    finally:
        for pid in [*children, servers[0].pid]:
            os.kill(pid, signal.SIGCONT)
    until(lambda: spread.get("/health/ready")[0] == 200)
