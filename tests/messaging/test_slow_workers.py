"""A worker that is frozen, or slower than its lease: what it knows is kept, nothing goes twice (RELIABILITY F41)."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from common.work import relay
from common.work.rows import LeaseLost, State
from common.work.run import work_on
from messaging import services as messaging
from messaging.models import Message, Purpose
from messaging.services import delivery
from tests.support.sending import make_due, row, texts

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_f41_a_frozen_worker_neither_sends_nor_writes(clinic, wire, sim, talk, say):
    message = say(talk(wire(clinic, "meta")), "frozen")
    frozen = Message.objects.claim(message.pk)
    Message.objects.filter(pk=message.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    relay.sweep()
    work_on(Message, message.pk, messaging.deliver)

    with pytest.raises(LeaseLost):
        messaging.deliver(frozen)

    assert texts(sim, "meta") == ["frozen"]
    assert row(message).state == State.DONE


def test_f41_a_slow_worker_claims_its_message_anew_before_it_calls(clinic, wire, sim, talk, say, settings):
    message = say(talk(wire(clinic, "meta")), "late", Purpose.PAYMENT)
    settings.LEASE_SECONDS, settings.SEND_TIMEOUT_SECONDS = 15.1, 15
    claimed = Message.objects.claim(message.pk)
    time.sleep(0.15)

    messaging.deliver(claimed)

    assert texts(sim, "meta") == ["late"]
    assert (row(message).state, message.tries.get().outcome) == (State.DONE, "accepted")


def swept(message):
    Message.objects.filter(pk=message.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    relay.sweep()


@pytest.mark.parametrize("purpose", [Purpose.PAYMENT, Purpose.APPROVAL, Purpose.ASSISTANT])
def test_f41_what_was_swept_before_the_call_is_known_to_be_unsent(
    purpose, clinic, wire, sim, talk, say, settings, monkeypatch, drain
):
    message = say(talk(wire(clinic, "meta")), "swept", purpose)
    settings.LEASE_SECONDS, settings.SEND_TIMEOUT_SECONDS = 15, 15.1
    begin = delivery._begin

    def frozen_after(row):
        attempt = begin(row)
        swept(row)
        return attempt

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "_begin", frozen_after)
        with pytest.raises(LeaseLost):
            messaging.deliver(Message.objects.claim(message.pk))
    assert texts(sim, "meta") == []
    assert [attempt.outcome for attempt in message.tries.all()] == ["unsent"]

    make_due(message)
    drain()

    assert texts(sim, "meta") == ["swept"]
    assert (row(message).state, row(message).resends) == (State.DONE, 0)


def sweep_during_the_call(message, monkeypatch):
    """A call of the provider that lasts so long that the sweep takes its message meanwhile."""
    find = delivery.provider_of

    class Slow:
        def __init__(self, provider):
            self.provider = provider

        def send(self, *given):
            try:
                return self.provider.send(*given)
            finally:
                swept(message)

    monkeypatch.setattr(delivery, "provider_of", lambda channel: Slow(find(channel)))


@pytest.mark.parametrize("provider", ["meta", "dialog360", "evolution", "twilio", "imessage"])
@pytest.mark.parametrize("purpose", [Purpose.PAYMENT, Purpose.APPROVAL, Purpose.ASSISTANT])
def test_f41_an_acceptance_that_comes_after_the_lease_is_proof_enough(
    provider, purpose, clinic, wire, sim, talk, say, monkeypatch, drain
):
    message = say(talk(wire(clinic, provider)), "accepted late", purpose)
    with monkeypatch.context() as patched:
        sweep_during_the_call(message, patched)
        with pytest.raises(LeaseLost):
            messaging.deliver(Message.objects.claim(message.pk))

    assert (row(message).state, row(message).held_by) == (State.DONE, "")
    assert row(message).external_id == sim.sends(provider)[0]["id"]
    make_due(message)
    drain()
    assert texts(sim, provider) == ["accepted late"]


@pytest.mark.parametrize("purpose", [Purpose.PAYMENT, Purpose.APPROVAL, Purpose.ASSISTANT])
def test_f41_a_refusal_that_comes_after_the_lease_lets_the_message_go_again(
    purpose, clinic, wire, sim, talk, say, monkeypatch, drain
):
    message = say(talk(wire(clinic, "meta")), "refused late", purpose)
    sim.fail("meta", "status", status=429, times=1, body={"error": {"code": 130429, "message": "slow"}})
    with monkeypatch.context() as patched:
        sweep_during_the_call(message, patched)
        with pytest.raises(LeaseLost):
            messaging.deliver(Message.objects.claim(message.pk))
    make_due(message)

    drain()

    assert texts(sim, "meta") == ["refused late"]
    assert [attempt.outcome for attempt in message.tries.order_by("pk")] == ["retry", "accepted"]
