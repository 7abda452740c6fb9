"""Webhooks out on their way (F67, F68): signed, retried, never in each other's way."""

import base64
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connections
from django.utils import timezone
from standardwebhooks import Webhook

from common.work import queue
from common.work.rows import State
from tenants import services as tenants
from tenants.models import AuditEntry, WebhookDelivery, WebhookEndpoint
from tenants.services.deliveries import SCHEDULE, signature
from tests.support.api import ApiCaller

pytestmark = pytest.mark.both


def emit(tenant, number=1):
    tenant.refresh_from_db()
    return tenants.emit(tenant=tenant, event_type="contact.created", data={"contact_id": number})


def work(delivery):
    queue.run_task("tenants.deliver_webhook", delivery.pk)
    delivery.refresh_from_db()
    return delivery


def told(sim, path="/a"):
    return [record for record in sim.record("receiver") if record["path"] == path]


def verified(record, secret):
    at, _, signatures = record["id"].partition(" ")
    headers = {"webhook-id": record["reference"], "webhook-timestamp": at, "webhook-signature": signatures}
    return Webhook(secret).verify(record["text"].encode(), headers)


@pytest.fixture
def delivery(clinic, endpoint):
    endpoint(clinic)
    emit(clinic)
    return WebhookDelivery.objects.get()


def due_now(delivery):
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    WebhookEndpoint.objects.update(resting_until=timezone.now() - timedelta(seconds=1))
    delivery.refresh_from_db()


def test_the_signature_is_the_one_of_the_standard():
    secret = "whsec_ZnJvbnRkZXNrLXRlc3Qtc2VjcmV0LTAxMjM0NTY3ODk="
    body = (
        '{"type":"approval.decided","timestamp":"2026-01-01T00:00:00Z","data":{"candidate_id":"cand_0001",'
        '"decision":"approved","comment":"Olá ✅"}}'
    ).encode()
    event_id, at = "msg_2b6e8c0d4f1a4c6e9f00000000000001", datetime(2026, 1, 1, tzinfo=UTC)

    assert signature([secret], event_id, at, body) == "v1,Uoabxf+D5ACtnpC9C4PTuDhZVNR/u4FwHvxO/LFmRpg="


def test_a_receiver_can_prove_what_it_gets(sim, delivery):
    assert work(delivery).state == State.DONE

    record = told(sim)[0]
    secret = delivery.endpoint.secret
    body = verified(record, secret)
    assert (body["type"], body["data"]) == ("contact.created", {"contact_id": 1})
    assert record["reference"] == delivery.event.event_id
    at, _, signatures = record["id"].partition(" ")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    by_hand = hmac.new(key, f"{record['reference']}.{at}.{record['text']}".encode(), hashlib.sha256).digest()
    assert signatures == f"v1,{base64.b64encode(by_hand).decode()}"
    assert [(one["status"], one["error"]) for one in delivery.tries] == [(204, "")]


def test_both_secrets_sign_while_one_is_rotated(sim, clinic, delivery):
    old = delivery.endpoint.secret
    new = ApiCaller(clinic).post(f"webhooks/{delivery.endpoint_id}/rotate", {"hours": 2}).json()["secret"]

    work(delivery)

    assert new != old
    assert verified(told(sim)[0], old) == verified(told(sim)[0], new)
    with time_machine.travel(timezone.now() + timedelta(hours=3)):
        assert WebhookEndpoint.objects.get().secrets() == [new]


def test_f67_a_failing_receiver_is_tried_again_under_the_same_id(sim, delivery):
    sim.fail("receiver", "status", status=500, times=2)

    for expected in (State.QUEUED, State.QUEUED, State.DONE):
        due_now(delivery)
        assert work(delivery).state == expected

    ids = {record["reference"] for record in told(sim) if record["reference"]}
    assert ids == {delivery.event.event_id}
    assert [one["status"] for one in delivery.tries] == [500, 500, 204]


def test_ten_tries_cover_three_days(sim, delivery):
    sim.fail("receiver", "status", status=500, times=-1)
    waited = 0.0
    for number in range(1, 11):
        due_now(delivery)
        work(delivery)
        assert delivery.attempts == number
        if number < 10:
            wait = (delivery.due_at - timezone.now()).total_seconds()
            assert SCHEDULE[number - 1] - 2 <= wait <= SCHEDULE[number - 1] * 1.2 + 1
            waited += wait

    assert delivery.state == State.DEAD
    assert delivery.last_error == "it answers 500"
    assert len(told(sim)) == 10
    assert waited >= 72 * 3600


def test_retry_after_is_kept_and_the_whole_endpoint_rests(sim, clinic, delivery):
    sim.fail("receiver", "status", status=429, headers={"Retry-After": "900"})
    emit(clinic, 2)
    work(delivery)

    other = WebhookDelivery.objects.exclude(pk=delivery.pk).get()
    for row in (delivery, other):
        assert timedelta(seconds=890) < row.due_at - timezone.now() < timedelta(seconds=910)
    assert (other.state, other.attempts) == (State.QUEUED, 0)


def test_an_endpoint_that_comes_back_gets_what_waited(sim, clinic, delivery, drain):
    sim.fail("receiver", "status", status=503)
    work(delivery)
    emit(clinic, 2)
    other = WebhookDelivery.objects.exclude(pk=delivery.pk).get()
    assert work(other).state == State.QUEUED  # it rests, and no try is counted
    assert other.attempts == 0

    due_now(delivery)
    work(delivery)
    drain()

    assert {row.state for row in WebhookDelivery.objects.all()} == {State.DONE}
    assert WebhookEndpoint.objects.get().failures == 0


def test_f67_gone_switches_the_endpoint_off(sim, clinic, delivery):
    emit(clinic, 2)
    sim.fail("receiver", "status", status=410)

    work(delivery)

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.is_enabled, endpoint.disabled_reason) == (False, "the receiver answered 410 Gone")
    assert delivery.state == State.IGNORED
    other = WebhookDelivery.objects.exclude(pk=delivery.pk).get()
    assert (other.state, other.held_by) == (State.HELD, "disabled")
    assert AuditEntry.objects.filter(action="webhook_disabled", tenant=clinic).exists()
    emit(clinic, 3)
    assert WebhookDelivery.objects.count() == 2


def test_f67_a_redirect_is_not_followed(sim, clinic, delivery):
    sim.fail("receiver", "status", status=302, headers={"Location": f"{sim.url}/receiver/elsewhere"})

    work(delivery)

    assert (delivery.state, delivery.held_by, delivery.answer) == (State.HELD, "address", 302)
    assert told(sim, "/elsewhere") == []
    tenants.change_endpoint(endpoint=delivery.endpoint, by="tests", url=f"{sim.url}/receiver/elsewhere")
    delivery.refresh_from_db()
    assert work(delivery).state == State.DONE
    assert len(told(sim, "/elsewhere")) == 1


def test_five_days_of_failure_switch_the_endpoint_off(sim, clinic, delivery):
    sim.fail("receiver", "status", status=500)
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=5, minutes=1))

    work(delivery)

    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.is_enabled, endpoint.disabled_reason) == (False, "nothing was delivered for five days")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.held_by) == (State.HELD, "disabled")
    assert WebhookEndpoint.objects.filter(tenants.failing_endpoints()).exists()


def test_an_address_that_became_private_is_refused_at_connect(sim, settings, delivery):
    settings.OUTBOUND_ALLOWED_HOSTS = []

    work(delivery)

    assert (delivery.state, delivery.held_by) == (State.HELD, "address")
    assert told(sim) == []


def test_f68_a_name_that_is_not_there_is_tried_again(delivery):
    WebhookEndpoint.objects.update(url="https://frontdesk.invalid/hook")
    delivery.refresh_from_db()

    work(delivery)

    assert delivery.state == State.QUEUED
    assert delivery.last_error.startswith("no answer")


def test_f68_a_certificate_that_cannot_be_verified_stops_the_call(sim, settings, delivery):
    WebhookEndpoint.objects.update(url=sim.url.replace("http://", "https://") + "/receiver/a")
    delivery.refresh_from_db()

    work(delivery)

    assert (delivery.state, told(sim)) == (State.QUEUED, [])


def test_a_long_answer_is_not_read_and_no_fault(sim, delivery):
    sim.fail("receiver", "garbage", status=200, body="x" * 300_000, times=1)

    assert work(delivery).state == State.DONE


@pytest.mark.django_db(transaction=True)
def test_f67_a_slow_receiver_holds_up_nobody_else(sim, settings, clinic, salon, endpoint):
    settings.SEND_TIMEOUT_SECONDS = 2
    slow, quick = endpoint(clinic, "slow"), endpoint(salon, "quick")
    sim.fail("receiver", "slow", match={"path": "/slow"}, seconds=6, times=-1)
    for number in range(30):
        emit(clinic, number)
    for number in range(10):
        emit(salon, number)

    def run(pk):
        try:
            queue.run_task("tenants.deliver_webhook", pk)
        finally:
            connections.close_all()

    # As three workers of a process find them: all of the slow one's first.
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(run, list(WebhookDelivery.objects.order_by("pk").values_list("pk", flat=True))))
        while waiting := list(quick.deliveries.filter(state=State.QUEUED).values_list("pk", flat=True)):
            quick.deliveries.update(due_at=timezone.now() - timedelta(seconds=1))  # two at once, the third waits
            list(pool.map(run, waiting))

    assert {row.state for row in quick.deliveries.all()} == {State.DONE}
    assert max(row.attempts for row in quick.deliveries.all()) == 1
    tried = [row for row in slow.deliveries.all() if row.tries]
    assert 1 <= len(tried) <= 2
    assert len({row.state for row in slow.deliveries.all()}) == 1
    assert max(row.attempts for row in slow.deliveries.all()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_delivery_that_is_rung_for_twice_is_made_once(sim, clinic, endpoint):
    endpoint(clinic)
    emit(clinic)
    pk = WebhookDelivery.objects.get().pk

    def run(_):
        try:
            queue.run_task("tenants.deliver_webhook", pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(8)))

    assert len(told(sim)) == 1


def test_a_try_whose_worker_died_is_made_again(sim, clinic, delivery):
    claimed = WebhookDelivery.objects.claim(delivery.pk, lease_seconds=1)
    WebhookDelivery.objects.filter(pk=claimed.pk).update(
        slot=claimed.token, lease_until=timezone.now() - timedelta(seconds=1)
    )

    assert WebhookDelivery.objects.sweep() == 1
    assert work(delivery).state == State.DONE
    assert delivery.attempts == 2
