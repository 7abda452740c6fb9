"""Kill switches: nothing leaves while one is off, and nothing is left behind when it is turned on (RELIABILITY F66)."""

import threading

import pytest
from django.db import connection, transaction

from common.work.rows import State
from common.work.run import work_on
from messaging import services as messaging
from messaging.models import Channel, Message
from messaging.services import delivery, send_limits, switches
from tenants import services as tenants

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("whose", ["installation", "setting", "tenant", "channel"])
def test_no_typing_is_shown_while_a_switch_is_off(whose, clinic, wire, sim, talk, settings):
    conversation = talk(wire(clinic, "meta"))
    settings.OUTBOUND_REPLY_ENABLED = whose != "setting"
    if whose == "installation":
        tenants.switch_outbound(on=False, by="owner")
    if whose == "tenant":
        switches.switch_tenant(tenant=clinic, on=False, by="owner")
    if whose == "channel":
        switches.switch_channel(channel=conversation.channel, on=False, by="owner")
    conversation = type(conversation).objects.get()

    assert not messaging.show_presence(conversation=conversation, newest=conversation.messages.last())


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_is_held_while_the_switch_is_turned_on_is_not_left_behind(clinic, wire, sim, talk, say, monkeypatch):
    channel = wire(clinic, "meta")
    message = say(talk(channel), "in between")
    switches.switch_channel(channel=channel, on=False, by="owner")
    looked, turned = threading.Event(), threading.Event()
    real = send_limits.closed_switch

    def slowly(conversation, **more):
        found = real(conversation, **more)
        if not more.get("surely"):
            looked.set()
            turned.wait(60)
        return found

    monkeypatch.setattr(delivery.send_limits, "closed_switch", slowly)

    def deliver():
        work_on(Message, message.pk, messaging.deliver)
        connection.close()

    thread = threading.Thread(target=deliver)
    thread.start()
    assert looked.wait(60)
    with transaction.atomic():
        switches.switch_channel(channel=Channel.objects.get(), on=True, by="owner")
        turned.set()
        thread.join(0.5)
    thread.join(60)

    assert Message.objects.get(pk=message.pk).state == State.DONE
