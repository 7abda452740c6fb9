"""What was thought before a take-over is never said after it, whatever was written and resumed in between."""

import pytest

from assistant import toolbox
from assistant.models import Handoff, Spend, Turn
from assistant.services import turns
from common.work.rows import State, now_plus_seconds
from messaging import services as messaging
from tests.assistant.test_n8n import FIXED, STARTED, pass_deadline
from tests.support import meanwhile
from tests.support.fake_llm import calls, said


@pytest.fixture
def a_visit(say):
    """A person takes over and hands back, and the customer writes again."""

    def happen(message, text="And tomorrow?"):
        messaging.pause(conversation=message.conversation, by="owner")
        messaging.resume(conversation=message.conversation, actor="test")
        turns.request_turn(message=say(text))

    return happen


@pytest.fixture
def moment(settings):
    settings.ASSISTANT_TOOLS = [*settings.ASSISTANT_TOOLS, "tests.support.meanwhile.wait_a_moment"]
    toolbox.toolbox.cache_clear()
    meanwhile.happenings.clear()
    meanwhile.ran.clear()
    yield meanwhile.happenings
    toolbox.toolbox.cache_clear()


def test_a_draft_from_before_a_visit_is_dropped_even_after_the_last_rerun(
    openai, say, drain, outbox, a_visit, monkeypatch
):
    keep = turns._store_draft

    def and_a_visit(turn, made, *, milliseconds):
        keep(turn, made, milliseconds=milliseconds)
        if not Turn.objects.filter(state=State.DONE).exists() and len(openai.asked) == 1:
            a_visit(turn.wanted)

    monkeypatch.setattr(turns, "_store_draft", and_a_visit)
    monkeypatch.setattr(turns, "MAX_RERUNS", 0)
    openai.script(said("From before."), said("From after."))
    say("Are you open today?")

    drain()

    assert outbox() == ["From after."]


def test_a_draft_that_outlived_its_worker_is_dropped_too(openai, say, drain, outbox, a_visit, monkeypatch):
    openai.script(said("From before."))
    message = say("Are you open today?")
    with monkeypatch.context() as patch:
        patch.setattr(turns, "_send", lambda turn: turn.settle(State.QUEUED, due_in=60))
        drain()
    monkeypatch.setattr(turns, "MAX_RERUNS", 0)
    openai.script(said("From after."))
    a_visit(message)

    drain()

    assert outbox() == ["From after."]


def test_no_tool_runs_after_a_visit(openai, say, drain, outbox, a_visit, moment):
    openai.script(
        calls("wait_a_moment", {"note": "first"}), calls("wait_a_moment", {"note": "second"}), said("From after.")
    )
    message = say("Are you open today?")
    moment.append(lambda: a_visit(message))

    drain()

    # The visit happens while the first tool runs; the second one is asked for by the new turn.
    assert Turn.objects.order_by("pk").first().state == State.IGNORED
    assert outbox() == ["From after."]
    assert [turn.steps.filter(kind="tool").count() for turn in Turn.objects.order_by("pk")] == [1, 1]


def test_money_set_aside_for_a_fenced_turn_is_given_back(openai, clinic, say, drain, a_visit, moment, monkeypatch):
    from assistant.services.journal import TurnJournal

    before = TurnJournal.before

    def and_a_visit(self, tokens, max_tokens):
        before(self, tokens, max_tokens)
        if not openai.asked and Turn.objects.count() == 1:
            a_visit(self.turn.wanted)

    monkeypatch.setattr(TurnJournal, "before", and_a_visit)
    openai.default = lambda asked: said("Yes.")
    say("Are you open today?")

    drain()

    assert Spend.objects.get().reserved_usd == 0


def test_a_workflow_asked_before_a_visit_is_not_heard_after_it(
    workflow,
    call_back,
    say,
    drain,
    outbox,
    a_visit,
):
    workflow.script(STARTED, {"body": {"reply": "From after."}})
    message = say("Are you open today?")
    drain()
    a_visit(message)

    status = call_back({"reply": "From before."}, number=0)[0]
    drain()

    assert (status, outbox()) == (409, ["From after."])


def test_a_workflow_asked_before_a_take_over_is_not_heard_after_the_resume(
    workflow,
    call_back,
    say,
    drain,
    outbox,
):
    workflow.script(STARTED)
    message = say("Are you open today?")
    drain()
    messaging.pause(conversation=message.conversation, by="owner")
    messaging.resume(conversation=message.conversation, actor="test")

    assert call_back({"reply": "From before."})[0] == 409
    pass_deadline()
    drain()

    assert outbox() == []


def test_who_goes_on_writing_does_not_put_off_the_deadline(workflow, say, drain, outbox):
    workflow.default = lambda asked: STARTED
    say("Hello there, my friend.")
    drain()
    say("Is anybody there?")
    drain()
    pass_deadline()

    drain()

    assert outbox() == [FIXED]
    assert (len(workflow.asked), Handoff.objects.get().claimed_by) == (1, "deadline")
    assert not Turn.objects.filter(state__in=turns.ACTIVE, due_at__lte=now_plus_seconds(0)).exists()
