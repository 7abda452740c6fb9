"""Endpoints of a tenant: who may be told of what, and where."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from common.work import relay
from common.work.rows import MAX_CRASHES, State
from messaging import services as messaging
from messaging.models import Conversation
from messaging.providers.base import DeliveryStatus, StatusUpdate
from tenants import services as tenants
from tenants.models import AuditEntry, EmittedEvent, Tenant, WebhookDelivery, WebhookEndpoint
from tests.support.api import ApiCaller
from tests.support.backoffice import make_session, state, write

pytestmark = pytest.mark.both

DAY = timedelta(days=1)
NEW = {"url": "https://8.8.8.8/hook", "event_types": ["*"]}


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


def types():
    return list(EmittedEvent.objects.order_by("pk").values_list("type", flat=True))


def emit(tenant, **more):
    tenant.refresh_from_db()
    return tenants.emit(tenant=tenant, event_type="contact.created", data={"contact_id": 1}, **more)


def test_the_secret_is_shown_once(api):
    made = api.post("webhooks", NEW | {"description": "CRM"})
    path = f"webhooks/{made.json()['id']}"

    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in api.get(path).json()
    assert made.json()["secret"] not in api.get("webhooks").content.decode()
    assert [entry.action for entry in AuditEntry.objects.filter(action__startswith="webhook")] == ["webhook_created"]


def test_a_repeated_creation_shows_no_secret_again(api):
    first, again = [api.post("webhooks", NEW, **{"Idempotency-Key": "k"}) for _ in range(2)]

    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["id"], again.json()["secret"]) == (first.json()["id"], None)
    assert WebhookEndpoint.objects.count() == 1


def test_the_secret_is_not_readable_in_the_database(api):
    secret = api.post("webhooks", NEW).json()["secret"]

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM tenants_webhookendpoint")
        assert secret not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x", "https://localhost/x", "https://10.1.2.3/", "https://[::1]/", "https://169.254.169.254/",
        "https://100.64.0.1/", "https://[::ffff:192.168.0.1]/", "https://0.0.0.0/", "ftp://8.8.8.8/", "https://", "x",
        "https://user:pass@8.8.8.8/", "https://8.8.8.8:99999/", "https://[", "//8.8.8.8/x", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_at_save(api, url):
    answer = api.post("webhooks", NEW | {"url": url})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/url"
    assert not WebhookEndpoint.objects.exists()


def test_a_change_to_a_private_address_is_refused_too(api):
    pk = api.post("webhooks", NEW).json()["id"]

    assert api.patch(f"webhooks/{pk}", {"url": "https://10.0.0.1/"}).status_code == 400
    assert WebhookEndpoint.objects.get().url == NEW["url"]


def test_plain_http_is_refused_in_production(settings):
    settings.IS_PRODUCTION = True

    with pytest.raises(ValueError, match="https"):
        tenants.check_endpoint("http://8.8.8.8/")


@pytest.mark.parametrize(
    "body",
    [{"event_types": ["no.such"]}, {"event_types": []}, {"event_types": "*"}, {"url": 5}, {"description": None}],
)
def test_what_makes_no_sense_is_told(api, body):
    assert api.post("webhooks", NEW | body).status_code == 400
    assert not WebhookEndpoint.objects.exists()


def test_an_endpoint_is_changed_and_removed(api, clinic):
    pk = api.post("webhooks", NEW).json()["id"]

    changed = api.patch(f"webhooks/{pk}", {"event_types": ["session.paused"], "is_enabled": False})
    assert (changed.status_code, changed.json()["is_enabled"]) == (200, False)
    assert changed.json()["disabled_reason"] == "switched off by key tests"
    assert Tenant.objects.get(pk=clinic.pk).emits_events
    assert api.delete(f"webhooks/{pk}").status_code == 204
    assert not Tenant.objects.get(pk=clinic.pk).emits_events
    assert api.get(f"webhooks/{pk}").status_code == 404


def test_a_tenant_without_endpoints_pays_nothing(clinic):
    with CaptureQueriesContext(connection) as queries:
        tenants.emit(tenant=clinic, event_type="contact.created", data={})

    assert len(queries) == 0


def test_only_what_an_endpoint_wants_is_written(clinic, salon, endpoint):
    endpoint(clinic, "a", "session.paused")
    both = [endpoint(clinic, "b"), endpoint(clinic, "c", "contact.created")]
    endpoint(salon, "d")

    emit(clinic)

    assert types() == ["contact.created"]
    assert [row.endpoint for row in WebhookDelivery.objects.order_by("pk")] == both
    assert {row.tenant_id for row in WebhookDelivery.objects.all()} == {clinic.pk}


def test_an_event_is_gone_with_the_transaction_that_wrote_it(clinic, endpoint):
    endpoint(clinic)

    with transaction.atomic():
        emit(clinic)
        transaction.set_rollback(True)

    assert types() == []


def test_the_same_happening_is_told_once(clinic, salon, endpoint):
    endpoint(clinic)
    endpoint(salon)

    for tenant in (clinic, clinic, salon):
        emit(tenant, once="contact 7")

    assert EmittedEvent.objects.values("event_id").distinct().count() == len(types()) == 2


def test_a_conversation_tells_its_story(clinic, endpoint, make_channel, post_webhook, payload, drain):
    endpoint(clinic)
    post_webhook(make_channel(clinic, "evolution"), payload("evolution/upsert_text.json"))
    drain()

    assert types()[:2] == ["contact.created", "message.received"]
    conversation = messaging.pause(conversation=Conversation.objects.get(), by="operator", actor="maria")
    messaging.pause(conversation=conversation, by="operator", actor="maria")
    messaging.resume(conversation=conversation, actor="maria")
    assert types()[-2:] == ["session.paused", "session.resumed"]
    told = [bytes(event.body).decode() for event in EmittedEvent.objects.all()]
    assert f'"session_id":{conversation.pk}' in told[-1]
    assert not any(conversation.recipient in body or "name" in body for body in told)


def test_what_became_of_a_message_is_told_once(sim, clinic, endpoint, wire, drain):
    session = make_session(wire(clinic, "meta"), "+15550100111")
    endpoint(clinic, "a", "message.sent", "message.failed")

    def write(text):
        message = messaging.write_message(conversation=session, author="maria", text=text)[0]
        drain()
        message.refresh_from_db()
        return message

    sent = write("Hello")
    for status in (DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.DELIVERED, DeliveryStatus.READ):
        update = StatusUpdate(external_id=sent.external_id, channel="", status=status)
        messaging.record_status(channel=session.channel, update=update)
    sim.fail("meta", "status", status=400, body={"error": {"code": 131026, "message": "Message undeliverable"}})
    failed = write("Hello again")

    told = [(event.type, json.loads(bytes(event.body))["data"]) for event in EmittedEvent.objects.order_by("pk")]
    assert [(name, data["message_id"]) for name, data in told] == [
        ("message.sent", sent.pk), ("message.failed", failed.pk),
    ]  # fmt: skip
    assert told[1][1]["code"] == "131026"
    assert {row.state for row in WebhookDelivery.objects.all()} == {"done"}


def test_a_range_and_a_state_choose_from_the_log(api, clinic, endpoint):
    pk = endpoint(clinic).pk
    emit(clinic)
    emit(clinic)
    WebhookDelivery.objects.filter(pk=WebhookDelivery.objects.first().pk).update(state="dead")

    log = api.get(f"webhooks/{pk}/deliveries").json()["results"]
    assert [row["state"] for row in log] == ["queued", "dead"]
    assert parse_datetime(log[0]["next_try_at"]) <= timezone.now()
    assert len(api.get(f"webhooks/{pk}/deliveries", state="dead").json()["results"]) == 1
    assert api.get(f"webhooks/{pk}/deliveries", event_type="session.paused").json()["results"] == []
    assert api.get(f"webhooks/{pk}/deliveries", state="nonsense").status_code == 400


def test_events_are_forgotten_when_they_are_old_and_over(clinic, endpoint):
    endpoint(clinic)
    old, waiting, fresh = emit(clinic), emit(clinic), emit(clinic)
    WebhookDelivery.objects.exclude(event=waiting).update(state="done")
    EmittedEvent.objects.exclude(pk=fresh.pk).update(created_at=timezone.now() - timedelta(days=31))

    assert tenants.purge_events() == 1
    assert list(EmittedEvent.objects.order_by("pk")) == [waiting, fresh]
    assert old not in EmittedEvent.objects.all()


def test_another_tenants_endpoint_is_not_there(salon, clinic, endpoint):
    pk = endpoint(clinic).pk
    emit(clinic)
    delivery = WebhookDelivery.objects.get().pk
    other = ApiCaller(salon)

    assert other.get("webhooks").json()["results"] == []
    assert other.get(f"webhooks/{pk}").status_code == 404
    assert other.patch(f"webhooks/{pk}", {"is_enabled": False}).status_code == 404
    assert other.delete(f"webhooks/{pk}").status_code == 404
    for action in ("rotate", "test", "replay", f"deliveries/{delivery}/replay"):
        assert other.post(f"webhooks/{pk}/{action}").status_code == 404
    own = endpoint(salon).pk
    assert other.get(f"webhooks/{own}/deliveries/{delivery}").status_code == 404
    assert WebhookEndpoint.objects.get(pk=pk).is_enabled


def test_a_message_that_the_sweep_gives_up_is_told_as_failed(clinic, session):
    tenants.create_endpoint(tenant=clinic, url=NEW["url"], event_types=["message.failed"], by="a")
    row = write(session, "Hello", state=State.WORKING, crashes=MAX_CRASHES - 1, lease_until=timezone.now() - DAY)
    alive = write(session, "Hi", state=State.WORKING, crashes=0, lease_until=timezone.now() - DAY)

    relay.sweep()
    relay.sweep()

    [told] = EmittedEvent.objects.all()
    data = json.loads(told.body)["data"]
    assert (told.type, data["message_id"]) == ("message.failed", row.pk)
    assert data["reason"] == "its worker died 3 times"
    assert [state(row), state(alive)] == [State.DEAD, State.QUEUED]
