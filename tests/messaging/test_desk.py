"""What lies on the desk: whose it is, who waits, until when it sleeps; and that the rows always say so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import NotPossible
from messaging import services as messaging
from messaging.models import Conversation, Label, Message, Note, Purpose
from messaging.models.conversations import ConversationStatus, Holder
from messaging.providers.base import Kind, MessageChange
from messaging.queries.desk import fill_reply, others_writing
from messaging.services.edits import change_message
from messaging.services.owner import receive_from_owner
from tenants.models import AuditEntry
from tests.support.backoffice import make_member

pytestmark = pytest.mark.both


@pytest.fixture
def chat(channel, talk):
    return talk(channel, text="Are you open?")


def now(conversation):
    return Conversation.objects.get(pk=conversation.pk)


def acts():
    rows = AuditEntry.objects.exclude(action="channel_set_up").order_by("pk")
    return list(rows.values_list("action", flat=True))


def test_a_customer_waits_from_the_first_unanswered_message_until_an_answer(chat, channel, inbound, say):
    first = now(chat).waiting_since
    messaging.receive(channel=channel, inbound=inbound(channel, "Hello?"))
    assert (now(chat).waiting_since, now(chat).last_text, now(chat).last_purpose) == (first, "Hello?", "customer")

    say(chat, "Yes, until six.")

    assert (now(chat).waiting_since, now(chat).last_text) == (None, "Yes, until six.")
    assert now(chat).last_purpose == Purpose.ASSISTANT


def test_the_notice_that_a_person_comes_answers_nobody(chat):
    messaging.send(
        conversation=chat, text="A person will come.", purpose=Purpose.NOTICE, dedupe_key="n", author="assistant"
    )

    assert now(chat).waiting_since is not None


@pytest.mark.parametrize("kind", [Kind.REACTION, Kind.SYSTEM])
def test_a_reaction_asks_for_nothing_and_wakes_nothing(chat, channel, inbound, say, kind):
    say(chat, "Yes.")
    messaging.close(conversation=chat, by="ana")

    messaging.receive(channel=channel, inbound=inbound(channel, "👍", kind=kind))

    row = now(chat)
    assert (row.waiting_since, row.status, row.last_text) == (None, ConversationStatus.CLOSED, "Yes.")


def test_what_the_owner_writes_on_the_own_phone_answers(chat, channel, inbound):
    receive_from_owner(channel=channel, inbound=inbound(channel, "I am here", from_owner=True))

    assert (now(chat).waiting_since, now(chat).last_text) == (None, "I am here")
    assert now(chat).holder == Holder.NOBODY


def test_an_edit_and_a_deletion_show_in_the_list(chat, channel):
    message = Message.objects.get()
    change = {"external_id": "c", "channel": channel.external_id, "target": message.external_id}
    change_message(channel=channel, change=MessageChange(**change, text="Open today?"))
    assert now(chat).last_text == "Open today?"

    change_message(channel=channel, change=MessageChange(**change, is_deleted=True))

    assert now(chat).last_text == ""


def test_a_long_text_is_cut_for_the_list(chat, channel, inbound):
    messaging.receive(channel=channel, inbound=inbound(channel, "word \n" * 100))

    text = now(chat).last_text
    assert (len(text), text[-1], "\n" in text) == (120, "…", False)


def test_who_has_it_follows_the_pause_and_the_member(clinic, chat):
    ana = make_member(clinic)
    assert now(chat).holder == Holder.ASSISTANT

    messaging.pause(conversation=chat, by="customer")
    assert now(chat).holder == Holder.NOBODY
    messaging.assign(conversation=chat, member=ana, by="ben")
    assert (now(chat).holder, now(chat).assignee) == (Holder.MEMBER, ana)
    messaging.resume(conversation=chat, actor="ana")

    assert now(chat).holder == Holder.ASSISTANT
    assert acts() == ["paused", "assigned", "resumed"]


def test_taking_over_makes_it_mine_and_says_why_and_until_when(clinic, chat):
    until = timezone.now() + timedelta(hours=5)

    row = messaging.take_over(conversation=chat, by="ana", member=make_member(clinic), reason="angry", until=until)

    assert (row.paused_by, row.pause_reason, row.resume_at) == ("operator", "angry", until)
    assert now(chat).assignee.user.username == "ana-clinic"


def test_a_member_or_a_label_of_another_business_is_refused(clinic, salon, chat):
    with pytest.raises(NotPossible):
        messaging.assign(conversation=chat, member=make_member(salon), by="x")
    with pytest.raises(NotPossible):
        messaging.add_label(conversation=chat, label=Label.objects.create(tenant=salon, name="vip"), by="x")

    assert (now(chat).assignee, now(chat).labels.count(), acts()) == (None, 0, [])


def test_a_label_is_put_on_once_and_taken_off_once(clinic, chat):
    label = Label.objects.create(tenant=clinic, name="vip")

    assert [messaging.add_label(conversation=chat, label=label, by="a") for _ in range(2)] == [True, False]
    assert list(now(chat).labels.all()) == [label]
    assert [messaging.remove_label(conversation=chat, label=label, by="a") for _ in range(2)] == [True, False]
    assert acts() == ["labelled", "unlabelled"]


def test_a_snoozed_session_wakes_at_its_time_and_not_before(chat):
    messaging.snooze(conversation=chat, until=timezone.now() + timedelta(hours=1), by="ana")
    assert (messaging.wake_snoozed(), now(chat).status) == (0, ConversationStatus.SNOOZED)
    Conversation.objects.update(snoozed_until=timezone.now() - timedelta(seconds=1))

    assert [messaging.wake_snoozed(), messaging.wake_snoozed()] == [1, 0]
    assert (now(chat).status, now(chat).snoozed_until) == (ConversationStatus.OPEN, None)


@pytest.mark.parametrize("hours", [-1, 24 * 400])
def test_a_time_to_sleep_until_lies_ahead(chat, hours):
    with pytest.raises(NotPossible):
        messaging.snooze(conversation=chat, until=timezone.now() + timedelta(hours=hours), by="ana")


@pytest.mark.parametrize("put_away", ["close", "snooze"])
def test_a_message_of_the_customer_opens_what_was_put_away(chat, channel, inbound, put_away):
    more = {"until": timezone.now() + timedelta(days=1)} if put_away == "snooze" else {}
    getattr(messaging, put_away)(conversation=chat, by="ana", **more)

    messaging.receive(channel=channel, inbound=inbound(channel, "One more thing"))

    row = now(chat)
    assert (row.status, row.snoozed_until, row.unread) == (
        ConversationStatus.OPEN,
        None,
        1 if put_away == "close" else 2,
    )
    assert row.waiting_since is not None


def test_closing_ends_the_waiting_and_reopening_undoes_the_closing(chat):
    messaging.close(conversation=chat, by="ana")
    assert (now(chat).waiting_since, now(chat).unread) == (None, 0)

    assert messaging.reopen(conversation=chat, by="ana").status == ConversationStatus.OPEN
    assert acts() == ["session_closed", "session_open"]


def test_a_note_is_kept_and_never_sent(chat, drain, sim):
    note = messaging.add_note(conversation=chat, text="Owes us 40", author="ana")
    drain()

    assert list(Note.objects.values_list("text", "author")) == [("Owes us 40", "ana")]
    assert (sim.sends(), now(chat).last_text, note.conversation_id) == ([], "Are you open?", chat.pk)


@pytest.mark.parametrize("text", [" ", "x" * 4001])
def test_a_note_has_words_and_an_end(chat, text):
    with pytest.raises(NotPossible):
        messaging.add_note(conversation=chat, text=text, author="ana")


def test_variables_are_filled_by_plain_replacement(chat):
    chat.contact.name = "{agent_name} {{ 7 }}"
    text = "Hi {contact_name}, {agent_name} of {business_name} here. {unknown} {0} {contact_name.pk}"

    filled_in = fill_reply(text, conversation=chat, agent_name="Eva")

    assert filled_in == ("Hi {agent_name} {{ 7 }}, Eva of Example Dental here. {unknown} {0} {contact_name.pk}")


def test_a_name_that_is_not_known_leaves_no_gap(chat):
    chat.contact.name = ""

    assert fill_reply("Hi {contact_name}, welcome", conversation=chat, agent_name="Eva") == "Hi, welcome"


def test_others_see_who_is_writing_until_they_stop(clinic, chat):
    ana, ben = make_member(clinic), make_member(clinic, "ben")
    for _ in range(2):
        messaging.record_writing(conversation=chat, member=ana)

    assert [row.member for row in others_writing(chat, ben.user_id)] == [ana]
    assert list(others_writing(chat, ana.user_id)) == []
    messaging.clear_writing(conversation=chat, member=ana)
    assert list(others_writing(chat, ben.user_id)) == []
