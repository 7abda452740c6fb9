"""What is said and who said it is found by words at once, and SQLite keeps the index for it by itself."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from messaging.models import Contact, Message
from messaging.queries import word_index
from messaging.queries.search import find_contacts, find_messages
from tests.support.backoffice import make_session, write

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def on_sqlite(test):
    """A test of the index that is for SQLite alone: PostgreSQL has one of its own."""
    return pytest.mark.once(pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite has it")(test))


@pytest.fixture
def chat(channel):
    return make_session(channel, "+15550100001")


def found(tenant, text, **asked):
    return [message.text for message in find_messages(tenant, text, **asked)]


def indexed(index, word, tenant=None):
    with connection.cursor() as cursor:
        asked = index.matching([word], tenant, None, None)
        cursor.execute(asked.sql, asked.params)
        return {row[0] for row in cursor.fetchall()}


def test_changed_words_are_found_and_the_old_ones_no_more(clinic, chat):
    message = write(chat, "my tooth")
    Message.objects.filter(pk=message.pk).update(text="my gum")
    Contact.objects.filter(pk=chat.contact_id).update(name="Maria")

    assert (found(clinic, "tooth"), found(clinic, "gum")) == ([], ["my gum"])
    assert list(find_contacts(clinic, "Ana")) == []
    assert list(find_contacts(clinic, "maria")) == [chat.contact]


def test_what_is_taken_back_or_gone_leaves_room_for_the_rest(clinic, chat):
    for number in range(4):
        write(chat, f"tooth {number}")
    Message.objects.filter(text__in=["tooth 2"]).update(deleted_at=timezone.now())
    Message.objects.filter(text="tooth 3").delete()

    assert found(clinic, "tooth", limit=2) == ["tooth 1", "tooth 0"]
    Message.objects.filter(text="tooth 2").update(deleted_at=None)
    assert found(clinic, "tooth", limit=2) == ["tooth 2", "tooth 1"]


def test_many_newer_rows_of_another_business_hide_nothing(clinic, salon, chat, make_channel):
    write(chat, "tooth of the clinic")
    other = make_session(make_channel(salon, "meta"), "+15550100001")
    for number in range(5):
        write(other, f"tooth {number}")

    assert found(clinic, "tooth", limit=2) == ["tooth of the clinic"]


@pytest.mark.parametrize("text", ["ÇA coûte", "ça COÛTE", "çA", "coût"])
def test_accents_count_and_their_case_does_not(clinic, chat, text):
    write(chat, "Ça coûte")

    assert found(clinic, text) == ["Ça coûte"]
    assert found(clinic, "cout") == []


@pytest.mark.parametrize(
    "text", ["foo_bar", "_", "__ foo", "🙂 foo", "ﬁ", "NOT foo", "foo OR", "𐐀", "क्षि", "\ud800", "e\u0301"]
)
def test_no_words_break_a_search(clinic, chat, text):
    write(chat, "foo_bar")

    assert found(clinic, text) in ([], ["foo_bar"])


@on_sqlite
def test_the_index_knows_whose_words_they_are(clinic, salon, chat, make_channel):
    own = write(chat, "tooth")
    other = write(make_session(make_channel(salon, "meta"), "+15550100001"), "tooth")

    assert indexed(word_index.MESSAGES, "tooth", clinic) == {own.pk}
    assert indexed(word_index.MESSAGES, "tooth", salon) == {other.pk}


@on_sqlite
def test_a_search_reads_the_index_and_no_table_whole(clinic, chat):
    plans = [find_messages(clinic, "tooth").explain(), find_contacts(clinic, "ana").explain()]

    for plan in plans:
        assert "SCAN messaging_message" not in plan
        assert "VIRTUAL TABLE INDEX" in plan


@on_sqlite
@pytest.mark.parametrize("index", word_index.INDEXES, ids=lambda index: index.name)
def test_migrating_mends_an_index_that_a_changed_table_left_behind(clinic, chat, index):
    """SQLite changes a table by making it anew, without its triggers."""
    first = write(chat, "Anatomy")
    with connection.cursor() as cursor:
        for name, _sql in index.triggers():
            cursor.execute(f"DROP TRIGGER {name}")
    unseen = [write(chat, "Anagram"), Contact.objects.create(tenant=clinic, name="Anastasia")]
    Message.objects.filter(pk=first.pk).update(text="Botany")

    call_command("migrate", verbosity=0)

    expected = {unseen[0].pk} if index is word_index.MESSAGES else {chat.contact_id, unseen[1].pk}
    assert indexed(index, "ana") == expected
    assert indexed(index, "ana", clinic) == expected


@on_sqlite
def test_migrating_leaves_an_index_that_is_whole_alone(chat):
    write(chat, "tooth")
    with connection.cursor() as cursor:  # a sign that a new index would not have
        cursor.execute("INSERT INTO message_words(rowid, tenant, words) VALUES (999, 0, 'sign')")

    call_command("migrate", verbosity=0)

    assert indexed(word_index.MESSAGES, "sign") == {999}
