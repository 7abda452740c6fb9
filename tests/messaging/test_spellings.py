"""A person whose number is written in two ways is one contact with one session, with every provider and entry point."""

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
PROVIDERS = ("meta", "dialog360", "evolution", "twilio")


# --- one contact


@pytest.mark.parametrize(("dialled", "other"), TABLE)
@pytest.mark.parametrize("is_reversed", [False, True])
def test_two_spellings_are_one_contact_and_one_session(clinic, channel, talk, dialled, other, is_reversed):
    """Cases B01 and B04 and every other row of the table, with either spelling first."""
    first, second = (other, dialled) if is_reversed else (dialled, other)
    one = talk(channel, phone=first, text="oi, tudo bem?")
    two = talk(channel, phone=second, text="oi de novo")

    assert one == two
    assert Contact.objects.count() == 1
    assert values(one.contact) == {dialled, other}
    assert two.recipient == second[1:]  # the spelling that the provider used last


@pytest.mark.parametrize("case", [("551187650001", "5511987650001"), ("5215512340002", "525512340002")])
def test_b01_and_b04_as_webhooks(clinic, wire, sim, post_webhook, payload, drain, case):
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
def test_a_sender_with_another_spelling_in_the_contacts_is_one_person(
    clinic, wire, post_webhook, payload, drain, provider
):
    """The number in the message and the id of the network both belong to the person."""
    body = payload("meta/text.json")  # 360dialog sends the same body
    value = body["entry"][0]["changes"][0]["value"]
    value["messages"][0]["from"], value["contacts"][0]["wa_id"] = DIALLED[1:], OTHER[1:]

    post_webhook(wire(clinic, provider), body)
    drain()

    assert values(Contact.objects.get()) == {DIALLED, OTHER}


def test_two_spellings_in_one_body_are_one_person(clinic):
    contact = messaging.resolve_contact(tenant=clinic, person=Person(addresses=(phone(OTHER), phone(DIALLED))))
    again = messaging.resolve_contact(tenant=clinic, person=Person(addresses=(phone(DIALLED),), name="Ana"))

    assert contact == again
    assert dict(contact.addresses.values_list("value", "external_id")) == {DIALLED: DIALLED[1:], OTHER: OTHER[1:]}


def test_people_with_similar_numbers_are_not_merged(clinic, salon):
    numbers = ["+5511987650001", "+5511987650002", "+551187650003", "+551132123456", "+5511932123456", "+15550100111"]
    for number in numbers:
        messaging.resolve_contact(tenant=clinic, person=Person(addresses=(phone(number),)))
    messaging.resolve_contact(tenant=salon, person=Person(addresses=(phone(OTHER),)))

    assert Contact.objects.of(clinic).count() == len(numbers)
    assert Contact.objects.of(salon).count() == 1


def test_a_known_person_is_found_with_one_query_in_any_spelling(clinic, channel, talk):
    plain, spelt = talk(channel, phone="+15550100111").contact, talk(channel, phone=OTHER).contact

    def cost(number):
        with CaptureQueriesContext(connection) as asked:
            messaging.resolve_contact(tenant=clinic, person=Person(addresses=(phone(number),)))
        return len(asked)

    assert plain != spelt
    assert cost("+15550100111") == cost(OTHER) == cost(DIALLED) == 1


def test_two_existing_contacts_of_one_person_stay_two(clinic, channel, talk):
    """Contacts are never merged without a command. Until then each spelling belongs to the contact that has it."""
    one, two = old_session(channel, OTHER), old_session(channel, DIALLED)

    assert (talk(channel, phone=OTHER), talk(channel, phone=DIALLED)) == (one, two)


def test_an_older_contact_is_found_by_the_other_spelling(clinic, channel, talk):
    old = old_session(channel, OTHER)

    assert talk(channel, phone=DIALLED) == old
    assert values(old.contact) == {DIALLED, OTHER}


def test_another_spelling_of_a_number_is_not_linked_to_another_contact(clinic, channel, talk):
    ana, ben = talk(channel, phone=DIALLED).contact, talk(channel, phone="+15550100222").contact

    old = old_session(channel, "+5215512340002").contact

    numbers = (OTHER, DIALLED, "+525512340002", "+15550100333")
    messaging.link_addresses(contact=ben, addresses=[phone(number) for number in numbers])

    assert values(ben) == {"+15550100222", "+15550100333"}
    assert (values(ana), values(old)) == ({DIALLED}, {"+5215512340002"})


# --- the answer of the provider


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("provider", "own"),
    [("meta", "551187650001"), ("dialog360", "551187650001"), ("evolution", "551187650001@s.whatsapp.net")],
)
@pytest.mark.parametrize("dialled", [DIALLED, "+22670112233"])  # for the second one the table has no rule
def test_the_recipient_in_the_answer_to_a_send_is_stored(clinic, wire, sim, say, drain, talk, provider, own, dialled):
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
def test_an_answer_in_the_same_spelling_needs_no_query(clinic, wire, sim, say, drain, talk):
    channel = wire(clinic, "evolution", messages_per_second=1000)
    counts = []
    for text in ("one", "two"):
        say(talk(channel, phone=OTHER, text=f"hi {text}"), text)
        with CaptureQueriesContext(connection) as asked:
            drain()
        counts.append(sum("contactaddress" in query["sql"] for query in asked))

    assert counts == [0, 0]


# --- owners


@pytest.mark.parametrize(
    ("stored", "used"), [(DIALLED, OTHER), (OTHER, DIALLED), ("whatsapp:+55 11 8765-0001", DIALLED)]
)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_owner_is_recognised_in_either_spelling(clinic, make_channel, talk, inbound, stored, used, provider):
    channel = make_channel(clinic, provider, owners=[stored])
    session = talk(channel, phone="+5215512340002")

    message = messaging.receive(
        channel=channel, inbound=inbound(channel, "/bot off +52 55 1234 0002", phone=used), at_once=True
    )

    session.refresh_from_db()
    assert session.is_paused
    assert Message.objects.get(conversation=message.conversation, direction="out").text == "Assistant: off."


def test_another_number_is_no_owner(clinic, make_channel, talk, inbound):
    channel = make_channel(clinic, "meta", owners=[DIALLED])
    session = talk(channel, phone="+5215512340002")

    messaging.receive(channel=channel, inbound=inbound(channel, "/bot off all", phone="+551187650002"), at_once=True)

    session.refresh_from_db()
    assert not session.is_paused


def test_an_owner_without_an_address_is_refused(clinic, make_channel):
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


def test_an_address_in_the_api_is_compared_in_any_spelling(clinic, channel, talk):
    api = ApiCaller(clinic)
    ana, ben = talk(channel, phone=OTHER).contact, talk(channel, phone="+15550100222").contact

    taken = api.post(f"contacts/{ben.pk}/addresses", {"kind": "phone", "value": "+55 11 98765-0001"})
    own = api.post(f"contacts/{ana.pk}/addresses", {"kind": "phone", "value": "+55 11 98765-0001"})
    added = api.post(f"contacts/{ben.pk}/addresses", {"kind": "phone", "value": "+54 11 15 6677 3399"})

    assert (taken.status_code, own.status_code, added.status_code) == (409, 201, 201)
    assert values(ben) == {"+15550100222", "+5491166773399"}
    assert values(ana) == {DIALLED, OTHER}


def test_a_test_message_is_sent_in_the_session_of_the_other_spelling(clinic, wire, sim, talk):
    channel = wire(clinic, "meta")
    session = talk(channel, phone=OTHER)

    call_command(
        "send_test_message", channel=str(channel.pk), to="+55 (11) 98765-0001", text="hello", stdout=StringIO()
    )

    assert Message.objects.get(direction="out").conversation == session
    assert [record["raw"]["to"] for record in sim.sends("meta")] == [OTHER[1:]]
