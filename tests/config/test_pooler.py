"""The desk before PgBouncer, which hands out connections for one transaction each (RELIABILITY F86)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.support.migrated import postgres_data
from tests.support.pooler import pooled
from tests.support.servers import start_postgres
from tests.support.throwaway import ServerError

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
# Several threads at once, each with more statements than the pooler has connections, then again after a line on input.
STORY = """
import json, sys, threading
import django
django.setup()
from django.db import close_old_connections, connections
from django.test import Client
from common.work import relay
from messaging import services as messaging
from messaging.models import Message
from tenants import services as tenants
tenant = tenants.set_up_tenant(slug="clinic", name="Example Dental")
channel = messaging.set_up_channel(
    tenant=tenant, provider="evolution", name="Line", external_id="demo",
    credentials={"server_url": "http://127.0.0.1:9", "api_key": "k", "webhook_secret": "s" * 20},
)
def write(number):
    data = {"key": {"remoteJid": f"1555010{number:04}@s.whatsapp.net", "fromMe": False, "id": f"ID{number}"},
            "messageType": "conversation", "message": {"conversation": "Hello"}}
    body = json.dumps({"event": "messages.upsert", "instance": "demo", "data": data})
    try:
        return Client().post(f"/webhooks/evolution/{channel.token}", body, content_type="application/json",
                             headers={"X-Webhook-Secret": "s" * 20}).status_code
    finally:
        connections.close_all()
def heard(direction):
    return Message.objects.filter(direction=direction).values("conversation").distinct().count()
def together(numbers):
    found = []
    threads = [threading.Thread(target=lambda number=number: found.append(write(number))) for number in numbers]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return found
for first in (0, 100):
    statuses = together(range(first, first + 12))
    close_old_connections()
    answered = first // 100 * 12 + 12
    while heard("out") < answered:
        close_old_connections()  # as the relay does before it looks
        relay.work_all_due()
    print(json.dumps({"statuses": statuses, "counts": [heard("in"), heard("out")]}), flush=True)
    sys.stdin.readline()
"""


@pytest.fixture(scope="module")
def database():
    with start_postgres(data=postgres_data()) as server:
        yield server


@pytest.fixture
def pooler(database):
    try:
        with pooled(database) as running:
            yield running
    except ServerError as error:
        if os.environ.get("CI", "").lower() in {"true", "1"}:
            raise
        pytest.skip(str(error))


def environment(pooler, **given):
    return {
        "PATH": os.environ["PATH"],
        "APP_ENV": "test",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": pooler.url,
        "DATABASE_POOLER": "true",
        "BURST_WAIT_SECONDS": "0",
        "BURST_FRAGMENT_SECONDS": "0",
        **given,
    }


def test_f86_messages_are_taken_and_answered_through_a_pooler_that_is_restarted(pooler):
    desk = subprocess.Popen(
        [sys.executable, "-c", STORY],
        cwd=ROOT,
        env=environment(pooler),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def told():
        return next(json.loads(line) for line in desk.stdout if line.startswith('{"statuses"'))

    try:
        first = told()
        pooler.kill()
        pooler.start()
        desk.stdin.write("\n")
        desk.stdin.flush()
        second = told()
    finally:
        desk.kill()
        desk.wait()

    assert (first["statuses"], first["counts"]) == ([200] * 12, [12, 12])
    assert (second["statuses"], second["counts"]) == ([200] * 12, [24, 24])


def test_without_the_setting_the_pooler_refuses_us(pooler):
    done = subprocess.run(
        [sys.executable, "manage.py", "showmigrations", "tenants"],
        cwd=ROOT,
        env=environment(pooler, DATABASE_POOLER=""),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "unsupported startup parameter" in done.stderr


def test_the_doctor_says_when_the_role_has_no_limits(pooler, database):
    def doctor():
        done = subprocess.run(
            [sys.executable, "manage.py", "doctor", "--no-network"],
            cwd=ROOT,
            env=environment(pooler),
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout

    assert "ALTER ROLE postgres SET statement_timeout" in doctor()

    with psycopg.connect(database.url.replace("postgres://postgres:@/", "postgresql://postgres@/")) as link:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            link.execute(f"ALTER ROLE postgres SET {name} = '15s'")
    pooler.kill()
    pooler.start()

    assert "ALTER ROLE" not in doctor()
