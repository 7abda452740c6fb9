"""What a turn reads of the conversation."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistant.models import KnowledgeEntry, Turn
from common.work import queue
from common.work.rows import now_plus_seconds
from messaging import services as messaging
from messaging.models import Message
from messaging.providers.base import Kind
from tests.support.fake_llm import said


def test_a_message_taken_back_is_not_answered(openai, settings, say, drain, outbox):
    message = say("Something I regret.")
    Message.objects.filter(pk=message.pk).update(deleted_at=now_plus_seconds(0))

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
    queue.run_task("messaging.handle", first.pk)
    # Two more come while the answer to the first is in the making, and no worker has handled them yet.
    say("May I bring my dog?")
    say("And my cat?")
    queue.run_task("assistant.turn", Turn.objects.get().pk)

    drain()

    _, *history = openai.asked[1].body["messages"]
    assert [(line["role"], line["content"]) for line in history[:2]] == [
        ("user", "Are you open?"),
        ("assistant", "We are open."),
    ]
    waiting = " ".join(line["content"] for line in history[2:])
    assert {line["role"] for line in history[2:]} == {"user"}
    assert waiting.index("May I bring my dog?") < waiting.index("And my cat?")


def test_what_is_written_down_is_read_once_for_an_answer(clinic, settings, say, drain, outbox):
    """And only whether it changed, unless it has: each statement of an answer costs the pipeline a hundredth."""
    settings.LLM_PROVIDER = "offline"
    hours = KnowledgeEntry.objects.get(tenant=clinic, title="Opening hours")

    def statements(question):
        say(question)
        with CaptureQueriesContext(connection) as asked:
            drain()
        tables = [query["sql"] for query in asked if '"assistant_knowledgeentry"' in query["sql"]]
        return len(tables), sum('"content"' in sql for sql in tables)

    assert statements("What are your opening hours?") == (2, 1)
    assert statements("Is there parking at your place?") == (1, 0)
    hours.content = "Monday to Friday, 8 to 17."
    hours.save()

    assert statements("When are you open?") == (2, 1)
    assert outbox()[-1] == "Monday to Friday, 8 to 17."
