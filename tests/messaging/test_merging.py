"""Two contacts that are one person, and back: nothing is lost, and nothing is seen twice."""

import pytest

from assistant.models import Fact
from common.errors import NotPossible
from messaging import services as messaging
from messaging.models import Contact, Conversation, Label, Message
from messaging.queries.search import find_contacts
from messaging.services.contacts import store_marketing_preference
from tests.support.backoffice import make_session, write

pytestmark = pytest.mark.both


@pytest.fixture
def two(clinic, make_channel, talk):
    """Ana writes on two lines by two numbers, and on the first line by both."""
    first, second = make_channel(clinic, "meta"), make_channel(clinic, "twilio")
    kept = talk(first, phone="+15550100111", text="by the first number")
    merged = talk(first, phone="+15550100222", text="by the second number")
    elsewhere = talk(second, phone="+15550100222", text="on the second line")
    Fact.objects.create(tenant=clinic, contact=kept.contact, text="likes mornings")
    Fact.objects.create(tenant=clinic, contact=merged.contact, text="likes mornings")
    Fact.objects.create(tenant=clinic, contact=merged.contact, text="has a dog")
    return kept.contact, merged.contact, elsewhere


def picture():
    """Where everything is, to be compared."""
    return {
        "addresses": list(Contact.objects.order_by("pk").values_list("pk", "addresses__value").order_by("addresses")),
        "facts": list(Fact.objects.order_by("pk").values_list("contact", "text")),
        "conversations": list(Conversation.objects.order_by("pk").values_list("pk", "contact", "last_text")),
        "messages": list(Message.objects.order_by("pk").values_list("pk", "conversation")),
        "names": list(Contact.objects.order_by("pk").values_list("name", "opted_out_at", "merged_into")),
    }


def test_addresses_conversations_facts_and_words_move(clinic, two):
    kept, merged, elsewhere = two

    messaging.merge_contacts(kept=kept, merged=merged, by="ana")

    assert sorted(kept.addresses.values_list("value", flat=True)) == ["+15550100111", "+15550100222"]
    assert sorted(kept.facts.values_list("text", flat=True)) == ["has a dog", "likes mornings"]
    assert set(Conversation.objects.filter(contact=kept).values_list("channel__provider", flat=True)) == {
        "meta", "twilio",
    }  # fmt: skip
    first = Conversation.objects.get(contact=kept, channel__provider="meta")
    texts = list(first.messages.order_by("pk").values_list("text", flat=True))
    assert texts == ["by the first number", "by the second number"]
    assert (first.unread, first.last_text) == (2, "by the second number")
    assert [contact.pk for contact in find_contacts(clinic, "Ana")] == [kept.pk]
    elsewhere.refresh_from_db()
    assert elsewhere.contact == kept


def test_undoing_restores_everything(two):
    kept, merged, _ = two
    before = picture()

    merge = messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    assert picture() != before
    messaging.unmerge_contacts(merge=merge, by="ben")

    assert picture() == before
    with pytest.raises(NotPossible, match="undone already"):
        messaging.unmerge_contacts(merge=merge, by="ben")


def test_a_message_by_either_number_reaches_the_one_who_was_kept(clinic, two, talk):
    kept, merged, _ = two
    messaging.merge_contacts(kept=kept, merged=merged, by="ana")

    channel = Conversation.objects.get(contact=kept, channel__provider="meta").channel
    conversation = talk(channel, phone="+15550100222", text="and later")

    assert (conversation.contact, conversation.last_text) == (kept, "and later")


def test_a_name_that_was_linked_to_who_is_put_away_leads_to_who_is_kept(clinic, two, talk):
    """By one merge or by two: a webhook may have linked it in the moment of the merge."""
    kept, merged, elsewhere = two
    last = talk(elsewhere.channel, phone="+15550100333").contact
    messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    messaging.merge_contacts(kept=last, merged=kept, by="ana")
    for number, contact in (("+15550100444", merged), ("+15550100555", kept)):
        contact.addresses.create(tenant=clinic, kind="phone", value=number, external_id=number)

        assert talk(elsewhere.channel, phone=number, text=number).contact == last


def test_what_came_after_the_merge_stays_with_the_one_who_was_kept(two, talk):
    kept, merged, _ = two
    merge = messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    conversation = Conversation.objects.get(contact=kept, channel__provider="meta")
    later = write(conversation, "later")

    messaging.unmerge_contacts(merge=merge, by="ana")

    later.refresh_from_db()
    assert later.conversation == conversation
    assert Conversation.objects.get(contact=merged, channel__provider="meta").messages.count() == 1


def test_who_wanted_no_messages_under_one_name_gets_none_under_both(two):
    kept, merged, _ = two
    messaging.opt_out(contact=merged, by="customer")

    messaging.merge_contacts(kept=kept, merged=merged, by="ana")

    kept.refresh_from_db()
    assert kept.opted_out_at is not None


STOPS = {
    "opted_out_at": lambda contact: messaging.opt_out(contact=contact, by="customer"),
    "marketing_stopped_at": lambda contact: store_marketing_preference(contact=contact, is_wanted=False),
}


@pytest.mark.parametrize("before", ["nobody", "kept", "merged"])
@pytest.mark.parametrize("name", STOPS)
def test_a_stop_stands_for_both_after_the_merge_is_undone(name, before, two):
    """The newest stop: of after the merge where nobody had said it, else of before."""
    kept, merged, _ = two
    for contact in {"nobody": [], "kept": [kept], "merged": [merged]}[before]:
        STOPS[name](contact)
    merge = messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    STOPS[name](kept)
    kept.refresh_from_db()
    said_at = getattr(kept, name)

    messaging.unmerge_contacts(merge=merge, by="ben")

    assert said_at is not None
    assert set(Contact.objects.values_list(name, flat=True)) == {said_at}


@pytest.mark.parametrize("name", STOPS)
def test_of_two_stops_the_newer_stands_for_both_after_the_merge_is_undone(name, two):
    kept, merged, _ = two
    STOPS[name](kept)
    STOPS[name](merged)
    newer = Contact.objects.values_list(name, flat=True).get(pk=merged.pk)

    messaging.unmerge_contacts(merge=messaging.merge_contacts(kept=kept, merged=merged, by="ana"), by="ben")

    assert set(Contact.objects.values_list(name, flat=True)) == {newer}


def test_who_wanted_messages_again_after_the_merge_has_their_own_stop_back(two):
    """The word of after the merge may be the other one's: what each had said before counts again."""
    kept, merged, _ = two
    messaging.opt_out(contact=merged, by="customer")
    merge = messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    messaging.opt_back_in(contact=kept, by="customer")

    messaging.unmerge_contacts(merge=merge, by="ben")

    assert list(Contact.objects.filter(opted_out_at=None)) == [kept]


def test_what_the_assistant_was_writing_in_the_emptied_session_is_fenced(two):
    kept, merged, _ = two
    emptied = Conversation.objects.get(contact=merged, channel__provider="meta")

    messaging.merge_contacts(kept=kept, merged=merged, by="ana")

    emptied.refresh_from_db()
    assert (emptied.fence, emptied.status, emptied.unread) == (1, "closed", 0)


def test_labels_that_both_have_are_kept_once(clinic, two):
    kept, merged, _ = two
    label = Label.objects.create(tenant=clinic, name="vip")
    for contact in (kept, merged):
        conversation = Conversation.objects.get(contact=contact, channel__provider="meta")
        messaging.add_label(conversation=conversation, label=label, by="ana")

    merge = messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    assert Conversation.objects.get(contact=kept, channel__provider="meta").labels.count() == 1
    messaging.unmerge_contacts(merge=merge, by="ana")

    assert Conversation.objects.get(contact=merged, channel__provider="meta").labels.count() == 1


def test_what_cannot_be_one_person_is_refused(salon, two, make_channel):
    kept, merged, _ = two
    foreign = make_session(make_channel(salon, "evolution"), "+15550100999").contact
    group = Contact.objects.create(tenant=kept.tenant, is_group=True)
    before = picture()

    for other, reason in ((foreign, "one business"), (kept, "one business"), (group, "group")):
        with pytest.raises(NotPossible, match=reason):
            messaging.merge_contacts(kept=kept, merged=other, by="ana")

    assert picture() == before
    messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    with pytest.raises(NotPossible, match="merged already"):
        messaging.merge_contacts(kept=kept, merged=merged, by="ana")


def test_editing_a_person_says_what_changed(two):
    kept, _, _ = two

    assert messaging.update_contact_details(contact=kept, by="ana", name=" Ana T. ", language="pt") is True
    assert messaging.update_contact_details(contact=kept, by="ana", name="Ana T.") is False

    kept.refresh_from_db()
    assert (kept.name, kept.language) == ("Ana T.", "pt")
