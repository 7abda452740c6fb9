"""What holds a message visibly, and what lets it go: switches and the reply window (F62, F66)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.work.rows import State
from messaging import services as messaging
from messaging.models import Channel, Contact, Conversation, Message, MessageTemplate, Purpose
from messaging.models.conversations import PausedBy
from messaging.services.operator_messages import send_again
from tenants import services as tenants
from tests.support.sending import row, texts

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_f62_a_window_that_closes_in_the_queue_holds_free_text(clinic, wire, sim, talk, say, drain):
    conversation = talk(wire(clinic, "meta"))
    message = say(conversation, "too late")
    Conversation.objects.update(last_inbound_at=timezone.now() - timedelta(hours=25))

    drain()

    assert sim.sends("meta") == []
    assert (row(message).state, row(message).held_by) == (State.HELD, "window")


def test_f62_when_the_customer_writes_again_what_people_wrote_goes_out(clinic, wire, sim, talk, say, inbound, drain):
    channel = wire(clinic, "meta")
    conversation = talk(channel)
    word, fact = say(conversation, "assistant"), say(conversation, "at ten", Purpose.APPOINTMENT)
    bill = say(conversation, "your bill", Purpose.PAYMENT)
    Conversation.objects.update(last_inbound_at=timezone.now() - timedelta(hours=25))
    drain()
    assert {row(message).held_by for message in (word, fact, bill)} == {"window"}

    messaging.receive(channel=channel, inbound=inbound(channel, "👍"))
    drain()

    # What the assistant had said is stale; the greeting that it answered is answered anew.
    assert texts(sim, "meta") == ["at ten", "your bill", "Hello! How can I help you?"]
    assert row(word).last_error == "the customer wrote again"


def test_f62_with_a_template_the_template_goes(clinic, wire, sim, talk, say, drain):
    channel = wire(clinic, "meta")
    channel.reopen_template = {"name": "news", "language": "en", "variables": ["{name}"]}
    channel.save()
    message = say(talk(channel), "too late")
    Conversation.objects.update(last_inbound_at=timezone.now() - timedelta(hours=25))

    drain()

    assert [record["kind"] for record in sim.sends("meta")] == ["template"]
    assert row(message).data["template"] == {"name": "news", "language": "en", "variables": ["Ana Tavares"]}


@pytest.mark.parametrize(
    ("name", "text", "variables"),
    [
        ("Ana\nMaria", "Two\n\nlines\tand      blanks", ["Ana Maria", "Hello: Two lines and blanks"]),
        ("", "Hi", ["cliente", "Hello: Hi"]),
        ("{text}", "{name}", ["{text}", "Hello: {name}"]),
        ("Ana", "a" * 1000, ["Ana", f"Hello: {'a' * 899}…"]),
    ],
)
def test_f62_the_template_is_filled_so_that_meta_takes_it(clinic, wire, sim, talk, say, drain, name, text, variables):
    channel = wire(clinic, "meta")
    channel.reopen_template = {"name": "news", "language": "pt_BR", "variables": ["{name}", "Hello:\n{text}"]}
    channel.save()
    conversation = talk(channel)
    Contact.objects.update(name=name)
    message = say(conversation, text)
    Conversation.objects.update(last_inbound_at=timezone.now() - timedelta(hours=25))

    drain()

    assert row(message).data["template"]["variables"] == variables
    assert [record["kind"] for record in sim.sends("meta")] == ["template"]


def test_f62_a_file_without_words_is_no_template(clinic, wire, sim, talk, say, drain):
    channel = wire(clinic, "meta")
    channel.reopen_template = {"name": "news", "language": "en", "variables": ["{text}"]}
    channel.save()
    message = say(talk(channel), "")
    Conversation.objects.update(last_inbound_at=timezone.now() - timedelta(hours=25))

    drain()

    assert (row(message).held_by, sim.sends("meta")) == ("window", [])
    assert "without words" in row(message).last_error


def test_a_text_that_the_wire_does_not_carry_whole_fails_with_the_reason(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "twilio")), "a" * 1601)

    drain()

    assert (row(message).state, sim.sends("twilio")) == ("dead", [])
    assert row(message).last_error == "the text has 1601 characters and the provider accepts 1600"


@pytest.mark.parametrize(
    ("contact", "approved", "sent"),
    [
        ("es", {"es_MX": "Hola {{1}}"}, "es_MX"), ("pt-br", {"es": "Hola {{1}}", "pt_BR": "Oi {{1}}"}, "pt_BR"),
        ("es", {"es": "Hola {{1}} {{2}}"}, "en"), ("es", {"pt_BR": "Oi {{1}}"}, "en"), ("", {"es": "Hola {{1}}"}, "en"),
        ("fr", {"fr": "Bonjour {{1}}"}, "fr"), ("en", {"en_GB": "Hi {{1}}"}, "en"),
    ],
)  # fmt: skip
def test_a_template_goes_in_the_contacts_language_where_that_is_approved(
    clinic, wire, talk, say, drain, contact, approved, sent
):
    channel = wire(clinic, "meta")
    channel.reopen_template = {"name": "news", "language": "en", "variables": ["{name}"]}
    channel.save()
    for language, text in approved.items():
        MessageTemplate.objects.create(tenant=clinic, channel=channel, name="news", language=language, text=text)
    message = say(talk(channel), "too late")
    Contact.objects.update(language=contact)
    Conversation.objects.update(last_inbound_at=timezone.now() - timedelta(hours=25))

    drain()

    assert row(message).data["template"] == {"name": "news", "language": sent, "variables": ["Ana Tavares"]}


def test_f62_the_provider_may_know_first_that_the_window_is_shut(clinic, wire, sim, talk, say, drain):
    sim.fail("meta", "status", status=400, times=1, body={"error": {"code": 131047, "message": "re-engagement"}})
    message = say(talk(wire(clinic, "meta")), "shut")

    drain()

    assert (row(message).state, row(message).held_by) == (State.HELD, "window")


def test_f66_the_kill_switch_holds_visibly_and_releases_in_order(clinic, wire, sim, talk, say, drain):
    conversation = talk(wire(clinic, "meta"))
    tenants.switch_outbound(on=False, by="owner")
    first, second = say(conversation, "one"), say(conversation, "two")

    drain()
    assert sim.sends("meta") == []
    assert {row(first).held_by, row(second).held_by} == {"switch"}
    tenants.switch_outbound(on=True, by="owner")
    messaging.release_held(held_by=("switch",))
    drain()

    assert texts(sim, "meta") == ["one", "two"]


@pytest.mark.parametrize("owner", ["tenant", "channel", "installation"])
def test_f66_every_switch_stops_the_next_send(owner, clinic, wire, sim, talk, say, drain, settings):
    channel = wire(clinic, "meta")
    message = say(talk(channel), "stopped")
    settings.OUTBOUND_REPLY_ENABLED = owner != "installation"
    clinic.outbound_enabled = owner != "tenant"
    clinic.save()
    Channel.objects.update(outbound_enabled=owner != "channel")

    drain()

    assert sim.sends("meta") == []
    assert owner in row(message).last_error


def test_what_was_held_too_long_is_dropped_not_sent(clinic, wire, sim, talk, say, drain):
    message = say(talk(wire(clinic, "meta")), "old")
    Message.objects.filter(pk=message.pk).update(
        state=State.HELD, held_by="switch", created_at=timezone.now() - timedelta(hours=7)
    )

    messaging.release_held(held_by=("switch",))
    drain()

    assert (row(message).state, row(message).last_error) == (State.IGNORED, "held too long to be sent late")


def test_what_an_operator_sends_again_passes_the_fence_of_an_earlier_take_over(clinic, wire, talk, say, drain, sim):
    conversation = talk(wire(clinic, "meta"))
    word = say(conversation, "held, then wanted")
    Message.objects.filter(pk=word.pk).update(state=State.DEAD)
    messaging.pause(conversation=conversation, by=PausedBy.OPERATOR)
    messaging.resume(conversation=conversation, actor="operator")

    assert send_again(message=word, by="operator")
    drain()

    assert [record["text"] for record in sim.sends("meta")] == ["held, then wanted"]
