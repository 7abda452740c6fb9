"""An operator tries a turn again: the conversation is answered anew, once, unless a person or another turn has it."""

import pytest

from assistant.models import Turn
from assistant.services import turns
from common.models import CircuitBreaker
from common.work.rows import State, now_plus_seconds
from messaging import services as messaging
from messaging.models import Conversation
from tests.support.fake_llm import said


@pytest.fixture
def given_up(openai, say, drain):
    """A turn that ended with "a person will get back to you", and the person who handed the session back."""
    openai.default = lambda asked: {"status": 401, "raw": "{}"}
    say("Are you open?")
    drain()
    Turn.objects.update(state=State.DEAD)
    openai.default = lambda asked: said("We are open.")
    CircuitBreaker.objects.all().delete()
    return Turn.objects.get()


@pytest.fixture
def try_again(admin_client):
    def post(turn):
        body = {"action": "try_again", "_selected_action": [turn.pk]}
        return admin_client.post("/admin/assistant/turn/", body).status_code

    return post


def test_a_turn_that_was_given_up_is_answered(given_up, try_again, drain, outbox):
    first = len(outbox())
    messaging.pause(conversation=given_up.conversation, by="operator")
    messaging.resume(conversation=given_up.conversation, actor="test")

    assert try_again(given_up) == 302
    drain()

    assert outbox()[first:] == ["We are open."]


def test_while_a_person_has_it_nothing_happens(given_up, try_again, drain, outbox):
    first = len(outbox())
    messaging.pause(conversation=given_up.conversation, by="operator")

    assert try_again(given_up) == 302
    drain()

    assert outbox()[first:] == []
    assert Conversation.objects.get().is_paused


def test_another_turn_under_way_answers_alone(given_up, try_again, settings, say, drain, outbox):
    first = len(outbox())
    settings.BURST_WAIT_SECONDS = settings.BURST_FRAGMENT_SECONDS = 60
    say("Hello?")
    drain()

    assert try_again(given_up) == 302
    drain()

    assert outbox()[first:] == []
    assert Turn.objects.filter(state=State.QUEUED).count() == 1


def test_a_good_bye_that_fails_is_said_later(openai, monkeypatch, say, drain, outbox):
    good_bye = turns.give_up
    failures = [RuntimeError("the database was away")]

    def once_broken(turn, error):
        if failures:
            raise failures.pop()
        good_bye(turn, error)

    def broken(turn):
        raise RuntimeError("our bug")

    monkeypatch.setattr(turns, "answer_turn", broken)
    monkeypatch.setattr(turns, "give_up", once_broken)
    say("Are you open?")
    for _ in range(4):
        drain()
        Turn.objects.filter(state=State.WORKING).update(lease_until=now_plus_seconds(-1))
        Turn.objects.all().sweep()
        Turn.objects.filter(state=State.QUEUED).update(due_at=now_plus_seconds(-1))

    assert outbox() == ["A person will get back to you here."]
    assert Turn.objects.get().outcome == "fallback"
