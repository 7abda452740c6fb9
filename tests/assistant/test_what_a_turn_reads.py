"""What a turn reads of the conversation."""

from assistant.models import Turn
from common import queue
from common.work import in_seconds
from messaging import verbs as messaging
from messaging.models import Message
from messaging.providers.base import Kind
from tests.support.fake_llm import said


def test_a_message_taken_back_is_not_answered(openai, settings, say, drain, outbox):
    message = say("Something I regret.")
    Message.objects.filter(pk=message.pk).update(deleted_at=in_seconds(0))

    drain()

    assert outbox() == []
    assert Turn.objects.get().last_error.startswith("nothing to answer")


def test_an_edited_message_is_read_as_it_stands(openai, say, drain):
    message = say("At five?")
    Message.objects.filter(pk=message.pk).update(text="At six?")
    openai.script(said("Yes."))

    drain()

    assert openai.asked[0].body["messages"][-1]["content"] == "At six?"


def test_a_picture_is_named_in_the_prompt(openai, say, drain):
    openai.script(said("Thank you."))
    say("", kind=Kind.IMAGE)

    drain()

    assert openai.asked[0].body["messages"][-1]["content"] == "[image]"


def test_what_a_colleague_promised_is_told(openai, say, drain):
    message = say("Can I get a discount?")
    messaging.send(
        conversation=message.conversation, text="Ten percent, <b>promised</b>.", purpose="operator", dedupe_key="op:1"
    )
    drain()
    messaging.resume(conversation=message.conversation, actor="test")
    openai.script(said("Ten percent."))
    say("How much was it again?")

    drain()

    system, *history = openai.asked[0].body["messages"]
    assert "<colleague>\nTen percent, ‹b›promised‹/b›.\n</colleague>" in system["content"]
    assert [m["role"] for m in history] == ["user", "assistant", "user"]


def test_what_an_answer_had_not_seen_stands_after_it(openai, say, drain):
    openai.script(said("We are open."), said("Both are fine."))
    first = say("Are you open?")
    queue.run("messaging.handle", first.pk)
    # Two more come while the answer to the first is in the making, and no worker has handled them yet.
    say("May I bring my dog?")
    say("And my cat?")
    queue.run("assistant.turn", Turn.objects.get().pk)

    drain()

    _, *history = openai.asked[1].body["messages"]
    assert [(line["role"], line["content"]) for line in history[:2]] == [
        ("user", "Are you open?"),
        ("assistant", "We are open."),
    ]
    waiting = " ".join(line["content"] for line in history[2:])
    assert {line["role"] for line in history[2:]} == {"user"}
    assert waiting.index("May I bring my dog?") < waiting.index("And my cat?")
