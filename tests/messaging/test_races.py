"""Two webhooks, or a webhook and a send, in the same moment; on real threads where that matters."""

import threading
import time
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Count

from assistant.models import Turn
from common.work import relay
from common.work.run import work_on
from messaging import services as messaging
from messaging.models import Contact, ContactAddress, Conversation, Message, PendingStatus, WebhookEvent
from messaging.providers.base import Address, AddressKind, DeliveryStatus, Person, StatusUpdate
from messaging.services import delivery, receiving, statuses

PHONE = Address(AddressKind.PHONE, "+15550100111", "15550100111")
LID = Address(AddressKind.LID, "4711@lid", "4711@lid")


def in_thread(verb):
    def run():
        try:
            verb()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["status", "send"])
def test_f8_a_status_kept_in_the_moment_of_the_answer_is_joined(first, clinic, wire, sim, talk, say):
    """Both transactions look before either has committed: whoever commits last must see the other."""
    channel = wire(clinic, "evolution")
    message = say(talk(channel), "crossing")
    claimed = Message.objects.claim(message.pk)
    attempt = delivery._begin(claimed)
    looked, may_commit = threading.Event(), threading.Event()
    update = StatusUpdate(
        external_id="3ECROSS",
        channel=channel.external_id,
        status=DeliveryStatus.FAILED,
        error_code="500",
        error_text="no",
    )

    def status():
        statuses.record_status(channel=channel, update=update)

    def answer():
        delivery._accepted(claimed, attempt, delivery.Sent(external_id="3ECROSS"), ms=1)

    early, late = (status, answer) if first == "status" else (answer, status)

    def keep_open():
        with transaction.atomic():
            early()
            looked.set()
            may_commit.wait(60)

    thread = in_thread(keep_open)
    assert looked.wait(60)
    with transaction.atomic():
        late()
        may_commit.set()
        thread.join(60)

    row = Message.objects.get(pk=message.pk)
    assert (row.delivery, row.state) == (DeliveryStatus.FAILED, "dead")
    assert not PendingStatus.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_webhooks_of_a_new_person_lose_none_of_the_names(clinic):
    linked, may_commit = threading.Event(), threading.Event()

    def by_phone():
        with transaction.atomic():
            messaging.resolve_contact(tenant=clinic, person=Person(addresses=(PHONE,)))
            linked.set()
            may_commit.wait(60)

    thread = in_thread(by_phone)
    assert linked.wait(60)
    threading.Timer(0.3, may_commit.set).start()
    messaging.resolve_contact(tenant=clinic, person=Person(addresses=(LID, PHONE)))
    thread.join(60)

    contact = Contact.objects.get()
    assert set(ContactAddress.objects.values_list("contact", "value")) == {
        (contact.pk, PHONE.value),
        (contact.pk, LID.value),
    }


@pytest.mark.django_db
def test_an_opt_out_told_before_its_message_is_kept(clinic, wire, sim, talk, say, drain):
    channel = wire(clinic, "evolution")
    message = say(talk(channel), "hello")
    update = StatusUpdate(
        external_id="3EEARLY", channel=channel.external_id, status=DeliveryStatus.FAILED, data={"opted_out": True}
    )
    messaging.record_status(channel=channel, update=update)
    Message.objects.filter(pk=message.pk).update(external_id="3EEARLY", state="done")

    messaging.join_pending(message=Message.objects.get(pk=message.pk))

    assert Contact.objects.get().opted_out_at is not None


@pytest.mark.django_db
def test_a_word_about_marketing_is_noted_and_answers_go_on(clinic, wire, post_webhook, payload, drain):
    channel = wire(clinic, "meta")
    post_webhook(channel, payload("meta/user_preferences_stop.json"))
    drain()

    contact = Contact.objects.get()
    assert contact.marketing_stopped_at is not None
    assert contact.opted_out_at is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("late", ["+5511987650001", "+551187650001"])
def test_f94_two_spellings_of_a_new_person_at_once_are_one_contact(late, clinic):
    """The second webhook looks before the first has committed: the canonical spelling decides whose contact stays."""
    early = {"+5511987650001": "+551187650001", "+551187650001": "+5511987650001"}[late]
    linked, may_commit = threading.Event(), threading.Event()

    def resolve(number):
        address = Address(AddressKind.PHONE, number, number[1:])
        return messaging.resolve_contact(tenant=clinic, person=Person(addresses=(address,)))

    def first():
        with transaction.atomic():
            resolve(early)
            linked.set()
            may_commit.wait(5)

    thread = in_thread(first)
    assert linked.wait(5)
    threading.Timer(0.3, may_commit.set).start()
    found = resolve(late)
    thread.join(10)

    assert Contact.objects.get() == found
    assert set(ContactAddress.objects.values_list("contact", "value")) == {
        (found.pk, "+5511987650001"),
        (found.pk, "+551187650001"),
    }


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("one", "two"), [("551187650001", "5511987650001"), ("5215512340002", "525512340002")])
def test_f94_both_webhooks_at_once_give_one_session_and_one_answer(one, two, clinic, wire, sim, post_webhook, payload):
    """Several times, since threads meet where they like: each pair is another new person."""
    channel = wire(clinic, "meta", messages_per_second=1000)
    for round_number in range(8):
        numbers = [f"{number[:-2]}{round_number:02}" for number in (one, two)]
        events = [kept_webhook(channel, post_webhook, payload, number) for number in numbers]
        barrier = threading.Barrier(2)

        def read(event, barrier=barrier):
            barrier.wait(5)
            work_on(WebhookEvent, event, messaging.process_event)

        for thread in [in_thread(partial(read, event)) for event in events]:
            thread.join(20)
    relay.work_all_due()

    assert Contact.objects.count() == Conversation.objects.count() == 8
    assert Message.objects.filter(direction="in").count() == 16
    answered = Turn.objects.filter(state="done").values_list("conversation").annotate(count=Count("pk"))
    assert [count for _, count in answered] == [1] * 8
    assert {row.dedupe_key.split(":")[1] for row in Message.objects.filter(direction="out")} == {
        str(pk) for pk in Turn.objects.values_list("pk", flat=True)
    }


def kept_webhook(channel, post_webhook, payload, number):
    """Post a text from a number, and keep it unread: the id of its event."""
    body = payload("meta/text.json")
    value = body["entry"][0]["changes"][0]["value"]
    value["messages"][0] |= {"from": number, "id": f"wamid.{number}", "timestamp": str(int(time.time()))}
    value["contacts"][0]["wa_id"] = number
    post_webhook(channel, body)
    return WebhookEvent.objects.latest("pk").pk


@pytest.fixture
def two_names(clinic, make_channel, talk):
    """A person who is two contacts, with what may meet in one moment: a merge of them, and a message."""
    channel = make_channel(clinic, "meta")
    talk(channel, phone="+15550100555", text="the one who is kept")
    kept, merged = Contact.objects.get(), Contact.objects.create(tenant=clinic)
    ContactAddress.objects.create(
        tenant=clinic, contact=merged, kind=AddressKind.PHONE, value="+15550100111", external_id="15550100111"
    )
    return channel, kept, merged


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("had", ["a conversation on both", "a conversation of one", "none on this channel"])
@pytest.mark.parametrize("moment", ["before the lock", "while it waits for the lock"])
def test_a_message_that_meets_a_merge_goes_to_the_contact_who_is_kept(
    had, moment, two_names, inbound, talk, monkeypatch
):
    channel, kept, merged = two_names
    if had == "a conversation of one":
        Conversation.objects.all().delete()
    if had != "none on this channel":
        talk(channel, text="under the other name")
    Contact.objects.filter(pk=merged.pk).update(name="")  # the message would name the contact
    looked_up, merged_now, may_commit = threading.Event(), threading.Event(), threading.Event()
    find = receiving.find_contact

    def slowly(**person):
        contact = find(**person)
        looked_up.set()
        assert merged_now.wait(20)
        return contact

    def merge():
        assert looked_up.wait(20)
        with transaction.atomic():
            messaging.merge_contacts(kept=kept, merged=merged, by="ana")
            if moment != "before the lock":
                merged_now.set()
                may_commit.wait(0.5)
        merged_now.set()

    monkeypatch.setattr(receiving, "find_contact", slowly)
    thread = in_thread(merge)
    message = messaging.receive(channel=channel, inbound=inbound(channel, "in between"))
    thread.join(20)

    conversation = Conversation.objects.get(pk=message.conversation_id)
    assert conversation.contact == kept
    assert conversation.status == "open"
    assert Conversation.objects.filter(contact=merged).exclude(status="closed").count() == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_merge_waits_for_a_message_that_came_first_and_takes_it_along(is_known, two_names, inbound, talk):
    channel, kept, merged = two_names
    if is_known:
        talk(channel, text="earlier")
    received, may_commit, failed = threading.Event(), threading.Event(), []

    def receive():
        with transaction.atomic():
            message = messaging.receive(channel=channel, inbound=inbound(channel, "no more, please"))
            received.set()
            may_commit.wait(20)
            messaging.opt_out(contact=message.conversation.contact, by="customer")  # it writes to the contact

    def merge():
        try:
            messaging.merge_contacts(kept=kept, merged=merged, by="ana")
        except OperationalError as error:  # so the database ends one of two that wait for each other
            failed.append(error)

    threads = [in_thread(receive)]
    assert received.wait(20)
    threads.append(in_thread(merge))
    threading.Timer(0.5, may_commit.set).start()
    for thread in threads:
        thread.join(20)

    assert failed == []
    assert Message.objects.get(text="no more, please").conversation.contact == kept
    assert Contact.objects.get(pk=kept.pk).opted_out_at is not None
