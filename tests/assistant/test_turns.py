"""F51 to F53: one answer per burst, none twice, none after a person took over, whatever dies in between."""

import pytest
from django.utils import timezone

from assistant import toolbox
from assistant.models import Turn, TurnStep
from assistant.services import answering, turns
from common.work import queue
from common.work.rows import MAX_CRASHES, State, now_plus_seconds
from messaging import services as messaging
from messaging.models import Conversation, Message
from tenants.services import switch_outbound
from tests.support import meanwhile
from tests.support.fake_llm import calls, said

pytestmark = pytest.mark.both


class Killed(BaseException):
    """The process is gone."""


@pytest.fixture
def during(openai, settings):
    """Make something happen while the model thinks; afterwards it answers with `text`."""
    settings.ASSISTANT_TOOLS = [*settings.ASSISTANT_TOOLS, "tests.support.meanwhile.wait_a_moment"]
    toolbox.toolbox.cache_clear()
    meanwhile.happenings.clear()
    meanwhile.ran.clear()

    def plan(happening, *texts):
        meanwhile.happenings.append(happening)
        openai.script(calls("wait_a_moment", {"note": "x"}), *(said(text) for text in texts))

    yield plan
    toolbox.toolbox.cache_clear()


def die():
    raise Killed


def wake(**changes):
    """The dead worker's lease has run out, and the sweep came by."""
    Turn.objects.filter(state=State.WORKING).update(lease_until=now_plus_seconds(-1), **changes)
    return Turn.objects.all().sweep()


def test_a_burst_gets_one_answer(openai, settings, say, drain, outbox):
    settings.BURST_WAIT_SECONDS = 60
    openai.script(said("Yes to both."))
    for text in ("Hello!", "Are you open today?", "And tomorrow?"):
        say(text)
    drain()
    assert (outbox(), openai.asked) == ([], [])
    Turn.objects.update(due_at=now_plus_seconds(-1))

    drain()

    assert outbox() == ["Yes to both."]
    assert [m["content"] for m in openai.asked[0].body["messages"][1:]] == [
        "Hello!\nAre you open today?\nAnd tomorrow?"
    ]


def test_the_wait_adapts_to_what_was_written(settings, say):
    settings.BURST_WAIT_SECONDS, settings.BURST_FRAGMENT_SECONDS = 1.5, 6

    waits = [turns.burst_wait(say(text)) for text in ("Are you open?", "hello", "I would like to come by", "")]

    assert waits == [1.5, 6.0, 1.5, 1.5]


def test_somebody_who_never_stops_typing_is_answered_in_time(settings, say, drain):
    settings.BURST_WAIT_SECONDS = settings.BURST_FRAGMENT_SECONDS = 60
    say("hello")
    drain()
    Turn.objects.update(first_at=Turn.objects.get().first_at - turns.timedelta(seconds=19))
    say("I")
    drain()

    left = (Turn.objects.get().due_at - Turn.objects.get().first_at).total_seconds()
    assert 19 <= left <= 21


def test_f51_killed_after_the_model_answered_the_draft_is_said(openai, monkeypatch, say, drain, outbox):
    openai.script(said("We open at nine."))
    say("When do you open?")
    with monkeypatch.context() as patch:
        patch.setattr(turns, "_send", lambda turn: die())
        with pytest.raises(Killed):
            drain()
    assert outbox() == []
    assert wake() == 1

    drain()

    assert outbox() == ["We open at nine."]
    assert len(openai.asked) == 1


def test_f51_killed_in_the_middle_the_tool_is_not_run_again(during, openai, say, drain, outbox):
    during(lambda: None)
    say("Please note this.")
    with pytest.raises(Killed):
        drain_until_model(drain, openai)
    wake()
    openai.script(said("All noted."))

    drain()

    assert meanwhile.ran == ["x"]
    assert outbox() == ["All noted."]
    assert TurnStep.objects.filter(kind="tool").count() == 1
    assert len(openai.asked) == 2  # the first reply is taken from the journal


def drain_until_model(drain, openai):
    """Kill the worker when it is about to ask the model for the second time."""
    from assistant.services.journal import TurnJournal

    before = TurnJournal.before

    def second(self, tokens, max_tokens):
        if openai.asked:
            raise Killed
        before(self, tokens, max_tokens)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TurnJournal, "before", second)
        drain()


def test_f52_a_new_message_makes_the_draft_stale(during, openai, say, drain, outbox):
    late = []
    during(
        lambda: late.append(say("No, tomorrow!")) or turns.request_turn(message=late[0]),
        "For today: yes.",
        "For tomorrow: yes.",
    )
    say("Can I come today?")

    drain()

    assert outbox() == ["For tomorrow: yes."]
    assert Turn.objects.get().reruns == 1


def test_f52_after_two_reruns_the_draft_is_said_and_the_rest_is_a_new_turn(
    during, openai, say, drain, outbox, monkeypatch
):
    keep = turns._store_draft

    def and_then_one_more(turn, made, *, milliseconds):
        keep(turn, made, milliseconds=milliseconds)
        if Turn.objects.count() == 1:
            turns.request_turn(message=say(f"And number {turn.reruns}?"))

    monkeypatch.setattr(turns, "_store_draft", and_then_one_more)
    openai.script(said("One."), said("Two."), said("Three."), said("Four."))
    say("Number zero?")

    drain()

    assert outbox() == ["Three.", "Four."]
    assert [turn.reruns for turn in Turn.objects.order_by("pk")] == [2, 0]
    last = openai.asked[-1].body["messages"]
    assert [message["role"] for message in last[-2:]] == ["assistant", "user"]
    assert last[-2]["content"] == "Three."


def test_f52_a_tool_with_effects_is_not_run_again_for_a_newer_message(during, openai, say, drain, outbox):
    late = []
    during(lambda: late.append(say("And thank you!")) or turns.request_turn(message=late[0]), "Noted.")
    openai.script(calls("wait_a_moment", {"note": "x"}), calls("wait_a_moment", {"note": "y"}), said("Noted, both."))
    say("Please note this.")

    drain()

    assert Turn.objects.get().reruns == 1
    assert meanwhile.ran == ["x", "y"]
    assert outbox() == ["Noted, both."]


def test_two_turns_have_their_own_effects(during, openai, say, drain, outbox):
    during(lambda: None, "Noted.")
    say("Please note this.")
    drain()
    openai.script(calls("wait_a_moment", {"note": "x"}), said("Noted again."))
    say("And once more, please.")
    drain()

    assert meanwhile.ran == ["x", "x"]


def test_who_writes_while_nothing_is_found_to_answer_is_answered(openai, monkeypatch, say, drain, outbox):
    first = say("Something I regret.")
    read = answering.load_conversation

    def and_then_one_more(turn, profile):
        reading = read(turn, profile)
        if Message.objects.filter(direction="in").count() == 1:
            turns.request_turn(message=say("Are you open?"))
        return reading

    monkeypatch.setattr(answering, "load_conversation", and_then_one_more)
    openai.script(said("We are open."))
    queue.run_task("messaging.handle", first.pk)
    Message.objects.filter(pk=first.pk).update(deleted_at=timezone.now())

    drain()

    assert outbox() == ["We are open."]
    assert Turn.objects.count() == 1


@pytest.mark.parametrize("how", ["operator", "pause", "opt out"])
def test_f53_who_takes_over_meanwhile_has_the_last_word(during, openai, say, drain, outbox, how):
    message = say("Are you open?")
    conversation = message.conversation
    ways = {
        "operator": lambda: messaging.send(
            conversation=conversation, text="I am here.", purpose="operator", dedupe_key="op:1", author="maria"
        ),
        "pause": lambda: messaging.pause(conversation=conversation, by="api"),
        "opt out": lambda: messaging.opt_out(contact=conversation.contact, by="customer"),
    }
    during(ways[how], "We are open.")

    drain()

    assert outbox() == (["I am here."] if how == "operator" else [])
    turn = Turn.objects.get()
    assert turn.state == State.IGNORED or turn.outcome == "opted out"


def test_f53_no_tool_runs_after_the_take_over(during, openai, say, drain):
    message = say("Are you open?")
    during(lambda: messaging.pause(conversation=message.conversation, by="api"))
    openai.script(calls("wait_a_moment", {"note": "second"}), said("Open."))

    drain()

    assert meanwhile.ran == ["x"]
    assert Turn.objects.get().last_error == "paused"


def test_f53_the_kill_switch_holds_what_was_thought(during, openai, say, drain):
    during(lambda: switch_outbound(on=False, by="test"), "We are open.")
    say("Are you open?")

    drain()

    out = Message.objects.get(direction="out")
    assert (out.state, out.held_by, out.tries.count()) == (State.HELD, "switch", 0)


def test_a_person_takes_the_announcement_back(openai, settings, say, drain):
    settings.OUTBOUND_REPLY_ENABLED = False
    openai.script(calls("hand_over", {"reason": "cannot help"}), said("A colleague will write."))
    message = say("Please check my x-ray.")
    drain()

    messaging.pause(conversation=message.conversation, by="owner")

    assert Message.objects.get(direction="out").state == State.IGNORED


def test_what_another_worker_took_over_is_thrown_away(during, openai, say, drain, outbox):
    during(lambda: Turn.objects.update(token=None), "Stolen.")
    say("Are you open?")

    drain()

    assert outbox() == []
    assert Turn.objects.get().state == State.WORKING  # the other worker's


def test_a_turn_that_always_kills_its_worker_ends_with_a_person(openai, say, drain, outbox):
    openai.default = lambda asked: said("Never asked.")
    message = say("Are you open?")
    turns.request_turn(message=message)
    for _ in range(MAX_CRASHES):
        assert Turn.objects.claim(Turn.objects.get().pk) is not None
        wake()

    drain()

    turn = Turn.objects.get()
    assert outbox() == ["A person will get back to you here."]
    assert (turn.state, turn.outcome) == (State.DEAD, "fallback")
    assert Conversation.objects.get().is_paused
    assert openai.asked == []


def test_a_turn_that_breaks_three_times_ends_with_a_person(openai, monkeypatch, say, drain, outbox):
    def broken(turn):
        raise RuntimeError("our bug")

    monkeypatch.setattr(turns, "answer_turn", broken)
    say("Are you open?")
    for _ in range(3):
        drain()
        Turn.objects.filter(state=State.QUEUED).update(due_at=now_plus_seconds(-1))
    assert outbox() == ["A person will get back to you here."]
    assert Turn.objects.get().state == State.DEAD
    monkeypatch.undo()
    messaging.resume(conversation=Conversation.objects.get(), actor="test")
    openai.script(said("Open!"))
    say("And now?")

    drain()

    assert outbox()[-1] == "Open!"


def test_only_one_turn_is_active_per_conversation(say, drain, settings):
    settings.BURST_WAIT_SECONDS = 60
    message = say("Are you open?")
    drain()

    assert turns._new_turn(message.conversation, message, 0) is None
    assert Turn.objects.count() == 1
