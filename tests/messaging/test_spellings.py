"""One person whose number is written in two ways: one contact, one session, on each wire and at each door."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import services as messaging
from messaging.models import Contact, Conversation, Message
from messaging.providers.base import Person
from messaging.queries.search import conversations_about, find_contacts
from messaging.services.channels import SetupError
from tests.common.test_phone_numbers import TABLE
from tests.messaging.test_doubles import DIALLED, OTHER, old_session, phone, values
from tests.support.api import ApiCaller
from tests.support.backoffice import make_session

pytestmark = [pytest.mark.django_db, pytest.mark.both]
WIRES = ("meta", "dialog360", "evolution", "twilio")


# --- one contact


@pytest.mark.parametrize(("dialled", "other"), TABLE)
@pytest.mark.parametrize("turned", [False, True])
def test_two_spellings_are_one_contact_and_one_session(clinic, channel, talk, dialled, other, turned):
    """Cases B01 and B04, and every other line of the table, whichever spelling comes first."""
    first, second = (other, dialled) if turned else (dialled, other)
    one = talk(channel, phone=first, text="oi, tudo bem?")
    two = talk(channel, phone=second, text="oi de novo")

    assert one == two
    assert Contact.objects.count() == 1
    assert values(one.contact) == {dialled, other}
    assert two.recipient == second[1:]  # the spelling that the provider used last


@pytest.mark.parametrize("case", [("551187650001", "5511987650001"), ("5215512340002", "525512340002")])
def test_b01_and_b04_as_they_are_posted(clinic, wire, sim, post_webhook, payload, drain, case):
    channel = wire(clinic, "meta")
    for place, number in enumerate(case):
        body = payload("meta/text.json")
        value = body["entry"][0]["changes"][0]["value"]
        value["messages"][0] |= {"from": number, "id": f"wamid.CASE{place}"}
        value["contacts"][0]["wa_id"] = number
        post_webhook(channel, body)
        drain()

    assert Contact.objects.count() == Conversation.objects.count() == 1
    assert Message.objects.filter(direction="in").count() == 2


@pytest.mark.parametrize("provider", ["meta", "dialog360"])
def test_a_sender_whose_id_is_spelt_otherwise_in_the_contacts(clinic, wire, post_webhook, payload, drain, provider):
    """Both the number that a message is from and the id that the network gives are the person's."""
    body = payload("meta/text.json")  # 360dialog passes the same on
    value = body["entry"][0]["changes"][0]["value"]
    value["messages"][0]["from"], value["contacts"][0]["wa_id"] = DIALLED[1:], OTHER[1:]

    post_webhook(wire(clinic, provider), body)
    drain()

    assert values(Contact.objects.get()) == {DIALLED, OTHER}


def test_what_the_body_says_in_two_spellings_is_one_person(clinic):
    contact = messaging.resolve_contact(tenant=clinic, person=Person(addresses=(phone(OTHER), phone(DIALLED))))
    again = messaging.resolve_contact(tenant=clinic, person=Person(addresses=(phone(DIALLED),), name="Ana"))

    assert contact == again
    assert dict(contact.addresses.values_list("value", "external_id")) == {DIALLED: DIALLED[1:], OTHER: OTHER[1:]}


def test_people_whose_numbers_are_near_stay_apart(clinic, salon):
    numbers = ["+5511987650001", "+5511987650002", "+551187650003", "+551132123456", "+5511932123456", "+15550100111"]
    for number in numbers:
        messaging.resolve_contact(tenant=clinic, person=Person(addresses=(phone(number),)))
    messaging.resolve_contact(tenant=salon, person=Person(addresses=(phone(OTHER),)))

    assert Contact.objects.of(clinic).count() == len(numbers)
    assert Contact.objects.of(salon).count() == 1


def test_a_known_persons_message_costs_no_more_statements(clinic, channel, talk):
    plain, spelt = talk(channel, phone="+15550100111").contact, talk(channel, phone=OTHER).contact

    def cost(number):
        with CaptureQueriesContext(connection) as asked:
            messaging.resolve_contact(tenant=clinic, person=Person(addresses=(phone(number),)))
        return len(asked)

    assert plain != spelt
    assert cost("+15550100111") == cost(OTHER) == cost(DIALLED) == 1


def test_contacts_that_were_two_before_go_on_as_they_were(clinic, channel, talk):
    """Nobody is merged in silence: each spelling stays with the contact that has it, until the command is run."""
    one, two = old_session(channel, OTHER), old_session(channel, DIALLED)

    assert (talk(channel, phone=OTHER), talk(channel, phone=DIALLED)) == (one, two)


def test_an_older_contact_is_found_by_the_other_spelling(clinic, channel, talk):
    old = old_session(channel, OTHER)

    assert talk(channel, phone=DIALLED) == old
    assert values(old.contact) == {DIALLED, OTHER}


def test_another_spelling_of_somebodys_number_is_not_given_away(clinic, channel, talk):
    ana, ben = talk(channel, phone=DIALLED).contact, talk(channel, phone="+15550100222").contact

    old = old_session(channel, "+5215512340002").contact

    numbers = (OTHER, DIALLED, "+525512340002", "+15550100333")
    messaging.link_addresses(contact=ben, addresses=[phone(number) for number in numbers])

    assert values(ben) == {"+15550100222", "+15550100333"}
    assert (values(ana), values(old)) == ({DIALLED}, {"+5215512340002"})


# --- what the provider says


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("provider", "own"),
    [("meta", "551187650001"), ("dialog360", "551187650001"), ("evolution", "551187650001@s.whatsapp.net")],
)
@pytest.mark.parametrize("dialled", [DIALLED, "+22670112233"])  # the second by no rule that we know
def test_the_answer_to_a_send_says_who_it_is(clinic, wire, sim, say, drain, talk, provider, own, dialled):
    channel = wire(clinic, provider, messages_per_second=1000)
    sim.account(OTHER, dialled)
    session = make_session(channel, dialled)

    say(session, "one")
    drain()
    session.refresh_from_db()
    assert session.recipient == own
    assert OTHER in values(session.contact)
    assert talk(channel, phone=OTHER) == session
    say(session, "two")
    drain()

    sent = sim.sends(provider)
    assert [record["to"] for record in sent] == [OTHER, OTHER]
    asked = [str(record["raw"].get("to") or record["raw"].get("number")) for record in sent]
    assert asked[0].removeprefix("+") == dialled[1:]
    assert asked[1].removeprefix("+") == OTHER[1:]
    assert Message.objects.filter(direction="out", state="done").count() == 2


@pytest.mark.django_db(transaction=True)
def test_an_answer_in_the_same_spelling_costs_nothing(clinic, wire, sim, say, drain, talk):
    channel = wire(clinic, "evolution", messages_per_second=1000)
    counts = []
    for text in ("one", "two"):
        say(talk(channel, phone=OTHER, text=f"hi {text}"), text)
        with CaptureQueriesContext(connection) as asked:
            drain()
        counts.append(sum("contactaddress" in query["sql"] for query in asked))

    assert counts == [0, 0]


# --- owners


@pytest.mark.parametrize(("kept", "used"), [(DIALLED, OTHER), (OTHER, DIALLED), ("whatsapp:+55 11 8765-0001", DIALLED)])
@pytest.mark.parametrize("provider", WIRES)
def test_an_owner_is_known_in_either_spelling(clinic, make_channel, talk, inbound, kept, used, provider):
    channel = make_channel(clinic, provider, owners=[kept])
    session = talk(channel, phone="+5215512340002")

    message = messaging.receive(
        channel=channel, inbound=inbound(channel, "/bot off +52 55 1234 0002", phone=used), at_once=True
    )

    session.refresh_from_db()
    assert session.is_paused
    assert Message.objects.get(conversation=message.conversation, direction="out").text == "Assistant: off."


def test_somebody_else_is_no_owner(clinic, make_channel, talk, inbound):
    channel = make_channel(clinic, "meta", owners=[DIALLED])
    session = talk(channel, phone="+5215512340002")

    messaging.receive(channel=channel, inbound=inbound(channel, "/bot off all", phone="+551187650002"), at_once=True)

    session.refresh_from_db()
    assert not session.is_paused


def test_an_owner_who_has_no_address_is_refused(clinic, make_channel):
    with pytest.raises(SetupError, match="nobody is no owner's address"):
        make_channel(clinic, "meta", owners=["nobody"])


# --- API, search, commands


@pytest.mark.parametrize(("dialled", "other"), TABLE)
def test_a_search_finds_the_person_by_either_spelling(clinic, channel, talk, manager, dialled, other):
    talk(channel, phone="+15550100222")
    ana = talk(channel, phone=other)
    api = ApiCaller(clinic)

    for asked in (dialled, other, dialled[1:], f"{dialled[:5]} {dialled[5:9]}-{dialled[9:]}"):
        assert list(find_contacts(clinic, asked)) == [ana.contact]
        assert list(Conversation.objects.filter(conversations_about(clinic, asked))) == [ana]
        assert [row["id"] for row in api.get("contacts", q=asked).json()["results"]] == [ana.contact_id]
    for page in ("contact", "conversation", "message", "contactaddress"):
        found = manager.get(f"/admin/messaging/{page}/", {"q": dialled}).context["cl"].queryset
        assert found.count() >= 1, page
        assert {getattr(row, "contact_id", None) or getattr(getattr(row, "conversation", row), "contact_id", row.pk)
                for row in found} == {ana.contact_id}, page  # fmt: skip


def test_an_address_over_the_api_is_the_number_in_any_spelling(clinic, channel, talk):
    api = ApiCaller(clinic)
    ana, ben = talk(channel, phone=OTHER).contact, talk(channel, phone="+15550100222").contact

    taken = api.post(f"contacts/{ben.pk}/addresses", {"kind": "phone", "value": "+55 11 98765-0001"})
    own = api.post(f"contacts/{ana.pk}/addresses", {"kind": "phone", "value": "+55 11 98765-0001"})
    added = api.post(f"contacts/{ben.pk}/addresses", {"kind": "phone", "value": "+54 11 15 6677 3399"})

    assert (taken.status_code, own.status_code, added.status_code) == (409, 201, 201)
    assert values(ben) == {"+15550100222", "+5491166773399"}
    assert values(ana) == {DIALLED, OTHER}


def test_a_test_message_goes_to_the_session_of_the_other_spelling(clinic, wire, sim, talk):
    channel = wire(clinic, "meta")
    session = talk(channel, phone=OTHER)

    call_command(
        "send_test_message", channel=str(channel.pk), to="+55 (11) 98765-0001", text="hello", stdout=StringIO()
    )

    assert Message.objects.get(direction="out").conversation == session
    assert [record["raw"]["to"] for record in sim.sends("meta")] == [OTHER[1:]]
