"""Lists and searches find the tenant's own rows, page by page, in a fixed number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from common.work.rows import State
from messaging import services as messaging
from messaging.models import Contact, Conversation, Label, Message
from messaging.queries.inbox import VIEWS, after, inbox
from messaging.queries.search import conversations_about, find_contacts, find_messages, with_words
from messaging.queries.word_index import CONTACTS, MESSAGES
from tests.support.backoffice import make_member, make_session, write

pytestmark = pytest.mark.both


def texts_of(rows):
    return [row.pk for row in rows]


@pytest.fixture
def desk(clinic, channel):
    """Five sessions, the last one the latest."""
    rows = [make_session(channel, f"+1555010000{number}") for number in range(5)]
    for number, row in enumerate(rows):
        moment = timezone.now() - timedelta(minutes=10 - number)
        Conversation.objects.filter(pk=row.pk).update(last_message_at=moment, waiting_since=moment)
    return rows


def test_each_view_lists_its_sessions(clinic, desk):
    ana = make_member(clinic)
    paused, mine, failed, away, done = desk
    messaging.pause(conversation=paused, by="customer")
    messaging.take_over(conversation=mine, by="ana", member=ana)
    write(failed, state=State.DEAD)
    messaging.snooze(conversation=away, until=timezone.now() + timedelta(hours=1), by="ana")
    messaging.close(conversation=done, by="ana")

    found = {view: texts_of(inbox(clinic, view=view, member=ana)) for view in VIEWS}

    assert found == {
        "open": [failed.pk, mine.pk, paused.pk],
        "wants_person": [mine.pk, paused.pk],
        "mine": [mine.pk],
        "unassigned": [paused.pk],
        "paused": [mine.pk, paused.pk],
        "failed": [failed.pk],
        "snoozed": [away.pk],
        "closed": [done.pk],
        "internal": [],
        "all": texts_of(reversed(desk)),
    }


def test_pages_are_complete_also_when_two_sessions_are_equally_late(clinic, desk):
    Conversation.objects.update(last_message_at=timezone.now())
    rows = inbox(clinic, view="all")
    first = list(rows[:2])

    second = list(after(rows, first[-1].last_message_at, first[-1].pk)[:2])
    third = list(after(rows, second[-1].last_message_at, second[-1].pk)[:2])

    assert texts_of([*first, *second, *third]) == texts_of(reversed(desk))


def test_a_list_needs_the_same_queries_at_any_length(clinic, desk, django_assert_num_queries):
    label = Label.objects.create(tenant=clinic, name="vip")
    for row in desk:
        messaging.add_label(conversation=row, label=label, by="a")

    with django_assert_num_queries(2):
        shown = [(str(row.contact), str(row.channel), row.assignee, list(row.labels.all())) for row in inbox(clinic)]
    assert len(shown) == 5


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize("view", ["open", "wants_person", "unassigned", "paused"])
def test_each_view_uses_its_index(clinic, desk, is_postgres, view):
    assert is_postgres
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
    plan = inbox(clinic, view=view)[:50].explain()

    assert "Index Scan" in plan
    assert "conversation_" in plan
    assert "Seq Scan on messaging_conversation" not in plan


def test_a_search_finds_words_anywhere_in_any_case(clinic, channel):
    chat = make_session(channel, "+15550100001")
    for text in ("My tooth hurts", "The TOOTHBRUSH broke", "Nothing here", "Zahn tut weh"):
        write(chat, text)

    assert [m.text for m in find_messages(clinic, "tooth")] == ["The TOOTHBRUSH broke", "My tooth hurts"]
    assert [m.text for m in find_messages(clinic, "hurts TOOTH")] == ["My tooth hurts"]
    assert [list(find_messages(clinic, text)) for text in ("", "!!", "tooth & zahn")] == [[], [], []]


def test_a_search_treats_special_characters_as_text(clinic, channel):
    chat = make_session(channel, "+15550100001")
    write(chat, "Is it (really) 50% off?")

    for text in ("(really", "50%", "off?'", "a | b:* & !c", "really:*", "\0really"):
        assert [m.pk for m in find_messages(clinic, text)] in ([Message.objects.get().pk], [])
    assert len(find_messages(clinic, "50%")) == 1


def test_the_next_page_of_a_search_begins_after_the_last(clinic, channel):
    chat = make_session(channel, "+15550100001")
    rows = [write(chat, f"tooth {number}") for number in range(5)]

    first = list(find_messages(clinic, "tooth", limit=2))
    rest = list(find_messages(clinic, "tooth", before=first[-1].pk, limit=9))

    assert texts_of([*first, *rest]) == texts_of(reversed(rows))


def test_a_search_finds_no_other_tenants_rows_and_no_deleted_messages(clinic, salon, channel, make_channel):
    own = make_session(channel, "+15550100001")
    other = make_session(make_channel(salon, "meta"), "+15550100001")
    for chat in (own, other):
        write(chat, "tooth")
        write(chat, "tooth, taken back", deleted_at=timezone.now())

    assert [m.conversation_id for m in find_messages(clinic, "tooth")] == [own.pk]
    assert [contact.pk for contact in find_contacts(clinic, "+1555 010-0001")] == [own.contact_id]
    assert texts_of(Conversation.objects.filter(conversations_about(salon, "tooth"))) == [other.pk]


@pytest.mark.parametrize("text", ["ana", "An 01", "+15550100001", "(555) 010-0001", "0100001"])
def test_people_are_found_by_name_and_by_number(clinic, channel, text):
    make_session(channel, "+15550100002")
    ana = make_session(channel, "+15550100001").contact

    assert ana.pk in [contact.pk for contact in find_contacts(clinic, text)]


def test_a_conversation_is_found_by_its_person_and_by_its_words(clinic, channel):
    one, two = make_session(channel, "+15550100001"), make_session(channel, "+15550100002")
    write(two, "Ana 01 sent me")

    chats = inbox(clinic, view="all")
    assert sorted(texts_of(chats.filter(conversations_about(clinic, "Ana 01")))) == [one.pk, two.pk]
    assert texts_of(chats.filter(conversations_about(clinic, "sent me"))) == [two.pk]


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_search_uses_the_text_index(clinic, channel, is_postgres):
    assert is_postgres
    write(make_session(channel, "+15550100001"), "tooth")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")

    # In a table with one row PostgreSQL may choose another index. The test checks that the expressions are those of the
    # indexes.
    assert "message_search" in with_words(Message.objects.order_by(), MESSAGES, ["tooth"]).explain()
    assert "contact_search" in with_words(Contact.objects.order_by(), CONTACTS, ["Ana"]).explain()


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(("text", "is_cheap"), [("Tooth", True), ("dentição", False)])
def test_letters_are_searched_before_a_text_is_parsed(clinic, channel, is_postgres, text, is_cheap):
    """This holds for letters whose lower case is the same in every locale."""
    assert is_postgres
    message = write(make_session(channel, "+15550100001"), f"TOOTH, {text}")

    plan = find_messages(clinic, text).explain()
    order = [plan.find("strpos(lower(text)"), plan.find("to_tsvector")]

    assert (0 < order[0] < order[1]) == is_cheap
    assert list(find_messages(clinic, text)) == [message]
