"""The customer sees that somebody is there, by the channel's policy; a take-over during thinking counts for good."""

import pytest

from assistant import services as assistant
from assistant.models import Turn
from common.work.rows import State
from messaging import services as messaging
from messaging.models import Channel, Conversation, Message
from messaging.models.conversations import PausedBy


def courtesies(sim, provider):
    return {record["kind"] for record in sim.record(provider, direction="in")} & {"read", "typing", "presence"}


@pytest.mark.parametrize(("provider", "shown"), [("meta", "typing"), ("evolution", "presence"), ("twilio", "typing")])
def test_typing_is_shown_while_an_answer_is_made(provider, shown, clinic, wire, sim, post_webhook, payload, drain):
    bodies = {"meta": "meta/text.json", "evolution": "evolution/upsert_text.json", "twilio": "twilio/wa_text.json"}
    channel = wire(clinic, provider)

    post_webhook(channel, payload(bodies[provider]))
    drain()

    sim.wait(lambda: shown in courtesies(sim, provider))


@pytest.mark.parametrize(("shows_typing", "told"), [(True, {"typing"}), (False, {"read"})])
def test_where_typing_marks_as_read_there_is_one_call(
    shows_typing, told, clinic, wire, sim, post_webhook, payload, drain
):
    channel = wire(clinic, "meta")
    Channel.objects.update(shows_typing=shows_typing)

    post_webhook(channel, payload("meta/text.json"))
    drain()

    sim.wait(lambda: courtesies(sim, "meta") == told)


def test_a_channel_may_want_neither_marks_nor_typing(clinic, wire, sim, post_webhook, payload, drain):
    channel = wire(clinic, "meta")
    Channel.objects.update(shows_typing=False, marks_read=False)

    post_webhook(channel, payload("meta/text.json"))
    drain()

    conversation = Conversation.objects.get()
    assert not messaging.show_presence(
        conversation=conversation, newest=conversation.messages.filter(direction="in").get()
    )
    assert courtesies(sim, "meta") == set()


def test_a_draft_from_before_a_take_over_is_not_said_after_the_resume(clinic, wire, sim, post_webhook, payload, drain):
    channel = wire(clinic, "meta")
    post_webhook(channel, payload("meta/text.json"))
    from messaging.tasks import handle, process_webhook

    process_webhook(channel.webhookevent_set.get().pk)
    handle(Message.objects.get().pk)
    turn = Turn.objects.claim(Turn.objects.get().pk)
    conversation = Conversation.objects.get()
    messaging.pause(conversation=conversation, by=PausedBy.OPERATOR)
    messaging.resume(conversation=conversation, actor="operator")

    assistant.run_turn(turn)
    drain()

    turn.refresh_from_db()
    assert (turn.state, turn.last_error) == (State.IGNORED, "paused")
    assert sim.sends("meta") == []
