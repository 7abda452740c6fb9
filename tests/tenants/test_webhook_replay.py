"""Webhooks out that are sent again by hand, and test events."""

import json
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from common.work import queue
from common.work.rows import State
from tenants import services as tenants
from tenants.models import WebhookDelivery, WebhookEndpoint
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


@pytest.fixture
def delivery(clinic, endpoint):
    endpoint(clinic)
    emit(clinic)
    return WebhookDelivery.objects.get()


def due_now(delivery):
    WebhookDelivery.objects.filter(pk=delivery.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    WebhookEndpoint.objects.update(resting_until=timezone.now() - timedelta(seconds=1))
    delivery.refresh_from_db()


def test_one_delivery_or_a_time_of_them_is_sent_again(sim, clinic, delivery):
    api = ApiCaller(clinic)
    path = f"webhooks/{delivery.endpoint_id}"
    work(delivery)

    again = api.post(f"{path}/deliveries/{delivery.pk}/replay")
    refused = api.post(f"{path}/deliveries/{delivery.pk}/replay")
    delivery.refresh_from_db()
    work(delivery)

    assert (again.status_code, again.json()["state"], refused.status_code) == (200, "queued", 409)
    assert len({record["reference"] for record in told(sim)}) == 1
    assert len(told(sim)) == 2
    times = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    assert api.post(f"{path}/replay", times | {"only_failed": True}).json() == {"count": 0}
    assert api.post(f"{path}/replay", times | {"only_failed": False}).json() == {"count": 1}
    assert api.post(f"{path}/replay", times | {"until": "2019-01-01T00:00:00Z"}).status_code == 400


def test_a_test_event_goes_to_one_endpoint(sim, clinic, endpoint):
    first, other = endpoint(clinic, "a", "session.paused"), endpoint(clinic, "b")

    answer = ApiCaller(clinic).post(f"webhooks/{first.pk}/test")

    row = WebhookDelivery.objects.get()
    assert (answer.status_code, answer.json()["event_type"]) == (201, "webhook.test")
    assert work(row).state == State.DONE
    assert json.loads(told(sim)[0]["text"])["type"] == "webhook.test"
    assert not other.deliveries.exists()
    assert abs(time.time() - int(told(sim)[0]["id"].split()[0])) < 30
