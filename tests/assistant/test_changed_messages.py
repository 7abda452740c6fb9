"""A customer edits or takes back a message: the desk sees it anew, and the assistant answers what stands there now."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assistant import toolbox
from assistant.models import Turn
from common.work import queue
from common.work.rows import State
from messaging import services as messaging
from messaging.models import Conversation, Message
from messaging.providers.base import MessageChange
from messaging.services.edits import change_message
from tests.support import meanwhile
from tests.support.fake_llm import calls, said


@pytest.fixture
def change(channel):
    numbers = iter(range(1, 100))

    def apply(message, text="", **fields):
        wanted = {"external_id": f"change-{next(numbers)}", "channel": channel.external_id, "text": text, **fields}
        return change_message(channel=channel, change=MessageChange(target=message.external_id, **wanted))

    return apply


@pytest.fixture
def asked(openai, say, drain):
    """A question that was answered and read by the desk."""
    openai.default = lambda asked: said(f"Answer {len(openai.asked)}.")
    message = say("Can I come at 14h?")
    drain()
    go_out()
    messaging.mark_read(conversation=message.conversation)
    return message


def go_out():
    Message.objects.filter(direction="out").update(state=State.DONE)


def last_prompt(openai):
    return [line["content"] for line in openai.asked[-1].body["messages"][1:]]


def test_an_edit_after_the_answer_is_answered_anew(asked, change, openai, drain, outbox):
    change(asked, "Can I come at 15h?")

    row = Conversation.objects.get()
    assert (row.unread, row.waiting_since is not None, row.status) == (1, True, "open")
    drain()
    assert outbox() == ["Answer 1.", "Answer 2."]
    assert last_prompt(openai) == [
        "(The conversation begins with a message of ours.)",
        "Answer 1.",
        "Can I come at 15h?",
    ]
    assert Conversation.objects.get().waiting_since is None


def test_an_edit_of_an_older_message_is_the_newest_question(asked, change, say, openai, drain, outbox):
    say("And is there parking?")
    drain()
    go_out()

    change(asked, "Can I come at 15h?")
    drain()

    assert last_prompt(openai)[-1] == "Can I come at 15h?"
    assert outbox() == ["Answer 1.", "Answer 2.", "Answer 3."]
    assert not Turn.objects.filter(state=State.QUEUED).exists()
    go_out()
    say("Thanks a lot!")
    drain()
    assert last_prompt(openai)[-3:] == ["Can I come at 15h?", "Answer 3.", "Thanks a lot!"]


@pytest.mark.parametrize("text", ["can i come at 14h", "Can I come at 14h!!", "Can I  come at 14h ?"])
def test_a_correction_of_marks_alone_is_no_news(asked, change, drain, outbox, text):
    change(asked, text)
    drain()

    assert outbox() == ["Answer 1."]
    assert Conversation.objects.get().unread == 0
    assert Message.objects.get(pk=asked.pk).edited_at is not None


def test_while_a_person_has_it_an_edit_waits_for_the_person(asked, change, drain, outbox):
    messaging.pause(conversation=asked.conversation, by="operator")

    change(asked, "Can I come at 15h?")
    drain()

    row = Conversation.objects.get()
    assert (row.unread, row.waiting_since is not None) == (1, True)
    assert outbox() == ["Answer 1."]


@pytest.fixture
def moment(settings):
    settings.ASSISTANT_TOOLS = [*settings.ASSISTANT_TOOLS, "tests.support.meanwhile.wait_a_moment"]
    toolbox.toolbox.cache_clear()
    meanwhile.happenings.clear()
    yield meanwhile.happenings
    toolbox.toolbox.cache_clear()


def test_an_edit_while_the_answer_is_in_the_making_is_answered_once(openai, say, change, drain, outbox, moment):
    openai.script(calls("wait_a_moment", {"note": "on"}), said("For the new words."))
    message = say("Can I come at 14h?")
    moment.append(lambda: change(message, "Can I come at 15h?"))

    drain()

    assert outbox() == ["For the new words."]
    assert last_prompt(openai) == ["Can I come at 15h?"]


def test_a_question_taken_back_waits_no_more(openai, say, change, drain, outbox):
    message = say("Something I regret.")
    queue.run_task("messaging.handle", message.pk)

    change(message, is_deleted=True)
    drain()

    row = Conversation.objects.get()
    assert (row.waiting_since, openai.asked, outbox()) == (None, [], [])


def test_of_two_questions_the_one_that_stays_is_answered(openai, say, change, drain, outbox):
    openai.default = lambda asked: said("At six.")
    first = say("When do you close?")
    second = say("Something I regret.")
    for message in (first, second):
        queue.run_task("messaging.handle", message.pk)

    change(second, is_deleted=True)
    drain()

    assert outbox() == ["At six."]
    assert last_prompt(openai) == ["When do you close?"]


def test_what_is_taken_back_after_the_answer_is_not_answered_again(asked, change, drain, outbox):
    change(asked, is_deleted=True)
    drain()

    assert outbox() == ["Answer 1."]
    assert Conversation.objects.get().waiting_since is None


def test_an_edit_that_nobody_can_read_is_marked_and_asks_for_nothing(asked, change, drain, outbox):
    change(asked, is_unreadable=True)
    drain()

    message = Message.objects.get(pk=asked.pk)
    assert (message.text, message.data["edit_unreadable"]) == ("Can I come at 14h?", True)
    assert (Conversation.objects.get().unread, outbox()) == (0, ["Answer 1."])


def test_an_edit_out_of_a_history_is_shown_and_not_answered(asked, change, drain, outbox, settings):
    settings.ANSWER_MAX_AGE_HOURS = 12

    change(asked, "Can I come at 15h?", at=timezone.now() - timedelta(hours=13))
    drain()

    assert (Message.objects.get(pk=asked.pk).text, outbox()) == ("Can I come at 15h?", ["Answer 1."])


def test_what_another_handler_took_stays_decided(asked, change, drain, outbox):
    Message.objects.filter(pk=asked.pk).update(data={"handled_by": "approvals.inbound.answers"})

    change(asked, "no")
    drain()

    assert outbox() == ["Answer 1."]
    assert Conversation.objects.get().unread == 1
