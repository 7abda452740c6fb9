"""A creating call that is sent again does nothing the second time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from messaging.models import Message
from tenants import idempotency
from tenants.models import StoredAnswer
from tests.support.api import ApiCaller
from tests.support.backoffice import make_session

pytestmark = pytest.mark.both

KEY = {"Idempotency-Key": "order-17"}


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


def texts():
    return list(Message.objects.order_by("pk").values_list("text", flat=True))


def test_the_same_call_again_gets_the_same_answer(api, session):
    first = api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **KEY)
    again = api.post(f"sessions/{session.pk}/messages", raw=b'{ "text":"Hello" }', **KEY)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert texts() == ["Hello"]


def test_what_was_answered_is_not_readable_in_the_database(api, session):
    api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **KEY)

    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM tenants_storedanswer")
        assert "Hello" not in cursor.fetchone()[0]


@pytest.mark.parametrize("other", ["body", "address"])
def test_the_same_key_for_something_else_is_refused(api, session, channel, other):
    elsewhere = make_session(channel, "+15550100002")
    api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **KEY)

    target, text = (session, "Goodbye") if other == "body" else (elsewhere, "Hello")
    answer = api.post(f"sessions/{target.pk}/messages", {"text": text}, **KEY)

    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unprocessable")
    assert texts() == ["Hello"]


def test_the_key_of_another_tenant_is_another_key(api, session, salon, make_channel):
    theirs = make_session(make_channel(salon, "twilio"), "+15550100003")
    api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **KEY)

    answer = ApiCaller(salon).post(f"sessions/{theirs.pk}/messages", {"text": "Hi"}, **KEY)

    assert answer.status_code == 201
    assert texts() == ["Hello", "Hi"]


def test_a_refused_call_is_not_remembered(api, session):
    refused = api.post(f"sessions/{session.pk}/messages", {"text": ""}, **KEY)
    mended = api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **KEY)

    assert (refused.status_code, mended.status_code) == (400, 201)


def test_a_key_that_is_too_long_is_told(api, session):
    answer = api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **{"Idempotency-Key": "k" * 256})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert texts() == []


def test_answers_are_forgotten_after_a_day(api, session):
    api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **KEY)
    assert idempotency.purge() == 0

    StoredAnswer.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert idempotency.purge() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_equal_calls_at_once_create_one(api, session):
    gate = threading.Barrier(50)

    def call(_):
        try:
            gate.wait()
            return api_of_thread(api).post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **KEY)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(call, range(50)))

    assert sorted({answer.status_code for answer in answers}) == [200, 201]
    assert [answer.status_code for answer in answers].count(201) == 1
    assert {answer.json()["id"] for answer in answers} == {Message.objects.get().pk}


def api_of_thread(api):
    """A caller with the same key and a client of its own: a client's cookies are no thing to share."""
    caller = object.__new__(ApiCaller)
    caller.client, caller.key = type(api.client)(raise_request_exception=False), api.key
    return caller


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_call_whose_twin_is_under_way_is_told_to_wait(api, session, clinic):
    begun, end = threading.Event(), threading.Event()
    key_hash = idempotency._hash(KEY["Idempotency-Key"])

    def hold():
        try:
            with transaction.atomic():
                StoredAnswer.objects.create(tenant=clinic, key_hash=key_hash, request_hash="x")
                begun.set()
                end.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait(60)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    answer = api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **KEY)
    end.set()
    thread.join()
    connection.close()

    assert (answer.status_code, answer["Retry-After"]) == (409, "1")
    assert texts() == []
