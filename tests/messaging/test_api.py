"""Sessions as programs see them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from messaging.models import Contact, ContactAddress, Conversation, MediaFile, Message
from tenants.models import AuditEntry
from tests.support.api import ApiCaller

pytestmark = pytest.mark.both


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


@pytest.fixture
def session(clinic, make_channel):
    return make_session(make_channel(clinic, "evolution"))


def make_session(channel, number="+15550100001", *, minutes=0, **fields):
    contact = Contact.objects.create(tenant=channel.tenant, name=f"Ana {number[-2:]}")
    address = ContactAddress(tenant=channel.tenant, contact=contact, kind="phone", value=number, external_id=number[1:])
    address.save()
    now = timezone.now() - timedelta(minutes=minutes)
    return Conversation.objects.create(
        tenant=channel.tenant, channel=channel, contact=contact, recipient_kind="phone", recipient=number[1:],
        last_message_at=now, last_inbound_at=now, **fields,
    )  # fmt: skip


def texts():
    return [message.text for message in Message.objects.order_by("pk")]


def test_the_list_has_exactly_the_promised_fields(api, session):
    answer = api.get("sessions")

    assert answer.status_code == 200
    assert answer.json() == {
        "results": [
            {
                "id": session.pk,
                "contact": {"id": session.contact_id, "name": "Ana 01",
                            "addresses": [{"kind": "phone", "value": "+15550100001"}]},
                "channel": {"id": session.channel_id, "name": "clinic evolution", "provider": "evolution"},
                "is_paused": False,
                "paused_at": None,
                "last_human_at": None,
                "last_message_at": session.last_message_at.isoformat().replace("+00:00", "Z"),
                "unread": 0,
                "status": "open",
                "snoozed_until": None,
                "assignee": None,
                "waiting_since": None,
                "labels": [],
                "last_text": "",
            }
        ],
        "next": None,
        "previous": None,
    }  # fmt: skip


def test_the_list_pages_by_cursor_latest_first_without_loss(api, clinic, make_channel):
    channel = make_channel(clinic, "evolution")
    made = [make_session(channel, f"+155501000{number:02}", minutes=number).pk for number in range(7)]

    found, path = [], "sessions?limit=3"
    while path:
        answer = api.client.get(f"/api/{path}", headers=api.headers()).json()
        found += [row["id"] for row in answer["results"]]
        path = answer["next"] and answer["next"].split("/api/")[1]

    assert found == made


def test_the_list_takes_the_same_number_of_queries_however_long(api, clinic, make_channel):
    channel = make_channel(clinic, "evolution")
    counts = []
    for number in range(1, 12):
        make_session(channel, f"+155501000{number:02}")
        if number in {1, 11}:
            api.get("sessions")
            with CaptureQueriesContext(
                connection,
            ) as queries:
                api.get("sessions")
            counts.append(len(queries))

    assert counts[0] == counts[1] <= 5  # one of them counts the call


def test_the_list_is_filtered(api, clinic, make_channel):
    first = make_session(make_channel(clinic, "evolution"), paused_at=timezone.now())
    second = make_session(make_channel(clinic, "twilio"), "+15550100002", minutes=90)
    an_hour_ago = (timezone.now() - timedelta(hours=1)).isoformat()

    def ids(**query):
        return [row["id"] for row in api.get("sessions", **query).json()["results"]]

    assert ids(is_paused="true") == [first.pk]
    assert ids(is_paused="false") == [second.pk]
    assert ids(channel=second.channel_id) == [second.pk]
    assert ids(since=an_hour_ago) == [first.pk]


@pytest.mark.parametrize(
    "query",
    ["is_paused=perhaps", "channel=x", "channel=-1", "since=yesterday", "since=%00", "is_paused=", "channel=%D9%A1"],
)
def test_a_filter_that_makes_no_sense_is_told(api, session, query):
    answer = api.client.get(f"/api/sessions?{query}", headers=api.headers())

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


@pytest.mark.parametrize(
    "cursor", ["x", "cD1hYmM=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "bz05OTk5OTk5", "cD0lMDA="]
)
def test_a_foreign_cursor_is_never_our_failure(api, session, cursor):
    assert api.client.get(f"/api/sessions?cursor={cursor}", headers=api.headers()).status_code in {200, 404}
    path = f"/api/sessions/{session.pk}/messages?cursor={cursor}"
    assert api.client.get(path, headers=api.headers()).status_code in {200, 404}


def test_a_session_says_what_may_be_sent(api, clinic, make_channel):
    session = make_session(make_channel(clinic, "twilio"), "+15550100001")
    Conversation.objects.filter(pk=session.pk).update(recipient="whatsapp:+15550100001")

    answer = api.get(f"sessions/{session.pk}").json()

    until = session.last_inbound_at + timedelta(hours=24)
    assert answer["reply_window"] == {"mode": "free", "until": until.isoformat().replace("+00:00", "Z")}
    assert (answer["paused_by"], answer["pause_reason"], answer["resume_at"]) == ("", "", None)


def test_pausing_twice_is_pausing_once(api, session):
    first = api.post(f"sessions/{session.pk}/pause", {"reason": "I take it", "hours": 2})
    second = api.post(f"sessions/{session.pk}/pause", {"reason": "I take it", "hours": 2})

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["paused_at"] == first.json()["paused_at"]
    assert (first.json()["paused_by"], first.json()["pause_reason"]) == ("api", "I take it")
    left = parse_datetime(first.json()["resume_at"]) - timezone.now()
    assert timedelta(minutes=119) < left <= timedelta(hours=2)
    assert [entry.actor for entry in AuditEntry.objects.filter(action="paused")] == ["key tests"]


def test_resuming_hands_back(api, session):
    api.post(f"sessions/{session.pk}/pause")

    answers = [api.post(f"sessions/{session.pk}/resume") for _ in range(2)]

    assert [answer.json()["is_paused"] for answer in answers] == [False, False]
    assert AuditEntry.objects.filter(action="resumed").count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"hours": "2"}, {"hours": True}, {"hours": -1}, {"hours": 10**400}, {"hours": 9e99}, {"until": "soon"},
        {"until": 5}, {"until": "2001-01-01T00:00:00Z"}, {"until": "9999-12-31T23:59:59-23:59"}, {"reason": ["x"]},
        {"reason": None}, {"reason": "x" * 201}, {"reason": "\x00"}, {"until": "2099-01-01T00:00:00Z", "hours": 1},
        [], "pause", 5,
    ],
)  # fmt: skip
def test_a_pause_that_makes_no_sense_pauses_nothing(api, session, body):
    answer = api.post(f"sessions/{session.pk}/pause", body)

    assert answer.status_code == 400
    assert not Conversation.objects.get(pk=session.pk).is_paused


def test_writing_pauses_the_assistant_and_queues_the_message(api, session):
    Conversation.objects.filter(pk=session.pk).update(unread=3)

    answer = api.post(f"sessions/{session.pk}/messages", {"text": " Maria here. ", "purpose": "assistant", "id": 1})

    message = Message.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": message.pk, "direction": "out", "purpose": "operator", "kind": "text", "text": "Maria here.",
        "author": "key tests", "created_at": message.created_at.isoformat().replace("+00:00", "Z"), "sent_at": None,
        "scheduled_at": None,
        "delivery": "", "state": "queued", "reason": "", "media": None, "edited_at": None, "deleted_at": None,
    }  # fmt: skip
    session.refresh_from_db()
    assert (session.is_paused, session.paused_by, session.unread) == (True, "operator", 0)


def test_the_same_idempotency_key_writes_once(api, session, clinic, make_channel):
    path = f"sessions/{session.pk}/messages"

    first = api.post(path, {"text": "Hello"}, **{"Idempotency-Key": "k1"})
    again = api.post(path, {"text": "Hello"}, **{"Idempotency-Key": "k1"})
    other = api.post(path, {"text": "Goodbye"}, **{"Idempotency-Key": "k1"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert first.json()["id"] == again.json()["id"]
    assert texts() == ["Hello"]
    assert [api.post(path, {"text": "Hello"}).status_code for _ in range(2)] == [201, 201]


def test_an_idempotency_key_of_another_session_is_refused(api, session):
    other = make_session(session.channel, "+15550100002")
    api.post(f"sessions/{session.pk}/messages", {"text": "Hello"}, **{"Idempotency-Key": "k1"})

    answer = api.post(f"sessions/{other.pk}/messages", {"text": "Hello"}, **{"Idempotency-Key": "k1"})

    assert (answer.status_code, texts()) == (422, ["Hello"])


@pytest.mark.parametrize(
    "raw",
    [
        b'{"text": 5}', b'{"text": null}', b'{"text": ["a"]}', b'{"text": {"a": 1}}', b'{"text": true}',
        b'{"text": ""}', b'{"text": "  \\n "}', b'{"text": "a\\u0000b"}', b'{"text": "a\\ud800b"}', b"{}", b"[]",
        b'["text"]', b'"text"', b"5", b"null", b'{"text": NaN}', b'{"text"', b"\xff\xfe", b"[" * 100_000,
        b'{"text": "' + b"x" * 4097 + b'"}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_message_is_refused_and_nothing_is_written(api, session, raw):
    answer = api.post(f"sessions/{session.pk}/messages", raw=raw)

    assert answer.status_code == 400
    assert answer.json()["status"] == 400
    assert texts() == []


def test_a_huge_body_is_refused_unread(api, session):
    for path, size in (("pause", 1_000_000), ("messages", 25_300_000)):
        answer = api.post(f"sessions/{session.pk}/{path}", raw=b'{"text": "' + b"x" * size + b'"}')
        assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert texts() == []


def test_somebody_who_opted_out_is_left_alone(api, session):
    Contact.objects.update(opted_out_at=timezone.now())

    answer = api.post(f"sessions/{session.pk}/messages", {"text": "Hello"})

    assert (answer.status_code, texts()) == (409, [])
    assert not Conversation.objects.get(pk=session.pk).is_paused


def test_messages_come_newest_first_with_their_files_and_no_secrets(api, session):
    written = [
        Message.objects.insert_once(
            conversation=session, channel_id=session.channel_id, direction="in", purpose="customer",
            external_id=f"m{number}", text=f"message {number}",
        )
        for number in range(3)
    ]  # fmt: skip
    MediaFile.objects.create(
        tenant=session.tenant, message=written[2], url="https://cdn.test/secret", inline="c2VjcmV0", reference="secret"
    )

    answer = api.get(f"sessions/{session.pk}/messages")

    assert [row["text"] for row in answer.json()["results"]] == ["message 2", "message 1", "message 0"]
    assert answer.json()["results"][0]["media"]["is_stored"] is False
    assert b"secret" not in answer.content
    assert b"c2VjcmV0" not in answer.content


@pytest.mark.parametrize("pk", ["0", "999999", "9" * 30])
def test_an_id_that_is_nobodys_is_404(api, session, pk):
    for path in (f"sessions/{pk}", f"sessions/{pk}/messages"):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/not-found")
