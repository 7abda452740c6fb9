"""The one sender, under what providers and machines do to it (RELIABILITY section 2 O, section 3)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from common.models import CircuitBreaker
from common.work import relay
from common.work.rows import State
from common.work.run import work_on
from messaging import services as messaging
from messaging.models import Channel, Message, Purpose, WebhookEvent
from messaging.models.conversations import PausedBy
from messaging.providers.base import DeliveryStatus
from tests.support.sending import make_due, row, texts

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.mark.parametrize("provider", ["meta", "dialog360", "evolution", "twilio", "imessage"])
def test_a_message_goes_out_on_every_wire_with_its_reference(provider, clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, provider)), "We are open until 18:00.")

    drain()

    assert texts(sim, provider) == ["We are open until 18:00."]
    assert (row(message).state, row(message).delivery) == (State.DONE, DeliveryStatus.ACCEPTED)
    assert [attempt.outcome for attempt in message.tries.all()] == ["accepted"]
    if provider != "evolution":
        assert sim.sends(provider)[0]["reference"] == str(message.pk)


def test_bubbles_leave_in_order_even_when_the_first_is_refused(clinic, wire, sim, talk, say, drain):
    conversation = talk(wire(clinic, "meta"))
    sim.fail("meta", "status", status=429, times=1, body={"error": {"code": 130429, "message": "slow"}})
    first, second = say(conversation, "one"), say(conversation, "two")

    drain()
    assert texts(sim, "meta") == []
    for message in (first, second):
        make_due(message)
    drain()

    assert texts(sim, "meta") == ["one", "two"]


def test_f34_a_task_delivered_twice_sends_once(clinic, wire, sim, talk, say):
    message = say(talk(wire(clinic, "meta")), "once")

    work_on(Message, message.pk, messaging.deliver)
    work_on(Message, message.pk, messaging.deliver)

    assert texts(sim, "meta") == ["once"]


def test_f37_a_task_that_kills_its_process_is_dead_after_three_starts(clinic, make_channel):
    event = messaging.store_webhook(provider="evolution", body=b"{}", channel=make_channel(clinic, "evolution"))

    for _ in range(3):
        assert WebhookEvent.objects.claim(event.pk) is not None
        WebhookEvent.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        relay.sweep()

    event.refresh_from_db()
    assert (event.state, event.crashes) == (State.DEAD, 3)
    assert WebhookEvent.objects.claim(event.pk) is None


def test_f58_a_429_storm_costs_one_request_per_refill(clinic, wire, sim, talk, say, drain):
    channel = wire(clinic, "meta")
    conversations = [talk(channel, phone=f"+155501001{number:02d}") for number in range(8)]
    sim.fail("meta", "status", status=429, times=-1, body={"error": {"code": 130429, "message": "slow"}})
    for conversation in conversations:
        say(conversation, f"to {conversation.pk}")

    drain()
    refused = [r for r in sim.record("meta", direction="in") if not r["accepted"]]
    assert len(refused) == 1

    sim.reset()
    sim.statuses("none")
    for _ in range(12):
        for message in Message.objects.filter(direction="out", state=State.QUEUED):
            make_due(message)
        drain()
    assert sorted(texts(sim, "meta")) == sorted(f"to {conversation.pk}" for conversation in conversations)


def test_f59_a_message_outlives_an_outage_of_any_length_below_its_age(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "meta")), "patient")
    sim.fail("meta", "status", status=503, times=20, body={"error": {"code": 2, "message": "temporary"}})

    for _ in range(20):
        drain()
        make_due(message)
    assert row(message).state == State.QUEUED
    drain()

    assert texts(sim, "meta") == ["patient"]


def test_what_could_not_be_sent_in_time_is_dead_with_its_reason(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "meta")), "stale")
    sim.fail("meta", "status", status=503, times=1, body={"error": {"code": 2, "message": "temporary"}})
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(hours=7))

    drain()

    assert row(message).state == State.DEAD
    assert row(message).last_error.startswith("could not be sent in time")


def test_f60_a_permanent_error_fails_at_once_with_its_reason(clinic, wire, sim, talk, say, drain):
    sim.fail("meta", "status", status=400, times=-1, body={"error": {"code": 131026, "message": "undeliverable"}})
    message = say(talk(wire(clinic, "meta")), "nobody there")

    drain()

    assert (row(message).state, row(message).error_code, row(message).attempts) == (State.DEAD, "131026", 1)
    assert row(message).last_error
    assert row(message).delivery == DeliveryStatus.FAILED


def test_f61_a_revoked_token_holds_the_channel_until_it_is_mended(clinic, wire, sim, talk, say, drain):
    channel = wire(clinic, "meta")
    rule = {"error": {"code": 190, "message": "token expired", "type": "OAuthException"}}
    sim.fail("meta", "status", status=401, times=1, body=rule)
    first, second = say(talk(channel), "one"), say(talk(channel, phone="+15550100112"), "two")

    drain()
    assert [row(first).held_by, row(second).held_by] == ["channel", "channel"]
    assert Channel.objects.get().problem
    messaging.set_up_channel(
        tenant=clinic,
        provider="meta",
        name="mended",
        external_id=channel.external_id,
        credentials={"access_token": "fresh-token"},
    )
    sim.set_config(_config(channel))
    drain()

    assert sorted(texts(sim, "meta")) == ["one", "two"]  # two sessions: whichever is due first
    assert Channel.objects.get().problem == ""


def test_f63_a_nonsense_answer_is_uncertain(clinic, wire, sim, talk, say, settings, drain):
    settings.UNCERTAIN_SECONDS = 60
    sim.fail("meta", "garbage", times=1)
    message = say(talk(wire(clinic, "meta")), "odd")

    drain()

    assert row(message).state == State.UNCERTAIN


def test_what_the_assistant_queued_is_withdrawn_by_a_pause(clinic, wire, sim, talk, say, drain):
    conversation = talk(wire(clinic, "meta"))
    word, fact = say(conversation, "assistant"), say(conversation, "your bill", Purpose.PAYMENT)

    messaging.pause(conversation=conversation, by=PausedBy.OPERATOR)
    drain()

    assert (row(word).state, row(word).last_error) == (State.IGNORED, "paused")
    assert row(fact).state == State.DONE
    with pytest.raises(messaging.SendRefused):
        say(conversation, "again")


def test_an_opt_out_reaches_what_is_queued(clinic, wire, sim, talk, say, drain):
    conversation = talk(wire(clinic, "meta"))
    message = say(conversation, "never")

    messaging.opt_out(contact=conversation.contact, by="customer")
    drain()

    assert sim.sends("meta") == []
    assert row(message).state == State.IGNORED


def test_the_breaker_stops_calling_a_dead_provider(clinic, wire, sim, talk, say, drain, settings):
    settings.UNCERTAIN_SECONDS = 600
    channel = wire(clinic, "meta")
    sim.fail("meta", "status", status=500, times=-1, body="<html>")
    for number in range(9):
        say(talk(channel, phone=f"+155501002{number:02d}"), f"down {number}")

    drain()

    assert len(sim.record("meta", direction="in")) == 5
    assert CircuitBreaker.objects.get().failures == 5


def test_claims_compare_with_the_clock_of_the_database(clinic, wire, talk, say):
    message = say(talk(wire(clinic, "meta")), "later")
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
    Message.objects.filter(pk=message.pk).update(due_at=timezone.now() + timedelta(seconds=30))

    assert Message.objects.claim(message.pk) is None


def test_a_worker_with_a_wrong_clock_writes_the_right_time_of_its_send(clinic, wire, talk, say, monkeypatch):
    message = say(talk(wire(clinic, "meta")), "now")
    right, ahead = timezone.now(), timezone.now() + timedelta(minutes=10)
    monkeypatch.setattr(timezone, "now", lambda: ahead)

    work_on(Message, message.pk, messaging.deliver)

    attempt = message.tries.get()
    assert abs(attempt.started_at - right) < timedelta(minutes=5)
    assert attempt.finished_at >= attempt.started_at


def _config(channel):
    from tests.support.wires import simulator_config

    return simulator_config([Channel.objects.get(pk=channel.pk)])
