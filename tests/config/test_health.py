"""The health page says what works, quickly, whatever is broken."""

import json
import time

import pytest
from django.db import connection

from common.work.heartbeat import beat
from common.work.relay import Relay
from config import health
from tests.support import checks

OWN_CHECKS = ["config.health.database", "config.health.queue", "config.health.workers", "config.health.beat"]


@pytest.fixture(autouse=True)
def _own_checks(settings):
    settings.HEALTH_CHECKS = OWN_CHECKS
    settings.REDIS_URL = ""


def test_a_working_desk_is_ok(client, db):
    beat("worker")
    beat("beat")

    response = client.get("/health")

    page = response.json()
    assert response.status_code == 200
    assert list(page) == ["ok", "version", "timestamp", "uptime_seconds", "active_calls", "checks"]
    assert page["ok"] is True
    assert page["active_calls"] == 0
    assert {name: check["status"] for name, check in page["checks"].items()} == {
        "database": "ok",
        "queue": "ok",
        "workers": "ok",
        "beat": "ok",
    }
    assert all(set(check) == {"status", "message"} for check in page["checks"].values())


def test_without_a_worker_it_is_not_ok(client, db):
    beat("beat")

    response = client.get("/health")

    assert response.status_code == 503
    assert response.json()["checks"]["workers"]["status"] == "error"


def test_without_the_clock_it_is_only_degraded(client, db, monkeypatch):
    monkeypatch.setattr(health, "_started", time.monotonic() - 100)
    beat("worker")

    response = client.get("/health")

    assert response.status_code == 200
    assert response.json()["checks"]["beat"]["status"] == "degraded"


def test_an_absent_redis_is_named_and_only_degrades(client, db, settings):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"

    response = client.get("/health/ready")

    assert response.status_code == 200
    assert response.json()["checks"]["database"]["status"] == "ok"


def test_a_check_that_breaks_or_is_missing_is_an_error_without_its_text(client, db, settings, caplog):
    settings.HEALTH_CHECKS = ["config.health.database", "assistant.no_such_module.llm"]

    page = client.get("/health").json()

    assert page["ok"] is False
    assert page["checks"]["llm"] == {"status": "error", "message": "The check itself failed: see the log"}
    assert "health_check_failed" in caplog.text


def test_live_asks_neither_database_nor_broker(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/health/live").status_code == 200


def test_live_fails_when_the_worker_thread_of_this_process_stands_still(client, monkeypatch):
    relay = Relay()
    monkeypatch.setattr(health, "relay", relay)
    assert client.get("/health/live").status_code == 200

    relay.moved_at -= 61

    assert client.get("/health/live").status_code == 503


def test_health_asks_little_of_the_database(client, db, django_assert_max_num_queries):
    with django_assert_max_num_queries(4):
        client.get("/health")


def test_only_reading_is_allowed(client):
    assert client.post("/health").status_code == 405
    assert client.head("/health/live").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_database_that_hangs_is_answered_in_time(client, settings):
    settings.HEALTH_CHECKS = ["config.health.database", "tests.support.checks.hangs", "config.health.queue"]
    checks.released.clear()

    try:
        responses = [client.get("/health") for _ in range(2)]
    finally:
        checks.released.set()

    for response in responses:
        assert response.status_code == 503
        assert response.json()["checks"]["database"]["status"] == "ok"
        assert "No answer" in response.json()["checks"]["hangs"]["message"]


def test_no_host_or_secret_is_told(client, db, settings):
    text = json.dumps(client.get("/health").json())

    assert str(connection.settings_dict.get("HOST") or "no-host-here") not in text
    assert settings.SECRET_KEY not in text
