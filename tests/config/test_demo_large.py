"""The large demo, made small: what it writes is what the product would have written."""

from dataclasses import replace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from benchmarks import list_routes
from config import demo_large
from messaging.models import Attempt, Channel, Contact, Conversation, Message
from messaging.models.conversations import WANTS_PERSON

pytestmark = [pytest.mark.django_db, pytest.mark.both]
SESSIONS = 200


@pytest.fixture
def tenant():
    tenant, is_new = demo_large.load_large_demo(sessions=SESSIONS)
    assert is_new
    return tenant


def test_a_session_has_twenty_messages_on_average(tenant):
    assert Contact.objects.of(tenant).count() == Conversation.objects.of(tenant).count() == SESSIONS
    assert Message.objects.of(tenant).count() == 20 * SESSIONS
    assert Channel.objects.of(tenant).count() == len(demo_large.LINES)
    assert 0 < Attempt.objects.count() < SESSIONS * 10


def test_sessions_agree_with_their_messages(tenant):
    for session in Conversation.objects.of(tenant):
        messages = list(session.messages.order_by("pk"))
        assert messages == sorted(messages, key=lambda message: message.created_at)
        assert messages[-1].created_at == session.last_message_at
        assert {message.channel_id for message in messages} == {session.channel_id}
        assert (messages[-1].direction == "in") is (session.unread > 0)
        assert (session.last_text, session.last_purpose) == (messages[-1].text, messages[-1].purpose)
        assert session.waiting_since == (session.last_inbound_at if session.unread else None)


def test_there_are_paused_sessions_and_messages_that_need_a_person(tenant):
    assert Conversation.objects.of(tenant).filter(paused_at__isnull=False).count() == SESSIONS // 50
    assert Conversation.objects.of(tenant).filter(WANTS_PERSON).count() == SESSIONS // 100
    assert set(Message.objects.of(tenant).values_list("state", flat=True)) == {"done", "held", "dead"}


def test_nothing_is_ever_sent_to_invented_people(tenant):
    assert not Message.objects.of(tenant).filter(state__in=["queued", "working", "uncertain"]).exists()
    assert not Channel.objects.of(tenant).filter(outbound_enabled=True).exists()


def test_a_second_load_changes_nothing(tenant):
    assert demo_large.load_large_demo(sessions=SESSIONS) == (tenant, False)
    assert Message.objects.of(tenant).count() == 20 * SESSIONS


def test_rows_made_afterwards_get_ids_of_their_own(tenant):
    channel = Channel.objects.of(tenant).first()
    contact = Contact.objects.create(tenant=tenant, name="Ana")

    assert Conversation.objects.create(tenant=tenant, channel=channel, contact=contact).pk
    assert Contact.objects.of(tenant).count() == SESSIONS + 1


def test_it_does_not_belong_into_production(monkeypatch):
    monkeypatch.setattr(settings, "IS_PRODUCTION", True)

    with pytest.raises(CommandError, match="production"):
        call_command("load_demo", scale="large")
    assert not Channel.objects.exists()


@pytest.mark.once
def test_every_list_answers_in_few_queries(tenant, monkeypatch):
    monkeypatch.setattr(list_routes, "BETWEEN", 1)  # pages of Django's own that are shown beside each list
    found, page = list_routes.costs(1, tuple(replace(route, skip=min(route.skip, 2)) for route in list_routes.ROUTES))

    assert page > 0
    assert {cost.name for cost in found} == {route.name for route in list_routes.ROUTES}
    assert {cost.name: cost.queries for cost in found if cost.queries > 12} == {}
