"""What a person of the business wrote after a question answers it, in whatever order the two arrive."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assistant.models import KnowledgeEntry
from common.work import queue
from messaging import services as messaging
from messaging.models import Conversation, Message, Purpose
from messaging.services.owner import receive_from_owner
from tests.support.fake_llm import said

QUESTION, ANSWER = "When do you open tomorrow?", "We open at 9, see you!"


def ago(minutes):
    return timezone.now() - timedelta(minutes=minutes)


@pytest.fixture
def arrive(channel, inbound, openai):
    """Messages arrive: (who, text, minutes ago)."""
    openai.default = lambda asked: said("We are open from Monday.")

    def come(*lines):
        for who, text, minutes in lines:
            message = inbound(channel, text, from_owner=who == "owner", sent_at=ago(minutes))
            if who == "owner":
                receive_from_owner(channel=channel, inbound=message)
            else:
                messaging.receive(channel=channel, inbound=message)

    return come


def by_assistant():
    return list(Message.objects.filter(purpose=Purpose.ASSISTANT).order_by("pk").values_list("text", flat=True))


@pytest.mark.parametrize("age", [1, 29, 40, 100, 180, 600])
@pytest.mark.parametrize("is_first", ["question", "answer"])
def test_f93_the_owners_word_stands_however_old_and_whichever_comes_first(arrive, drain, age, is_first):
    lines = [("customer", QUESTION, age + 10), ("owner", ANSWER, age)]

    arrive(*(lines if is_first == "question" else lines[::-1]))
    drain()

    assert by_assistant() == []
    assert Conversation.objects.get().waiting_since is None


@pytest.mark.parametrize("is_first", ["question", "answer"])
def test_a_question_after_the_owners_old_word_is_answered(arrive, drain, is_first):
    lines = [("customer", QUESTION, 230), ("owner", ANSWER, 220), ("customer", "And on Sunday?", 200)]

    arrive(*(lines if is_first == "question" else lines[::-1]))
    drain()

    assert by_assistant() == ["We are open from Monday."]


def test_a_question_after_the_owners_word_of_the_last_hour_waits_for_the_owner(arrive, drain):
    arrive(("customer", "And on Sunday?", 20), ("customer", QUESTION, 50), ("owner", ANSWER, 40))
    drain()

    conversation = Conversation.objects.get()
    assert by_assistant() == []
    assert (conversation.paused_by, conversation.is_paused) == ("owner", True)
    assert timedelta(minutes=19) < timezone.now() - conversation.waiting_since < timedelta(minutes=21)
    assert timedelta(minutes=39) < timezone.now() - conversation.last_human_at < timedelta(minutes=41)


def test_an_old_word_does_not_take_over_what_was_handed_back_since(arrive, drain):
    arrive(("customer", "Hello?", 3))
    conversation = Conversation.objects.get()
    messaging.pause(conversation=conversation, by="operator")
    messaging.resume(conversation=conversation, actor="operator")

    arrive(("owner", ANSWER, 40))

    assert not Conversation.objects.get().is_paused


def test_an_answer_in_the_outbox_is_taken_back_by_an_old_word(arrive, drain):
    arrive(("customer", QUESTION, 200))
    queue.run_task("messaging.handle", Message.objects.get().pk)
    conversation = Conversation.objects.get()
    messaging.send(conversation=conversation, text="By the book.", purpose=Purpose.ASSISTANT, dedupe_key="a")

    arrive(("owner", ANSWER, 190))
    drain()

    assert Message.objects.get(text="By the book.").state == "ignored"


def test_an_operators_word_during_an_outage_answers_what_arrives_later(arrive, drain, channel):
    arrive(("customer", "Hello", 300))
    conversation = Conversation.objects.get()
    messaging.send(conversation=conversation, text="We are back.", purpose=Purpose.OPERATOR, dedupe_key="op")
    Message.objects.filter(purpose=Purpose.OPERATOR).update(created_at=ago(200))
    messaging.resume(conversation=conversation, actor="operator")
    before = by_assistant()

    arrive(("customer", "Are you there?", 210))
    drain()

    assert by_assistant() == before


def test_old_commands_count_from_when_they_were_written(arrive):
    arrive(("customer", "Hello", 70), ("owner", "/bot off 2h", 60))

    left = Conversation.objects.get().resume_at - timezone.now()
    assert timedelta(minutes=59) < left <= timedelta(minutes=60)


def test_an_overtaken_command_hands_nothing_back(arrive):
    arrive(("customer", "Hello", 70), ("owner", "I will see to it.", 10), ("owner", "/bot on", 60))

    assert Conversation.objects.get().is_paused


def test_a_late_word_does_not_shorten_the_time_that_was_asked_for(arrive):
    arrive(("customer", "Hello", 95))
    until = timezone.now() + timedelta(hours=1)
    messaging.pause(conversation=Conversation.objects.get(), by="operator", until=until)

    arrive(("owner", ANSWER, 90))

    assert Conversation.objects.get().resume_at == until


ASIDES = [Purpose.REMINDER, Purpose.NOTICE, Purpose.APPOINTMENT, Purpose.PAYMENT]


@pytest.fixture
def remind():
    """Something goes out that answers nothing."""

    def send(purpose, **fields):
        conversation = Conversation.objects.get()
        messaging.send(
            conversation=conversation, text="See you tomorrow at 9.", purpose=purpose, dedupe_key="aside", **fields
        )

    return send


@pytest.mark.parametrize("purpose", ASIDES)
def test_what_answers_nothing_hides_no_emergency(say, remind, drain, settings, purpose):
    settings.BURST_WAIT_SECONDS = 0
    say("my chest hurts and I cannot breathe")
    remind(purpose)
    say("please")
    drain()

    assert Conversation.objects.get().pause_reason == "urgent: it reads like an emergency"


@pytest.mark.parametrize("purpose", ASIDES)
def test_a_question_before_a_reminder_still_waits(clinic, say, remind, drain, purpose):
    KnowledgeEntry.objects.create(tenant=clinic, title="Parking", keywords="park", content="Free in the yard.")
    say("is there parking?")
    remind(purpose)
    say("please")
    drain()

    assert by_assistant()[0] == "Free in the yard."


def test_what_another_handler_took_before_a_reminder_is_no_question(say, remind, drain, outbox):
    first = say("my chest hurts")
    Message.objects.filter(pk=first.pk).update(
        state="done", data={"handled_by": "reminders.inbound.handle_reminder_message"}
    )
    remind(Purpose.NOTICE)
    say("hello")
    drain()

    assert not Conversation.objects.get().is_paused


def test_an_answer_to_an_emergency_is_an_answer(say, remind, drain):
    say("my chest hurts and I cannot breathe")
    drain()
    messaging.resume(conversation=Conversation.objects.get(), actor="operator")
    remind(Purpose.REMINDER)
    say("hello again")
    drain()

    assert not Conversation.objects.get().is_paused
