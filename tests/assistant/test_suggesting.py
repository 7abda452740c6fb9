"""A suggestion is thought like an answer, costs like one, is seen by the person who asked, and is never sent."""

from decimal import Decimal

import pytest

from assistant import services as assistant
from assistant.models import AssistantProfile, Fact, Spend, Turn
from assistant.services import budget
from common.work.relay import sweep
from common.work.rows import State, now_plus_seconds
from messaging import services as messaging
from messaging.models import Conversation, Message
from tests.support.fake_llm import calls, said


@pytest.fixture
def chat(say):
    """A customer waits, and a person has the conversation."""
    message = say("When are you open?")
    Message.objects.update(state=State.DONE)
    messaging.pause(conversation=message.conversation, by="operator", actor="ana")
    return message.conversation


def suggest(chat):
    return assistant.suggest_reply(conversation=Conversation.objects.get(pk=chat.pk), by="ana")


def test_a_person_who_has_taken_over_gets_a_suggestion_and_nothing_is_sent(openai, chat, drain, outbox):
    openai.script(said("From nine to six."))

    turn = suggest(chat)
    drain()

    assert (assistant.suggested_text(turn), outbox()) == ("From nine to six.", [])
    turn.refresh_from_db()
    assert (turn.state, turn.outcome, turn.asked_by) == (State.DONE, "suggested", "ana")
    assert [source["title"] for source in turn.sources] == ["Opening hours"]
    assert Conversation.objects.get().waiting_since is not None


def test_it_counts_against_the_months_money(openai, chat, clinic):
    openai.script(said("Nine."))

    turn = suggest(chat)

    row = Spend.objects.get()
    assert (turn.cost_usd > 0, row.spent_usd, row.reserved_usd) == (True, turn.cost_usd, 0)


def test_without_money_what_is_written_down_is_suggested(openai, chat, clinic):
    AssistantProfile.objects.create(tenant=clinic, monthly_budget_usd=Decimal("1.00"))
    Spend.objects.create(tenant=clinic, month=budget.this_month(), spent_usd=Decimal("1.00"))

    assert assistant.suggested_text(suggest(chat)) == "We are open Monday to Friday, 9:00 to 18:00."
    assert openai.asked == []


def test_a_tool_that_changes_something_is_not_offered(openai, chat):
    openai.script(calls("remember", {"fact": "likes mornings"}), said("Nine."))

    suggest(chat)

    offered = {tool["function"]["name"] for tool in openai.asked[0].body["tools"]}
    assert offered == {"search_knowledge", "list_reminders", "list_tasks"}
    assert not Fact.objects.exists()


def test_a_suggestion_and_an_answer_do_not_stand_in_each_others_way(openai, say, drain, outbox):
    message = say("When are you open?")
    openai.script(said("A suggestion."), said("The answer."))
    turn = suggest(message.conversation)
    Turn.objects.filter(pk=turn.pk).update(state=State.WORKING, lease_until=now_plus_seconds(60))

    drain()

    assert outbox() == ["The answer."]


def test_one_whose_asker_died_is_over_and_its_money_is_given_back(openai, chat, clinic, drain, outbox):
    openai.script(said("one"), said("two"))
    turn = suggest(chat)
    Spend.objects.update(reserved_usd=Decimal("0.50"))
    Turn.objects.filter(pk=turn.pk).update(
        state=State.WORKING,
        lease_until=now_plus_seconds(-1),
        reserved_usd=Decimal("0.50"),
        reserved_month=budget.this_month(),
    )

    sweep()
    drain()

    turn.refresh_from_db()
    assert (turn.state, outbox()) == (State.IGNORED, [])
    suggest(chat)
    assert Spend.objects.get().reserved_usd == 0


def test_there_is_nothing_to_suggest_after_a_persons_answer(openai, chat):
    messaging.write_message(conversation=chat, text="Nine.", author="ana")

    with pytest.raises(assistant.NoSuggestion, match="nothing of the customer waits"):
        suggest(chat)

    assert (Turn.objects.get().state, openai.asked) == (State.IGNORED, [])


def test_when_no_model_answers_the_person_is_told(openai, chat):
    openai.default = lambda asked: (500, {})

    with pytest.raises(assistant.NoSuggestion, match="no model answers"):
        suggest(chat)


def test_a_session_without_a_customers_word_has_no_suggestion(openai, chat):
    Message.objects.all().delete()

    with pytest.raises(assistant.NoSuggestion, match="has not written yet"):
        suggest(chat)
