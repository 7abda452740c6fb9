"""An approver is the same person in each spelling of the number: asked in the open window, and heard."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from approvals import services as approvals
from approvals.models import Approver, ApproverAddress
from assistant.models import Turn
from messaging.models import Channel, Contact, Conversation, Message
from privacy import services as privacy
from tenants.models import Role
from tests.approvals.conftest import SECRET, Phone, status
from tests.approvals.test_on_each_wire import ask, work_all
from tests.support.backoffice import browser
from tests.support.wires import simulator_config

PAIRS = [
    ("+5511987650010", "+551187650010"), ("+525512340011", "+5215512340011"), ("+5491166773399", "+541166773399"),
    ("+2250709123456", "+22509123456"), ("+2290197123456", "+22997123456"),
]  # fmt: skip
WIRES = ("meta", "dialog360", "evolution", "twilio")


def put(clinic, channel, address, name="carla"):
    return approvals.set_up_approver(
        tenant=clinic, name=name, by="tests", channel=channel, address=address, is_default=True
    )


@pytest.mark.django_db
def test_b02_as_it_is_posted(clinic, wire, sim, submit, drain, post_webhook, payload):
    channel = wire(clinic, "evolution", messages_per_second=1000)
    put(clinic, channel, "+5511987650010")
    Approver.objects.update(language="pt")
    candidate = submit()
    drain()
    body = payload("evolution/upsert_text.json")
    jid = "551187650010@s.whatsapp.net"
    body["data"]["key"] = {"remoteJid": jid, "fromMe": False, "id": "3EB0AAAA00000001"}
    body["data"] |= {"message": {"conversation": "sim"}, "messageTimestamp": int(timezone.now().timestamp())}

    post_webhook(channel, body)
    drain()

    candidate.refresh_from_db()
    assert (candidate.status, candidate.decided_by) == ("approved", "carla")
    assert Contact.objects.count() == Conversation.objects.count() == 1
    assert not Turn.objects.exists()  # the assistant says nothing


@pytest.mark.django_db
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("pair", PAIRS)
def test_b04_no_template_is_paid_where_the_window_is_open(clinic, wire, sim, submit, drain, pair, turned):
    address, used = reversed(pair) if turned else pair
    channel = wire(clinic, "meta")
    Channel.objects.filter(pk=channel.pk).update(reopen_template={"name": "decision", "language": "en"})
    channel.refresh_from_db()
    put(clinic, channel, address)
    sim.account(used, address)
    messages = Message.objects.filter(direction="out", purpose="approval")
    phone_says(channel, used, "hola")

    candidate = submit()
    drain()

    assert [message.kind for message in messages] == ["text"]
    assert Conversation.objects.get().recipient == used[1:]
    phone_says(channel, used, "yes")
    assert status(candidate) == "approved"
    assert Conversation.objects.count() == 1


def phone_says(channel, number, text):
    """The person writes from this spelling."""
    phone = Phone(channel, number)
    phone.inbox = list  # type: ignore[method-assign]  # what is sent goes to the simulator
    phone.say(text)


@pytest.fixture
def line(request, clinic, wire, sim, settings, live_server):
    """A channel whose approver was typed in one spelling and has the account in the other, and said hello by it."""
    provider, (address, own) = request.param
    settings.PUBLIC_URL = live_server.url
    channel = wire(clinic, provider)
    Channel.objects.filter(pk=channel.pk).update(messages_per_second=1000)
    sim.set_config(simulator_config([channel], live_server.url) | {"core": {"signing_secret": SECRET}})
    sim.account(own, address)
    put(clinic, channel, address)
    return channel


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "line",
    [(provider, pair if place % 2 else pair[::-1]) for place, pair in enumerate(PAIRS) for provider in WIRES],
    indirect=True,
    ids=str,
)
def test_the_loop_over_http_in_two_spellings(line, clinic, sim):
    """The phone knows only the account's own id, the business only what was typed."""
    address = ApproverAddress.objects.get()
    sim.say(line.external_id, "hello", person=address.address)
    work_all()
    assert Conversation.objects.count() == 1

    candidate = ask(clinic)
    shown = [bubble for bubble in sim.conversation(line.external_id, address.address) if bubble["author"] == "desk"]
    assert "Open late: until 21:00." in shown[-1]["text"]
    sim.say(line.external_id, "yes", person=address.address)
    work_all()

    assert status(candidate) == "approved"
    assert Contact.objects.count() == Conversation.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("dialled", "other"), PAIRS)
def test_one_number_is_one_approvers_on_a_channel(clinic, salon, make_channel, channel, dialled, other):
    head = browser(clinic, Role.OWNER)  # approvers are an owner's to edit
    carla = put(clinic, channel, dialled)
    again = put(clinic, channel, other)
    assert (carla, carla.addresses.count()) == (again, 1)

    with pytest.raises(ValidationError, match="on this channel already"):
        put(clinic, channel, other, name="ben")
    with pytest.raises(CommandError, match="on this channel already"):
        call_command("setup_approver", tenant="clinic", name="ben", channel=str(channel.pk), address=other)
    ben = approvals.set_up_approver(tenant=clinic, name="ben", by="tests")
    form = {"tenant": clinic.pk, "approver": ben.pk, "channel": channel.pk, "address": other, "place": 1}
    page = head.post(reverse("admin:approvals_approveraddress_add"), form)

    assert (page.status_code, ApproverAddress.objects.count()) == (200, 1)
    assert "on this channel already" in page.content.decode()
    for asked in (dialled, other):
        found = head.get(reverse("admin:approvals_approveraddress_changelist"), {"q": asked}).context["cl"].queryset
        assert [row.approver for row in found] == [carla]
    assert put(clinic, make_channel(clinic, "meta"), other, name="ben")  # another channel
    theirs = make_channel(salon, "twilio", external_id="+15550100999")
    assert approvals.set_up_approver(tenant=salon, name="owner", by="tests", channel=theirs, address=other)


@pytest.mark.django_db
def test_setup_approver_takes_what_people_type_and_refuses_the_rest(clinic, channel):
    out = StringIO()
    typed = "\u202a+55 (11) 98765-0010\u202c"
    call_command("setup_approver", tenant="clinic", name="carla", channel=str(channel.pk), address=typed, stdout=out)

    assert json.loads(out.getvalue())["addresses"] == 1
    row = ApproverAddress.objects.get()
    assert (row.address, row.canonical) == ("+5511987650010", "+5511987650010")
    for wrong in ("carla", "12", "+1 415 555 0142 ext. 5"):
        with pytest.raises(CommandError, match="Write a number with its country"):
            call_command("setup_approver", tenant="clinic", name="ben", channel=str(channel.pk), address=wrong)
    assert not Approver.objects.filter(name="ben").exists()


@pytest.mark.django_db
def test_an_approver_in_the_other_spelling_is_forgotten_too(clinic, channel, submit):
    put(clinic, channel, "+5511987650010")
    candidate = submit()
    phone = Phone(channel, "+551187650010")
    phone._out = lambda: Message.objects.filter(direction="out")  # type: ignore[method-assign]
    phone.say("yes")
    assert status(candidate) == "pending"  # never asked: nothing to answer
    contact = Contact.objects.get()

    assert privacy.export(contact=contact)["approvals"]["approver"][0]["name"] == "carla"
    privacy.erase(contact=contact)
    assert not ApproverAddress.objects.exists()
