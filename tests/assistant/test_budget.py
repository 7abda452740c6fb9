"""A month's money: checked before the call, also by many calls at once, stepping down as it goes."""

import threading
from decimal import Decimal

import pytest
from django.db import connection

from assistant.models import AssistantProfile, Spend, Turn
from assistant.prices import cost_of, default_model, is_known
from assistant.services import budget
from common.work.rows import State, now_plus_seconds
from messaging.models import Contact, Conversation, Message
from messaging.services import handle
from tests.support.fake_llm import said

pytestmark = pytest.mark.both


@pytest.fixture
def profile(clinic):
    return AssistantProfile.objects.create(
        tenant=clinic, monthly_budget_usd=Decimal("1.00"), cheaper_model="gpt-5.4-nano"
    )


def spent(tenant, amount):
    Spend.objects.update_or_create(tenant=tenant, month=budget.this_month(), defaults={"spent_usd": Decimal(amount)})


def test_four_fifths_are_gone_and_the_cheaper_model_answers(openai, profile, clinic, say, drain):
    openai.default = lambda asked: said("Open.")
    for amount in ("0.79", "0.80"):
        spent(clinic, amount)
        say("Are you open?")
        drain()

    assert [asked.body["model"] for asked in openai.asked] == ["gpt-5.4-mini", "gpt-5.4-nano"]


def test_without_money_what_is_written_down_is_said(openai, profile, clinic, say, drain, outbox):
    spent(clinic, "1.00")
    say("When are you open?")

    drain()

    assert outbox() == ["We are open Monday to Friday, 9:00 to 18:00."]
    assert (openai.asked, Turn.objects.get().outcome) == ([], "canned")


def test_without_money_and_words_a_person_is_asked(openai, profile, clinic, say, drain, outbox):
    spent(clinic, "1.00")
    say("Do you whiten teeth?")

    drain()

    assert outbox() == ["A person will get back to you here."]
    assert Conversation.objects.get().is_paused


def test_no_budget_is_no_limit_and_is_counted_all_the_same(openai, clinic, say, drain):
    spent(clinic, "1000")
    openai.script(said("Open."))
    say("Are you open?")

    drain()

    assert Spend.objects.get().spent_usd == Decimal("1000.000165")


def test_last_months_money_is_not_this_months(openai, profile, clinic, say, drain):
    Spend.objects.create(tenant=clinic, month="2020-01", spent_usd=5)
    openai.script(said("Open."))
    say("Are you open?")

    drain()

    assert len(openai.asked) == 1


def test_what_a_dead_worker_set_aside_is_given_back(openai, profile, clinic, say, drain):
    openai.script(said("Open."))
    say("Are you open?")
    Spend.objects.create(tenant=clinic, month=budget.this_month(), reserved_usd=Decimal("0.3"))
    handle(Message.objects.claim(Message.objects.get().pk))
    Turn.objects.update(reserved_usd=Decimal("0.3"), reserved_month=budget.this_month())

    drain()

    assert Spend.objects.get().reserved_usd == 0


def test_unknown_prices_count_nothing_and_known_ones_by_their_beginning():
    assert cost_of("my-own-model", input_tokens=10**6, output_tokens=10**6) == 0
    assert not is_known("gpt-5.4-minimal")
    assert cost_of("gpt-5.4-mini-2026-03-01", input_tokens=10**6, output_tokens=0) == Decimal("0.75")
    assert is_known(default_model("anthropic"))
    assert is_known(default_model("openai"))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_twenty_calls_at_once_cannot_spend_more_than_there_is(clinic, make_channel, is_postgres):
    assert is_postgres
    profile = AssistantProfile.objects.create(tenant=clinic, monthly_budget_usd=Decimal("1.00"))
    turns = [_working_turn(clinic, make_channel(clinic, "evolution"), number) for number in range(20)]
    start = threading.Barrier(20)
    won = []

    def spend(turn):
        try:
            start.wait()
            if budget.reserve(turn=turn, profile=profile, amount=Decimal("0.09")):
                budget.count_cost(turn=turn, cost=Decimal("0.08"), input_tokens=1, output_tokens=1)
                won.append(turn.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=spend, args=(turn,)) for turn in turns]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    row = Spend.objects.get()
    assert row.reserved_usd == 0
    assert row.spent_usd == Decimal("0.08") * len(won)
    assert Decimal("0.88") <= row.spent_usd <= Decimal("1.00")


def _working_turn(tenant, channel, number):
    contact = Contact.objects.create(tenant=tenant, name=f"c{number}")
    conversation = Conversation.objects.create(tenant=tenant, channel=channel, contact=contact)
    message = Message.objects.create(
        tenant=tenant,
        conversation=conversation,
        channel=channel,
        direction="in",
        purpose="customer",
        external_id=str(number),
    )
    turn = Turn.objects.create(tenant=tenant, conversation=conversation, wanted=message, due_at=now_plus_seconds(-1))
    claimed = Turn.objects.claim(turn.pk)
    assert claimed.state == State.WORKING
    return claimed
