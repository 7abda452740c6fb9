"""The relay: what it rings for, how often, and what does not stop it."""

import re
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from common.breakers import ProcessBreaker
from common.work import relay
from common.work.rows import MAX_CRASHES, LastAttempt, State, work_models
from messaging import services as messaging
from messaging.models import WebhookEvent
from tests.support.desk import until

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def event(clinic, make_channel):
    return messaging.store_webhook(provider="meta", body=b"{}", channel=make_channel(clinic, "meta"))


@pytest.fixture
def rings(settings, monkeypatch):
    """What is published to a broker that always takes it."""
    found = []
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    monkeypatch.setattr(relay.queue.wake_ups, "breaker", ProcessBreaker(seconds=5.0))
    monkeypatch.setattr(relay.queue.wake_ups, "publish", lambda *given: found.extend(given) or True)
    return found


def test_a_row_that_waits_is_rung_for_once_in_a_while(event, rings):
    bell = relay.Relay(queues=())

    bell._wake_up_due()
    bell._wake_up_due()

    assert rings == [("messaging.process_webhook", event.pk)]


def test_a_row_that_was_worked_and_waits_again_is_rung_for_at_once(event, rings):
    bell = relay.Relay(queues=())
    bell._wake_up_due()
    WebhookEvent.objects.claim(event.pk).settle(State.QUEUED, due_in=-0.5)

    bell._wake_up_due()

    assert rings == [("messaging.process_webhook", event.pk)] * 2


def test_a_crowd_is_not_rung_for_again_until_it_has_waited_long(event, rings):
    copies = [WebhookEvent(provider="meta", body=b"{}", channel=event.channel) for _ in range(relay.OVERLOADED_ROWS)]
    WebhookEvent.objects.bulk_create(copies)
    bell = relay.Relay(queues=())

    bell._wake_up_due()
    assert rings == []
    WebhookEvent.objects.update(due_at=timezone.now() - timedelta(seconds=relay.REPUBLISH_SECONDS + 1))
    bell._wake_up_due()

    assert len(rings) == relay.OVERLOADED_ROWS + 1


def test_a_hungry_look_leaves_fresh_rows_to_whoever_was_rung_for_them(event, rings):
    bell = relay.Relay(queues=())

    bell._wake_up_due(fresh=timedelta(seconds=60))
    assert rings == []
    WebhookEvent.objects.update(due_at=timezone.now() - timedelta(seconds=61))
    bell._wake_up_due(fresh=timedelta(seconds=60))

    assert rings == [("messaging.process_webhook", event.pk)]


def test_a_row_on_its_last_chance_is_not_claimed_beside_others(event):
    WebhookEvent.objects.update(crashes=MAX_CRASHES - 1)

    with pytest.raises(LastAttempt):
        WebhookEvent.objects.claim(event.pk, fewer_crashes_than=MAX_CRASHES - 1)

    event.refresh_from_db()
    assert (event.state, event.token, event.lease_until, event.attempts) == (State.QUEUED, None, None, 0)
    assert WebhookEvent.objects.claim(event.pk).attempts == 1


def test_a_sweep_that_fails_does_not_keep_due_rows_waiting(monkeypatch, settings):
    settings.SWEEP_SECONDS, settings.RELAY_SECONDS = 60, 0.01
    seen = []
    thread = relay.Relay()
    monkeypatch.setattr(relay, "beat", lambda _: None)
    monkeypatch.setattr(relay, "sweep", lambda: 1 // 0)
    monkeypatch.setattr(relay, "close_old_connections", lambda: None)
    monkeypatch.setattr(relay.connection, "close", lambda: None)
    monkeypatch.setattr(thread._stop, "wait", lambda _: None)
    monkeypatch.setattr(thread, "_wake_up_due", lambda **_: (seen.append(time.monotonic()), thread._stop.set()))

    thread._run()

    assert len(seen) == 1


def test_rows_that_are_not_due_are_left(event, rings):
    WebhookEvent.objects.update(due_at=timezone.now() + timedelta(seconds=30))

    relay.Relay(queues=())._wake_up_due()

    assert rings == []


def test_a_worker_takes_what_it_can_soon_do_and_the_broker_gets_the_rest(event, rings, monkeypatch):
    bell = relay.Relay(queues=("inbound",))
    taken = []
    monkeypatch.setattr(bell, "_submit", lambda name, pk: taken.append(pk) or True)

    assert bell.accept("messaging.process_webhook", 1)
    assert not bell.accept("messaging.deliver", 2)  # another worker's queue
    bell._load["inbound"] = relay.THREADS["inbound"] * relay.ROOM
    assert not bell.accept("messaging.process_webhook", 3)

    bell._wake_up_due()
    assert (taken, rings) == ([1], [("messaging.process_webhook", event.pk)])


def test_without_a_broker_everything_is_taken(event, settings):
    settings.REDIS_URL = ""
    bell = relay.Relay(queues=())
    bell._load["inbound"] = 10_000
    bell._stop.set()  # taken, but by no thread of this test

    assert not bell.accept("messaging.process_webhook", event.pk)
    bell._stop.clear()
    bell._busy.add(("messaging.process_webhook", event.pk))
    assert bell.accept("messaging.process_webhook", event.pk)


def test_a_ring_is_worked_here_and_counted_until_it_ends(monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(relay.queue, "run_task", lambda name, pk: done.wait(60))
    bell = relay.Relay()

    assert bell.accept("messaging.deliver", 7)
    assert bell._load["outbound"] == 1
    done.set()
    bell.stop(patience=10)

    assert (bell._load["outbound"], bell._busy) == (0, set())
    assert not bell.accept("messaging.deliver", 8)


def test_what_is_due_is_found_by_an_index_however_long_the_table_is():
    asked = []

    def note(execute, sql, params, many, context):
        asked.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        list(relay.due_rows())

    assert len(asked) == sum(len(model.jobs) for model in work_models())
    with connection.cursor() as cursor:
        explain = "EXPLAIN QUERY PLAN"
        if connection.vendor == "postgresql":  # which reads an empty table whole, if it may
            cursor.execute("SET LOCAL enable_seqscan = off")
            explain = "EXPLAIN"
        for sql, params in asked:
            cursor.execute(f"{explain} {sql}", params)
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
            # Turns and messages have a second index of what is not over, which a small table is read by as well.
            assert re.search(r"\b(\w+_due|one_active_turn\w*|message_outbox)\b", plan), plan


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("rings")
def test_a_crowd_is_worked_on_without_waiting_for_the_next_look(event, settings, monkeypatch):
    settings.RELAY_SECONDS = 600
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # its threads leave nothing open
    copies = [WebhookEvent(provider="meta", body=b"{}", channel=event.channel) for _ in range(100)]
    WebhookEvent.objects.bulk_create(copies)
    bell = relay.Relay(queues=("inbound",)).start()

    try:
        until(lambda: not WebhookEvent.objects.filter(state__in=[State.QUEUED, State.WORKING]).exists())
    finally:
        bell.stop()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_crowd_is_drained_without_waiting_for_the_next_look(event, settings, monkeypatch):
    settings.RELAY_SECONDS, settings.REDIS_URL = 600, ""
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # its threads leave nothing open
    copies = [WebhookEvent(provider="meta", body=b"{}", channel=event.channel) for _ in range(2 * relay.BATCH)]
    WebhookEvent.objects.bulk_create(copies)

    bell = relay.Relay().start()
    try:
        until(lambda: not WebhookEvent.objects.filter(state=State.QUEUED).exists())
    finally:
        bell.stop()
