"""Compiled queries return the same as the querysets they are built from."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.db.compiled import CompiledQuery, CompiledUpdate, Slot, now_plus
from common.db.inserts import CompiledInsert, insert_once
from common.work.rows import State
from messaging.models import Channel, Conversation, Message, WebhookEvent

pytestmark = [pytest.mark.django_db, pytest.mark.both]

BY_NAME = CompiledQuery(
    lambda: Channel.objects.select_related("tenant").filter(tenant=Slot("tenant"), name=Slot("name"))
)
WITH_FACT = CompiledQuery(
    lambda: (
        Conversation.objects.filter(pk=Slot("pk"))
        .only("pk")
        .annotate(has_messages=Exists(Message.objects.filter(conversation=OuterRef("pk"))))
    )
)
LOCKED = CompiledQuery(lambda: Conversation.objects.select_for_update().filter(pk=Slot("pk")))
LATER = CompiledUpdate(
    lambda: WebhookEvent.objects.filter(pk=Slot("pk"), due_at__lte=Now()),
    due_at=now_plus("wait"),
    attempts=F("attempts") + 1,
    last_error=Slot("why"),
)


def test_rows_come_with_their_relations_and_converted_values(channel, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = BY_NAME.first(tenant=channel.tenant_id, name=channel.name)
        assert found == channel
        assert found.tenant.slug == "clinic"
    assert found.credentials.get("api_key") == channel.credentials.get("api_key")
    assert found.created_at == channel.created_at


def test_other_values_find_other_rows(channel, salon):
    assert BY_NAME.first(tenant=salon.pk, name=channel.name) is None
    assert BY_NAME.all(tenant=channel.tenant_id, name="' OR 1=1 --") == []
    with pytest.raises(Channel.DoesNotExist):
        BY_NAME.get(tenant=channel.tenant_id, name="another")


def test_annotations_and_deferred_fields(session):
    found = WITH_FACT.get(pk=session.pk)

    assert found.has_messages is Message.objects.filter(conversation=session).exists()
    assert found.channel_id == session.channel_id  # read when it is asked for


def test_an_update_says_how_many_and_may_return_the_row(channel):
    event = WebhookEvent.objects.create(provider="meta", body=b"\x00{}", channel=channel)

    assert LATER.run(pk=event.pk, wait=timedelta(seconds=-5), why="first") == 1
    changed = LATER.returning(pk=event.pk, wait=timedelta(hours=1), why="second")
    assert LATER.returning(pk=event.pk, wait=timedelta(hours=1), why="not due") is None

    assert (changed.attempts, changed.last_error, bytes(changed.body)) == (2, "second", b"\x00{}")
    assert timedelta(minutes=59) < changed.due_at - timezone.now() < timedelta(minutes=61)
    event.refresh_from_db()
    assert (event.attempts, event.due_at) == (2, changed.due_at)


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction(session):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no row locks")  # its writers are serial anyway
    with transaction.atomic():
        assert LOCKED.get(pk=session.pk) == session

    with pytest.raises(transaction.TransactionManagementError):
        LOCKED.get(pk=session.pk)


def test_insert_once_tells_whether_it_was_this_row(session):
    fields = {"conversation": session, "channel": session.channel, "tenant": session.tenant}
    first = Message(**fields, direction="in", purpose="customer", external_id="A", data={"a": [1]})
    again = Message(**fields, direction="in", purpose="customer", external_id="A")

    assert (insert_once(first), insert_once(again)) == (True, False)

    kept = Message.objects.get(pk=first.pk)
    assert (kept.external_id, kept.data, kept.state) == ("A", {"a": [1]}, State.QUEUED)
    assert kept.due_at is not None
    assert again.pk is None


NEW = CompiledInsert(WebhookEvent, due_at=now_plus("wait"))


def test_an_insert_may_leave_a_value_to_the_database(db):
    event = WebhookEvent(provider="meta", body=b"{}", received_at=timezone.now())

    assert NEW.insert_row(event, wait=timedelta(hours=2))

    event.refresh_from_db()
    assert timedelta(minutes=119) < event.due_at - timezone.now() < timedelta(minutes=121)
    assert (event.state, bytes(event.body)) == (State.QUEUED, b"{}")


def test_an_update_may_read_the_row_with_its_relations(channel, django_assert_num_queries):
    event = WebhookEvent.objects.create(provider="meta", body=b"{}", channel=channel)
    with_channel = CompiledQuery(lambda: WebhookEvent.objects.select_related("channel__tenant").filter(pk=Slot("pk")))

    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 2):
        changed = LATER.update_and_fetch_related(with_channel, pk=event.pk, wait=timedelta(hours=1), why="taken")
        assert changed.channel.tenant.slug == "clinic"

    assert (changed.attempts, changed.last_error) == (1, "taken")
    assert LATER.update_and_fetch_related(with_channel, pk=event.pk, wait=timedelta(hours=1), why="not due") is None


TAKEN = CompiledUpdate(
    lambda: Message.objects.filter(pk=Slot("pk"), state=State.QUEUED),
    asks=lambda: {
        "has_more": Exists(Message.objects.filter(conversation=OuterRef("conversation"), text=Slot("word"))),
        "next": Message.objects.filter(conversation=OuterRef("conversation"), pk__gt=OuterRef("pk")).values("pk")[:1],
    },
    state=State.WORKING,
)


def test_an_update_may_ask_about_the_row_in_the_same_statement(session, django_assert_num_queries):
    fields = {"conversation": session, "channel": session.channel, "tenant": session.tenant, "direction": "in"}
    first, second = (Message.objects.create(**fields, text=text, external_id=text) for text in ("one", "two"))

    with django_assert_num_queries(1):
        asked = TAKEN.update_returning(pk=first.pk, word="two")

    assert asked["next"] == second.pk
    assert asked["has_more"]
    assert Message.objects.get(pk=first.pk).state == State.WORKING
    assert TAKEN.update_returning(pk=first.pk, word="two") is None
    last = TAKEN.update_returning(pk=second.pk, word="three")
    assert last["next"] is None
    assert not last["has_more"]


FORGETTABLE = CompiledUpdate(
    lambda: WebhookEvent.objects.filter(pk=Slot("pk")), may_be_lost=True, attempts=F("attempts") + 1
)


def set_off(execute):
    """How many statements of `execute` asked for a commit that does not wait."""
    with CaptureQueriesContext(connection) as captured:
        execute()
    return sum("synchronous_commit" in query["sql"] for query in captured)


@pytest.fixture
def hurried():
    """A connection whose commits wait for the disk, which the tests' own server does not ask for."""
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit TO on")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET synchronous_commit")


def waits():
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return cursor.fetchone()[0]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("hurried")
def test_a_hint_alone_does_not_wait_for_the_disk_and_what_follows_does(channel):
    event = WebhookEvent.objects.create(provider="meta", body=b"{}", channel=channel)

    assert set_off(lambda: FORGETTABLE.run(pk=event.pk)) == 1
    assert set_off(lambda: FORGETTABLE.returning(pk=event.pk)) == 1
    assert set_off(lambda: WebhookEvent.objects.claim(event.pk)) == 1

    assert waits() == "on"
    event.refresh_from_db()
    assert (event.attempts, event.state) == (3, State.WORKING)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("hurried")
def test_a_hint_decides_nothing_about_a_transaction_that_it_is_part_of(channel):
    event = WebhookEvent.objects.create(provider="meta", body=b"{}", channel=channel)

    with transaction.atomic():
        assert set_off(lambda: FORGETTABLE.run(pk=event.pk)) == 0
        assert waits() == "on"
