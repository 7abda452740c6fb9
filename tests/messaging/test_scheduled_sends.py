"""Messages that are to go later: they wait, block nobody, and keep to the rules of their time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.work.rows import State
from messaging import services as messaging
from messaging.models import Conversation, Message
from simulator.media import picture

pytestmark = pytest.mark.both

PNG = picture(8)


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def later(**more):
    return timezone.now() + timedelta(**more)


def row(message):
    return Message.objects.get(pk=message.pk)


def test_a_message_for_later_waits_blocks_nobody_and_takes_nothing_over(clinic, wire, talk, sim, drain, say):
    chat = talk(wire(clinic, "meta"))
    planned, _ = messaging.write_message(conversation=chat, text="Good morning", author="ana", due_at=later(hours=9))
    say(chat, "Yes, we are open.")
    drain()

    assert [record["text"] for record in sim.sends("meta")] == ["Yes, we are open."]
    now = Conversation.objects.get()
    assert (row(planned).state, now.is_paused, now.last_text) == (State.QUEUED, False, "Yes, we are open.")
    Message.objects.filter(pk=planned.pk).update(due_at=later(seconds=-1), scheduled_at=later(seconds=-1))
    drain()

    assert [record["text"] for record in sim.sends("meta")][1:] == ["Good morning"]
    assert Conversation.objects.get().last_text == "Good morning"


def test_a_message_for_later_can_be_taken_back_once(session, drain, sim):
    planned, _ = messaging.write_message(conversation=session, text="Later", author="ana", due_at=later(hours=1))

    assert [messaging.cancel_scheduled(message=planned, by="ana") for _ in range(2)] == [True, False]
    assert (row(planned).state, row(planned).last_error) == (State.IGNORED, "cancelled by ana")


def test_a_message_for_later_that_is_on_its_way_is_not_taken_back(session):
    planned, _ = messaging.write_message(conversation=session, text="Later", author="ana", due_at=later(hours=1))
    Message.objects.filter(pk=planned.pk).update(state=State.WORKING, attempts=1)

    assert messaging.cancel_scheduled(message=planned, by="ana") is False
    assert row(planned).state == State.WORKING


def test_a_message_for_later_is_not_rung_by_the_one_before_it(clinic, wire, talk, sim, drain):
    chat = talk(wire(clinic, "meta"))
    first, _ = messaging.write_message(conversation=chat, text="Now", author="ana")
    planned, _ = messaging.write_message(conversation=chat, text="Later", author="ana", due_at=later(hours=1))
    before = row(planned).due_at

    drain()

    assert (row(first).state, row(planned).state, row(planned).due_at) == (State.DONE, State.QUEUED, before)


def test_the_usual_rules_hold_a_message_for_later_whose_window_has_closed(clinic, wire, talk, sim, drain):
    chat = talk(wire(clinic, "meta"))
    planned, _ = messaging.write_message(conversation=chat, text="Later", author="ana", due_at=later(hours=30))
    Conversation.objects.update(last_inbound_at=later(hours=-25))
    Message.objects.filter(pk=planned.pk).update(due_at=later(seconds=-1), scheduled_at=later(seconds=-1))

    drain()

    assert (row(planned).state, row(planned).held_by, sim.sends()) == (State.HELD, "window", [])


def test_who_opts_out_meanwhile_never_gets_what_was_planned(clinic, wire, talk, sim, drain):
    chat = talk(wire(clinic, "meta"))
    planned, _ = messaging.write_message(conversation=chat, text="Later", author="ana", due_at=later(hours=1))
    messaging.opt_out(contact=chat.contact, by="customer")
    Message.objects.filter(pk=planned.pk).update(due_at=later(seconds=-1), scheduled_at=later(seconds=-1))

    drain()

    assert (row(planned).state, sim.sends()) == (State.IGNORED, [])


@pytest.mark.parametrize("due_at", [timedelta(minutes=-1), timedelta(days=365)])
def test_a_time_that_makes_no_sense_is_refused(session, due_at):
    with pytest.raises(messaging.SendRefused, match="must lie ahead"):
        messaging.write_message(conversation=session, text="x", author="ana", due_at=timezone.now() + due_at)
