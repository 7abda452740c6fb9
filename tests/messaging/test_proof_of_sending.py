"""What shows that a send went out, and that nothing goes out twice for want of looking at it."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from common.work import relay
from common.work.rows import State
from common.work.run import work_on
from messaging import services as messaging
from messaging.models import Attempt, Channel, Message, Purpose, messages
from messaging.providers.base import DeliveryStatus, StatusUpdate
from messaging.services import delivery

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def row(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def status_of(message: Message, status: DeliveryStatus = DeliveryStatus.SENT, **more: object) -> StatusUpdate:
    fields = {"external_id": "wamid.PROOF", "reference": str(message.pk), **more}
    return StatusUpdate(channel=message.channel.external_id, status=status, **fields)


def begin(message: Message) -> Attempt:
    """The send has begun: its attempt is committed and the provider is being called."""
    attempt = delivery._begin(Message.objects.claim(message.pk))
    assert attempt is not None
    return attempt


def die(message: Message) -> None:
    """The worker of a claimed message is gone and the sweep has seen it."""
    Message.objects.filter(pk=message.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    relay.sweep()


def test_f56_a_status_that_comes_before_the_sweep_is_proof_enough(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "meta")), "accepted, then killed")
    begin(message)
    messaging.record_status(channel=message.channel, update=status_of(message))

    die(message)
    drain()

    assert sim.sends("meta") == []
    assert (row(message).state, row(message).external_id) == (State.DONE, "wamid.PROOF")


def test_f57_a_status_during_a_call_that_times_out_is_proof_enough(clinic, wire, sim, talk, say, settings, drain):
    settings.SEND_TIMEOUT_SECONDS = 1.5  # a slow machine's message has arrived by then
    sim.fail("meta", "timeout_after_accept", times=1, seconds=4)
    message = say(talk(wire(clinic, "meta")), "slow")
    real, send = delivery.outbound_message, messaging.record_status

    def told_meanwhile(claimed: Message) -> object:
        send(channel=claimed.channel, update=status_of(claimed))
        return real(claimed)

    delivery.outbound_message = told_meanwhile
    try:
        drain()
    finally:
        delivery.outbound_message = real

    assert len(sim.sends("meta")) == 1
    assert (row(message).state, row(message).delivery) == (State.DONE, DeliveryStatus.SENT)


def test_a_failure_told_before_the_sweep_ends_the_message(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "meta")), "refused later")
    begin(message)
    update = status_of(message, DeliveryStatus.FAILED, error_code="131026", error_text="undeliverable")
    messaging.record_status(channel=message.channel, update=update)

    die(message)
    drain()

    assert sim.sends("meta") == []
    assert (row(message).state, row(message).error_code) == (State.DEAD, "131026")


@pytest.mark.parametrize("purpose", [Purpose.ASSISTANT, Purpose.PAYMENT])
def test_trouble_of_ours_after_the_provider_took_it_sends_it_no_second_time(
    purpose, clinic, wire, sim, talk, say, settings, monkeypatch, drain
):
    settings.UNCERTAIN_SECONDS = 60
    message = say(talk(wire(clinic, "meta")), "taken", purpose)
    monkeypatch.setattr(delivery, "_wake_up", lambda _: (_ for _ in ()).throw(OperationalError("deadlock")))

    drain()

    assert len(sim.sends("meta")) == 1
    assert row(message).state == State.UNCERTAIN
    assert [attempt.outcome for attempt in message.tries.all()] == ["uncertain"]


def test_a_provider_that_gives_an_id_twice_is_not_asked_again(clinic, wire, sim, talk, say, monkeypatch, drain):
    channel = wire(clinic, "meta")
    first = say(talk(channel), "one")
    drain()
    Message.objects.filter(pk=first.pk).update(external_id="wamid.SAME")
    monkeypatch.setattr(delivery, "provider_of", lambda _: _SameId(delivery.Sent(external_id="wamid.SAME")))
    second = say(talk(channel, phone="+15550100112"), "two")

    drain()

    assert _SameId.calls == 1
    assert (row(second).state, row(second).delivery) == (State.DONE, DeliveryStatus.ACCEPTED)


class _SameId:
    calls = 0

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.max_text, self.messages_per_second, self.reply_window_hours = 4096, 80.0, 24

    def send(self, *_: object) -> object:
        type(self).calls += 1
        return self.answer


def test_trouble_before_the_call_is_simply_tried_again(clinic, wire, sim, talk, say, monkeypatch):
    message = say(talk(wire(clinic, "meta")), "not yet")
    monkeypatch.setattr(delivery, "outbound_message", lambda _: (_ for _ in ()).throw(ValueError("odd")))

    work_on(Message, message.pk, messaging.deliver)

    assert row(message).state == State.QUEUED
    assert not message.tries.filter(outcome="").exists()


def test_a_lease_that_ends_between_two_looks_of_the_sweep_is_not_called_unsent(
    clinic, wire, sim, talk, say, monkeypatch
):
    channel = wire(clinic, "meta")
    first, second = say(talk(channel), "first"), say(talk(channel, phone="+15550100112"), "in between")
    begin(first)
    begin(second)
    mark_uncertain = messages._mark_uncertain

    def slowly(pk: int) -> int:
        Message.objects.filter(pk=second.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        return mark_uncertain(pk)

    monkeypatch.setattr(messages, "_mark_uncertain", slowly)
    die(first)
    assert (row(first).state, row(second).state) == (State.UNCERTAIN, State.WORKING)

    relay.sweep()
    assert row(second).state == State.UNCERTAIN


def test_a_late_status_ends_what_was_held_as_uncertain(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "meta")), "pay here", Purpose.PAYMENT)
    begin(message)
    die(message)
    drain()
    assert (row(message).state, row(message).held_by) == (State.HELD, "uncertain")

    messaging.record_status(channel=message.channel, update=status_of(message, DeliveryStatus.READ))

    assert (row(message).state, row(message).held_by) == (State.DONE, "")
    assert Channel.objects.get().problem == ""
