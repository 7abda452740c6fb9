"""Nobody knows whether it arrived: proof, one resend, or a person's decision (RELIABILITY O3, F56, F57)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.work import queue, relay
from common.work.rows import State
from messaging import services as messaging
from messaging.models import Attempt, Message, PendingStatus, Purpose
from messaging.providers.base import DeliveryStatus, SentEcho, StatusUpdate
from messaging.services import delivery
from tests.support.sending import make_due, row

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def kill_while_sending(message):
    """Die between the provider's answer and our note of it: the attempt stays open, the lease runs out."""
    claimed = Message.objects.claim(message.pk)
    attempt = delivery._begin(claimed)
    sent = delivery.provider_of(claimed.channel).send(
        delivery.outbound_message(claimed), delivery.account_of(claimed.channel), delivery.operator_client()
    )
    Message.objects.filter(pk=message.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    relay.sweep()
    return attempt, sent


def test_f56_killed_after_accept_is_uncertain_and_the_echo_ends_it(clinic, wire, sim, talk, say, settings, drain):
    settings.UNCERTAIN_SECONDS = 60
    channel = wire(clinic, "meta")
    message = say(talk(channel), "accepted, then killed")
    _, sent = kill_while_sending(message)
    assert row(message).state == State.UNCERTAIN

    update = StatusUpdate(
        external_id=sent.external_id, channel=channel.external_id, status=DeliveryStatus.SENT, reference=str(message.pk)
    )
    messaging.record_status(channel=channel, update=update)
    make_due(message)
    drain()

    assert len(sim.sends("meta")) == 1
    assert (row(message).state, row(message).external_id) == (State.DONE, sent.external_id)


def test_f56_what_the_provider_said_while_all_workers_were_away_is_read_first(clinic, wire, sim, talk, say, drain):
    channel = wire(clinic, "meta")
    message = say(talk(channel), "accepted, then all workers were away")
    kill_while_sending(message)
    unread = messaging.store_webhook(provider="meta", body=b"{}", channel=channel)
    make_due(message)

    delivery.deliver(Message.objects.claim(message.pk))
    assert (len(sim.sends("meta")), row(message).state) == (1, State.QUEUED)

    queue.run_task("messaging.process_webhook", unread.pk)  # it tells of something else
    make_due(message)
    drain()
    assert (len(sim.sends("meta")), row(message).state) == (2, State.DONE)


def test_f56_without_an_echo_a_reply_goes_once_more_and_no_further(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "evolution")), "may arrive twice")
    kill_while_sending(message)
    make_due(message)
    kill_while_sending(message)
    make_due(message)

    drain()

    assert len(sim.sends("evolution")) == 2
    assert (row(message).state, row(message).held_by) == (State.HELD, "uncertain")


@pytest.mark.parametrize("purpose", [Purpose.PAYMENT, Purpose.APPOINTMENT])
def test_f56_what_must_not_come_twice_is_held_for_a_person(purpose, clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "meta")), "pay here", purpose)
    kill_while_sending(message)
    make_due(message)

    drain()

    assert len(sim.sends("meta")) == 1
    assert (row(message).state, row(message).held_by) == (State.HELD, "uncertain")


def test_f56_where_the_same_reference_twice_is_one_message_even_a_bill_goes_again(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "imessage")), "your bill", Purpose.PAYMENT)
    kill_while_sending(message)
    make_due(message)

    drain()

    assert [record["kind"] for record in sim.record("imessage", direction="in")] == ["text", "duplicate"]
    assert row(message).state == State.DONE


def test_f56_a_template_is_not_sent_twice_for_want_of_an_echo(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "evolution")), "template")
    kill_while_sending(message)
    Message.objects.filter(pk=message.pk).update(kind="template")
    make_due(message)

    drain()

    assert (row(message).state, row(message).held_by) == (State.HELD, "uncertain")


def test_f57_a_provider_that_accepts_and_times_out_is_asked_no_second_time_when_it_echoes(
    clinic, wire, sim, talk, say, settings, drain
):
    settings.UNCERTAIN_SECONDS = 60
    channel = wire(clinic, "meta")
    sim.fail("meta", "timeout_after_accept", times=1, seconds=4)
    settings.SEND_TIMEOUT_SECONDS = 1.5  # a slow machine's message has arrived by then
    message = say(talk(channel), "timed out")

    drain()
    assert row(message).state == State.UNCERTAIN
    wamid = sim.record("meta", direction="in")[-1]["id"]
    update = StatusUpdate(
        external_id=wamid, channel=channel.external_id, status=DeliveryStatus.DELIVERED, reference=str(message.pk)
    )
    messaging.record_status(channel=channel, update=update)

    assert len(sim.sends("meta")) == 1
    assert (row(message).state, row(message).delivery) == (State.DONE, DeliveryStatus.DELIVERED)


def test_f57_evolution_shows_what_its_api_sent(clinic, wire, sim, talk, say):
    channel = wire(clinic, "evolution")
    conversation = talk(channel)
    message = _uncertain(say(conversation, "uncertain text"))
    person = conversation.contact.addresses.get()
    echo = SentEcho(
        external_id="3EB0ECHO",
        channel=channel.external_id,
        recipient=_person(person),
        text="uncertain text",
    )

    messaging.record_echo(channel=channel, echo=echo)

    assert (row(message).state, row(message).external_id) == (State.DONE, "3EB0ECHO")


CHOICES = [
    {"payload": f"{answer}:1", "title": title}
    for answer, title in (("yes", "I will come"), ("no", "Cancel"), ("move", "Another time"))
]


@pytest.fixture
def show(post_webhook, payload, sim, drain):
    """Show a send with the text that went over the wire, as the server tells of its own sends or of the phone's."""

    def post(channel, event, external_id):
        name = {"send.message": "send_message_text", "messages.upsert": "upsert_from_me_phone"}[event]
        body = payload(f"evolution/{name}.json")
        body["data"]["key"]["id"] = external_id
        body["data"]["messageTimestamp"] = int(timezone.now().timestamp())
        body["data"]["message"] = {"conversation": sim.sends("evolution")[-1]["text"]}
        post_webhook(channel, body)
        drain()

    return post


@pytest.mark.parametrize("event", ["send.message", "messages.upsert"])
@pytest.mark.parametrize("text", ["See you on Monday?", " with space around it\n", "two\nlines"])
@pytest.mark.parametrize("choices", [[], CHOICES[:1], CHOICES])
def test_f57_evolution_shows_a_send_with_its_choices_and_it_is_ours(
    event, text, choices, clinic, wire, sim, talk, show, settings, drain
):
    settings.UNCERTAIN_SECONDS = 60
    channel = wire(clinic, "evolution")
    message = messaging.send(
        conversation=talk(channel),
        text=text,
        purpose=Purpose.REMINDER,
        dedupe_key="reminder",
        data={"buttons": choices} if choices else {},
    )
    _, sent = kill_while_sending(message)

    show(channel, event, sent.external_id)
    make_due(message)
    drain()

    assert len(sim.sends("evolution")) == 1
    assert (row(message).state, row(message).external_id) == (State.DONE, sent.external_id)
    assert list(Message.objects.filter(direction="out")) == [message]
    assert not row(message).conversation.is_paused


@pytest.mark.parametrize("event", ["send.message", "messages.upsert"])
def test_f57_other_words_with_the_same_choices_are_no_proof(event, clinic, wire, sim, talk, say, show):
    channel = wire(clinic, "evolution")
    message = _uncertain(say(talk(channel), "See you on Monday?"))
    other = say(message.conversation, "See you on Tuesday?")
    Message.objects.filter(pk__in=(message.pk, other.pk)).update(data={"buttons": CHOICES})
    delivery.provider_of(channel).send(
        delivery.outbound_message(row(other)), delivery.account_of(channel), delivery.operator_client()
    )
    Message.objects.filter(pk=other.pk).delete()

    show(channel, event, "3EB0OTHER")

    assert (row(message).delivery, row(message).external_id) == ("", "")
    assert row(message).conversation.is_paused is (event == "messages.upsert")  # that one the owner wrote


@pytest.mark.django_db(transaction=True)
def test_f8_a_status_that_came_before_the_echo_is_joined(clinic, wire, sim, talk, say):
    channel = wire(clinic, "evolution")
    message, told = _uncertain(say(talk(channel), "uncertain text")), DeliveryStatus.DELIVERED
    update = StatusUpdate(external_id="3EB0ECHO", channel=channel.external_id, status=told)
    messaging.record_status(channel=channel, update=update)
    person = _person(message.conversation.contact.addresses.get())
    echo = SentEcho(external_id="3EB0ECHO", channel=channel.external_id, recipient=person, text="uncertain text")

    messaging.record_echo(channel=channel, echo=echo)

    assert (row(message).state, row(message).delivery) == (State.DONE, told)
    assert not PendingStatus.objects.exists()


def test_f8_what_a_dead_process_did_not_join_the_clock_joins(clinic, wire, sim, talk, say):
    channel = wire(clinic, "evolution")
    message = _uncertain(say(talk(channel), "uncertain text"))
    for external_id in ("3EB0LEFT", "3EB0OTHERS"):
        update = StatusUpdate(external_id=external_id, channel=channel.external_id, status=DeliveryStatus.READ)
        messaging.record_status(channel=channel, update=update)
    Message.objects.filter(pk=message.pk).update(external_id="3EB0LEFT", state=State.DONE)

    assert [messaging.join_leftover_statuses(), messaging.join_leftover_statuses()] == [1, 0]
    assert row(message).delivery == DeliveryStatus.READ
    assert PendingStatus.objects.get().external_id == "3EB0OTHERS"


def _uncertain(message):
    Message.objects.filter(pk=message.pk).update(state=State.UNCERTAIN)
    Attempt.objects.create(message=message, outcome="uncertain")
    return message


def _person(address):
    from messaging.providers.base import Address, AddressKind, Person

    return Person(addresses=(Address(AddressKind(address.kind), address.value, address.external_id),))
