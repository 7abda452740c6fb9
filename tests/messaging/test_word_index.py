"""Messages and contacts are found by words, and SQLite updates the index by triggers."""

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
    """Run a test on SQLite alone, because PostgreSQL has an index of its own."""
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


def test_changed_texts_are_found_by_their_new_words_only(clinic, chat):
    message = write(chat, "my tooth")
    Message.objects.filter(pk=message.pk).update(text="my gum")
    Contact.objects.filter(pk=chat.contact_id).update(name="Maria")

    assert (found(clinic, "tooth"), found(clinic, "gum")) == ([], ["my gum"])
    assert list(find_contacts(clinic, "Ana")) == []
    assert list(find_contacts(clinic, "maria")) == [chat.contact]


def test_deleted_messages_do_not_count_for_the_limit(clinic, chat):
    for number in range(4):
        write(chat, f"tooth {number}")
    Message.objects.filter(text__in=["tooth 2"]).update(deleted_at=timezone.now())
    Message.objects.filter(text="tooth 3").delete()

    assert found(clinic, "tooth", limit=2) == ["tooth 1", "tooth 0"]
    Message.objects.filter(text="tooth 2").update(deleted_at=None)
    assert found(clinic, "tooth", limit=2) == ["tooth 2", "tooth 1"]


def test_newer_rows_of_another_tenant_do_not_count_for_the_limit(clinic, salon, chat, make_channel):
    write(chat, "tooth of the clinic")
    other = make_session(make_channel(salon, "meta"), "+15550100001")
    for number in range(5):
        write(other, f"tooth {number}")

    assert found(clinic, "tooth", limit=2) == ["tooth of the clinic"]


@pytest.mark.parametrize("text", ["ÇA coûte", "ça COÛTE", "çA", "coût"])
def test_accents_are_compared_and_case_is_not(clinic, chat, text):
    write(chat, "Ça coûte")

    assert found(clinic, text) == ["Ça coûte"]
    assert found(clinic, "cout") == []


@pytest.mark.parametrize(
    "text", ["foo_bar", "_", "__ foo", "🙂 foo", "ﬁ", "NOT foo", "foo OR", "𐐀", "क्षि", "\ud800", "e\u0301"]
)
def test_no_text_makes_a_search_fail(clinic, chat, text):
    write(chat, "foo_bar")

    assert found(clinic, text) in ([], ["foo_bar"])


@on_sqlite
def test_the_index_has_the_tenant_of_each_row(clinic, salon, chat, make_channel):
    own = write(chat, "tooth")
    other = write(make_session(make_channel(salon, "meta"), "+15550100001"), "tooth")

    assert indexed(word_index.MESSAGES, "tooth", clinic) == {own.pk}
    assert indexed(word_index.MESSAGES, "tooth", salon) == {other.pk}


@on_sqlite
def test_a_search_uses_the_index_and_reads_no_whole_table(clinic, chat):
    plans = [find_messages(clinic, "tooth").explain(), find_contacts(clinic, "ana").explain()]

    for plan in plans:
        assert "SCAN messaging_message" not in plan
        assert "VIRTUAL TABLE INDEX" in plan


@on_sqlite
@pytest.mark.parametrize("index", word_index.INDEXES, ids=lambda index: index.name)
def test_migrate_rebuilds_an_index_whose_triggers_are_lost(clinic, chat, index):
    """SQLite changes a table by creating a new one, without the triggers of the old one."""
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
def test_migrate_does_not_change_a_complete_index(chat):
    write(chat, "tooth")
    with connection.cursor() as cursor:  # a row that a rebuilt index would not have
        cursor.execute("INSERT INTO message_words(rowid, tenant, words) VALUES (999, 0, 'sign')")

    call_command("migrate", verbosity=0)

    assert indexed(word_index.MESSAGES, "sign") == {999}
