"""Lists of the back office: who is found, and what is counted."""

import pytest
from django.urls import reverse

from common.backoffice import lists
from common.work.rows import State
from messaging.admin import messages
from messaging.models import Contact, Message
from tests.support.backoffice import make_session, write

pytestmark = pytest.mark.both


def found(client, model, text):
    answer = client.get(reverse(f"admin:messaging_{model}_changelist"), {"q": text})
    assert answer.status_code == 200
    return set(answer.context["cl"].queryset)


@pytest.fixture
def ana(channel):
    session = make_session(channel, "+15550100001")
    Contact.objects.filter(pk=session.contact_id).update(name="Ana Maria Tavares")
    return session


@pytest.mark.parametrize("text", ["tavares", "ana tav", "Tavares  Ana", "15550100001", "+1 555 010 0001", "0100001"])
def test_a_person_is_found_by_words_of_the_name_or_by_the_number(manager, channel, ana, text):
    make_session(channel, "+15550100777")

    assert found(manager, "conversation", text) == {ana}
    assert found(manager, "contact", text) == {ana.contact}


def test_another_tenants_person_is_not_found(manager, salon, make_channel):
    theirs = make_session(make_channel(salon, "twilio"), "+15550100555")

    assert found(manager, "conversation", "15550100555") == set()
    assert found(manager, "contact", "15550100555") == set()
    write(theirs)
    assert found(manager, "message", "15550100555") == set()


def test_messages_are_found_by_their_person_or_by_the_providers_id(manager, channel, ana):
    said = write(ana)
    Message.objects.filter(pk=said.pk).update(external_id="wamid.77")
    write(make_session(channel, "+15550100777"))

    assert found(manager, "message", "maria tavares") == {said}
    assert found(manager, "message", "wamid.77") == {said}


def test_messages_of_a_person_are_counted_and_the_newest_of_them_are_shown(manager, channel, ana, monkeypatch):
    monkeypatch.setattr(messages, "MESSAGES_FOUND", 3)
    said = [write(ana, state=State.DEAD if number == 0 else State.DONE) for number in range(5)]
    address = reverse("admin:messaging_message_changelist")

    plain = manager.get(address, {"q": "tavares"}).context["cl"]
    dead = manager.get(address, {"q": "tavares", "state": State.DEAD}).context["cl"]

    assert (list(plain.queryset), plain.result_count) == (said[:1:-1], 3)
    assert (list(dead.queryset), dead.result_count) == (said[:1], 1)


def test_nothing_typed_finds_everybody(manager, ana):
    assert found(manager, "conversation", "  ") == {ana}


def test_counting_ends_at_a_number_of_rows(manager, channel, monkeypatch):
    monkeypatch.setattr(lists, "COUNTED_ROWS", 2)
    for number in range(4):
        make_session(channel, f"+1555010000{number}")

    answer = manager.get(reverse("admin:messaging_conversation_changelist"))

    assert answer.context["cl"].result_count == 2


def test_a_filter_offers_what_the_newest_rows_hold(manager, channel, monkeypatch):
    monkeypatch.setattr(lists, "LOOKED_AT_ROWS", 1)
    session = make_session(channel, "+15550100001")
    for outcome in ("permanent", "accepted"):
        write(session).tries.create(outcome=outcome)

    answer = manager.get(reverse("admin:messaging_attempt_changelist"))

    assert [spec.lookup_choices for spec in answer.context["cl"].filter_specs] == [["accepted"]]


def test_messages_are_chosen_by_what_holds_them(manager, ana):
    held, other = write(ana), write(ana)
    Message.objects.filter(pk=held.pk).update(state="held", held_by="window")
    Message.objects.filter(pk=other.pk).update(state="held", held_by="switch")

    answer = manager.get(reverse("admin:messaging_message_changelist"), {"held_by": "window"})

    assert set(answer.context["cl"].queryset) == {held}
