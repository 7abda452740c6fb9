"""Who has the conversation: the owner's phone, commands, operators, the clock."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.work.rows import State
from messaging import services as messaging
from messaging.models import Conversation, Message, Purpose, WebhookItem
from messaging.models.conversations import PausedBy
from messaging.providers.base import Kind
from messaging.services.owner import TryAgainSoon, parse_command, receive_from_owner

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def fresh(conversation):
    return Conversation.objects.get(pk=conversation.pk)


def now_stamp():
    return int(timezone.now().timestamp())


def echo(payload, text="I take it from here", external_id="3AOWNER"):
    body = payload("evolution/upsert_from_me_phone.json")
    body["data"]["key"]["id"] = external_id
    body["data"]["messageTimestamp"] = now_stamp()
    body["data"]["message"] = {"conversation": text}
    return body


def question(payload, text="Hello", external_id="3AQUESTION"):
    body = payload("evolution/upsert_text.json")
    body["data"]["key"]["id"] = external_id
    body["data"]["messageTimestamp"] = now_stamp()
    body["data"]["message"] = {"conversation": text}
    return body


def spoken(conversation):
    rows = Message.objects.filter(conversation=conversation, direction="out")
    return [(row.purpose, row.text) for row in rows.order_by("pk")]


def test_the_owners_own_message_pauses_and_is_shown(clinic, wire, post_webhook, payload, drain):
    channel = wire(clinic, "evolution")
    post_webhook(channel, question(payload))
    drain()

    post_webhook(channel, echo(payload))
    drain()
    post_webhook(channel, question(payload, "When are you open?", "3AQ2"))
    drain()

    conversation = Conversation.objects.get()
    assert (conversation.is_paused, conversation.paused_by) == (True, PausedBy.OWNER)
    assert spoken(conversation)[-1] == (Purpose.OWNER, "I take it from here")


def test_a_cloud_api_echo_pauses_too(clinic, wire, post_webhook, payload, drain):
    channel = wire(clinic, "meta")
    body = payload("meta/smb_echo_text.json")
    body["entry"][0]["changes"][0]["value"]["message_echoes"][0]["timestamp"] = str(now_stamp())

    post_webhook(channel, body)
    drain()

    assert Conversation.objects.get().paused_by == PausedBy.OWNER


def test_our_own_send_coming_back_does_not_pause(clinic, wire, sim, talk, say, post_webhook, payload, drain):
    channel = wire(clinic, "evolution")
    message = say(talk(channel), "our words")
    drain()
    message.refresh_from_db()

    post_webhook(channel, echo(payload, "our words", message.external_id))
    drain()

    assert not Conversation.objects.get().is_paused
    assert Message.objects.filter(direction="out").count() == 1


def test_an_echo_that_overtakes_our_sends_answer_waits_and_is_recognised(
    clinic, wire, sim, talk, say, post_webhook, payload, drain
):
    channel = wire(clinic, "evolution")
    conversation = talk(channel)
    message = say(conversation, "our words")
    claimed = Message.objects.claim(message.pk)
    claimed.tries.create()

    post_webhook(channel, echo(payload, "our words", "3EOURS"))
    drain()
    assert WebhookItem.objects.get().last_error.startswith("TryAgainSoon")
    claimed.settle(State.DONE, external_id="3EOURS")
    WebhookItem.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    drain()

    assert not fresh(conversation).is_paused
    assert spoken(conversation) == [(Purpose.ASSISTANT, "our words")]


def test_while_our_send_has_no_id_an_echo_cannot_be_told_apart(clinic, wire, talk, say, inbound):
    channel = wire(clinic, "evolution")
    Message.objects.claim(say(talk(channel), "our words").pk).tries.create()

    with pytest.raises(TryAgainSoon):
        receive_from_owner(channel=channel, inbound=inbound(channel, "our words", from_owner=True))


@pytest.mark.parametrize(
    "more", [{"kind": Kind.REACTION}, {"sent_at": timezone.now() - timedelta(hours=3)}, {"is_history": True}]
)
def test_reactions_and_old_messages_of_the_owner_do_not_pause(more, clinic, wire, inbound):
    channel = wire(clinic, "evolution")

    receive_from_owner(channel=channel, inbound=inbound(channel, "ok", from_owner=True, **more))

    assert not Conversation.objects.get().is_paused


@pytest.mark.parametrize(
    ("text", "verb", "length", "rest"),
    [
        ("/bot off", "off", None, ""),
        ("/BOT Off 2h", "off", timedelta(hours=2), ""),
        ("/bot off 30m", "off", timedelta(minutes=30), ""),
        ("/bot off 1d +15550100111", "off", timedelta(days=1), "+15550100111"),
        ("/bot on all", "on", None, "all"),
        (" /bot status ", "status", None, ""),
    ],
)
def test_commands_are_understood(text, verb, length, rest):
    command = parse_command(text)

    assert (command.verb, command.length, command.rest) == (verb, length, rest)


@pytest.mark.parametrize("text", ["/bottle off", "bot off", "please /bot off", "/bot maybe", ""])
def test_other_texts_are_no_commands(text):
    assert parse_command(text) is None


def test_commands_in_a_customers_chat_concern_that_chat(clinic, wire, post_webhook, payload, drain):
    channel = wire(clinic, "evolution")
    post_webhook(channel, question(payload))
    drain()

    post_webhook(channel, echo(payload, "/bot off 2h", "3AOFF"))
    drain()
    paused = Conversation.objects.get()
    post_webhook(channel, echo(payload, "/bot on", "3AON"))
    drain()

    assert paused.paused_by == PausedBy.COMMAND
    assert timedelta(minutes=119) < paused.resume_at - timezone.now() <= timedelta(hours=2)
    assert not Conversation.objects.get().is_paused


def command_from_owner(channel, inbound, text, **more):
    messaging.receive(channel=channel, inbound=inbound(channel, text, phone="+15550100200", **more))


def test_the_owners_private_number_commands_by_number_quote_and_all(clinic, wire, talk, inbound, drain):
    channel = wire(clinic, "meta")
    ana, bea = talk(channel), talk(channel, phone="+15550100112")

    command_from_owner(channel, inbound, "/bot off +1 555 010 0111")
    drain()
    assert (fresh(ana).is_paused, fresh(bea).is_paused) == (True, False)
    quoted = Message.objects.filter(conversation=bea).first().external_id
    command_from_owner(channel, inbound, "/bot off", reply_to=quoted)
    drain()
    assert fresh(bea).is_paused
    command_from_owner(channel, inbound, "/bot on all")
    drain()

    assert (fresh(ana).is_paused, fresh(bea).is_paused) == (False, False)
    answers = Message.objects.filter(purpose=Purpose.NOTICE).order_by("pk").values_list("text", flat=True)
    assert list(answers) == ["Assistant: off.", "Assistant: off.", "Assistant: off in 0 of 2 chats."]


def test_a_strangers_command_is_only_text(clinic, wire, talk, inbound, drain):
    channel = wire(clinic, "meta")
    ana = talk(channel)

    messaging.receive(channel=channel, inbound=inbound(channel, "/bot off all", phone="+15550100999"))
    drain()

    assert not fresh(ana).is_paused


def test_the_customer_asks_for_a_person(clinic, wire, post_webhook, payload, drain, sim):
    channel = wire(clinic, "evolution")

    post_webhook(channel, question(payload, "Can I talk to a person please?"))
    drain()
    post_webhook(channel, question(payload, "Hello?", "3AQ2"))
    drain()

    conversation = Conversation.objects.get()
    assert (conversation.is_paused, conversation.paused_by) == (True, PausedBy.CUSTOMER)
    assert spoken(conversation)[0][1].startswith("Of course. I have passed this on: a person will answer you here")
    assert all(record["text"] for record in sim.sends("evolution"))


def test_an_operators_words_take_over(clinic, wire, talk, say, drain, sim):
    conversation = talk(wire(clinic, "meta"))

    say(conversation, "Hello, it is Maria.", Purpose.OPERATOR)
    drain()

    assert fresh(conversation).paused_by == PausedBy.OPERATOR
    assert [record["text"] for record in sim.sends("meta")] == ["Hello, it is Maria."]


def pause_since(conversation, hours, **more):
    messaging.pause(conversation=conversation, by=PausedBy.OPERATOR, **more)
    Conversation.objects.filter(pk=conversation.pk).update(last_human_at=timezone.now() - timedelta(hours=hours))


def test_time_resumes_by_the_installations_hours(clinic, wire, talk):
    channel = wire(clinic, "meta")
    old, young = talk(channel), talk(channel, phone="+15550100112")
    pause_since(old, 2.1)
    pause_since(young, 1.9)

    assert messaging.auto_resume() == 1
    assert (fresh(old).is_paused, fresh(young).is_paused) == (False, True)


def test_a_tenant_may_want_other_hours(clinic, wire, talk):
    conversation = talk(wire(clinic, "meta"))
    clinic.resume_after_hours = 8
    clinic.save()
    pause_since(conversation, 7)

    assert messaging.auto_resume() == 0
    pause_since(conversation, 9)
    assert messaging.auto_resume() == 1


def test_a_pause_with_a_time_ends_then_and_not_before(clinic, wire, talk):
    conversation = talk(wire(clinic, "meta"))
    pause_since(conversation, 5, until=timezone.now() + timedelta(hours=1))

    assert messaging.auto_resume() == 0
    Conversation.objects.update(resume_at=timezone.now() - timedelta(seconds=1))
    assert messaging.auto_resume() == 1


def test_words_of_a_person_do_not_shorten_a_pause_with_a_time(clinic, wire, talk, say):
    conversation = talk(wire(clinic, "meta"))
    tomorrow = timezone.now() + timedelta(days=1)
    messaging.pause(conversation=conversation, by=PausedBy.COMMAND, until=tomorrow)

    say(conversation, "I am still here", Purpose.OPERATOR)
    assert fresh(conversation).resume_at == tomorrow

    messaging.pause(conversation=conversation, by=PausedBy.API, until=timezone.now() + timedelta(minutes=5))
    say(conversation, "And longer than that", Purpose.OPERATOR)
    assert fresh(conversation).resume_at is None


def test_the_cron_route_resumes_with_its_secret(clinic, wire, talk, client, settings):
    pause_since(talk(wire(clinic, "meta")), 3)

    refused = client.post("/cron/auto-resume", headers={"X-Cron-Secret": "guess"})
    done = client.post("/cron/auto-resume", headers={"X-Cron-Secret": settings.CRON_SECRET})

    assert (refused.status_code, done.status_code, done.json()["count"]) == (401, 200, 1)


def test_resume_starts_no_turn_and_old_words_stay_withdrawn(clinic, wire, talk, say, drain, sim):
    conversation = talk(wire(clinic, "meta"))
    word = say(conversation, "written before the take-over")
    claimed = Message.objects.claim(word.pk)
    messaging.pause(conversation=conversation, by=PausedBy.OPERATOR)
    messaging.resume(conversation=conversation, actor="operator")

    messaging.deliver(claimed)
    drain()

    assert sim.sends("meta") == []
    assert Message.objects.get(pk=word.pk).last_error == "paused"
