"""F48 to F50: models that hang, refuse, break or talk nonsense. The customer gets one right sentence."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assistant.models import AssistantProfile, Spend, Turn
from assistant.providers import errors
from assistant.services import answering, breakers
from common.models import CircuitBreaker
from messaging.models import Conversation
from tests.support.fake_llm import calls, said

CANNOT = "Sorry, I cannot answer right now. Please write again in a few minutes."
PERSON = "A person will get back to you here."


@pytest.fixture
def second(openai, settings):
    """Anthropic stands behind OpenAI."""
    settings.LLM_FALLBACK = ["anthropic"]
    settings.ANTHROPIC_API_KEY = "test-key"
    return openai


def test_f48_a_model_that_hangs_ends_in_the_fallback_text(openai, settings, say, drain, outbox):
    settings.LLM_TIMEOUT = 1.0
    openai.default = lambda asked: {"delay": 10.0, **said("too late")}
    say("Are you open?")

    drain()

    assert outbox() == [CANNOT]
    assert Turn.objects.get().outcome == "fallback"
    assert len(openai.asked) == 2  # a time-out is tried again once
    assert not Conversation.objects.get().is_paused


def test_f48_the_deadline_of_the_turn_ends_a_row_of_slow_calls(openai, settings, monkeypatch, say, drain, outbox):
    monkeypatch.setattr(answering, "TURN_SECONDS", 3.5)  # after the first call less is left than a call takes at least
    openai.default = lambda asked: {"delay": 2.6, "status": 503, "raw": ""}
    say("Are you open?")

    drain()

    assert outbox() == [CANNOT]
    assert len(openai.asked) == 1


@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_f49_a_storm_of_refusals_is_tried_three_times_at_most(second, say, drain, outbox, status):
    second.default = lambda asked: {"status": status, "headers": {"retry-after": "0"}, "raw": "{}"}
    say("Are you open?")

    drain()

    assert outbox() == [CANNOT]
    assert len(second.asked) == 3
    assert {asked.path.partition("?")[0] for asked in second.asked} == {"/v1/chat/completions", "/v1/messages"}


def test_f49_the_cost_cap_holds_in_the_storm(openai, clinic, say, drain, outbox):
    AssistantProfile.objects.create(tenant=clinic, monthly_budget_usd=Decimal("0.02"))
    openai.default = lambda asked: said("Certainly.", tokens=(1000, 1000))
    for day in ("today", "on Sunday", "at Easter", "this evening", "in the morning"):
        say(f"Are you open {day}?")
        drain()

    spend = Spend.objects.get()
    assert (spend.spent_usd, spend.reserved_usd) == (Decimal("0.01575"), 0)
    assert len(openai.asked) == 3
    assert outbox() == ["Certainly."] * 3 + ["We are open Monday to Friday, 9:00 to 18:00."] * 2


def test_f50_garbage_is_never_sent(openai, say, drain, outbox):
    for garbage in ('{"reply": "hi"}', "<tool_call>remember</tool_call>", "```json\n[1]\n```", ""):
        openai.script(said(garbage), said(garbage), said(garbage))
        say("Are you open?")
        drain()
        openai.answers.clear()

    assert set(outbox()) == {CANNOT}
    assert len(outbox()) == 4


def test_f50_after_garbage_the_model_is_asked_once_more(openai, say, drain, outbox):
    openai.script(said('{"answer": 1}'), said("We are open."))
    say("Are you open?")

    drain()

    assert outbox() == ["We are open."]


def test_f50_an_endless_tool_loop_ends_after_four_rounds(openai, say, drain, outbox):
    openai.default = lambda asked: calls("search_knowledge", {"query": f"try {len(openai.asked)}"})
    say("Are you open?")

    drain()

    assert outbox() == [CANNOT]
    assert len(openai.asked) == 5
    assert Turn.objects.get().outcome == "fallback"


def test_f50_a_text_without_end_goes_to_a_person(openai, say, drain, outbox):
    openai.script(said("We are open daily. " * 2000))
    say("Are you open?")

    drain()

    assert outbox() == [PERSON]
    assert Conversation.objects.get().is_paused


@pytest.mark.parametrize("name", ["refusal", "content_filter"])
def test_a_refusal_goes_to_a_person_and_to_no_other_vendor(second, say, drain, outbox, payload, name):
    second.script(payload("llm/openai_chat_responses.json")[name])
    say("Something terrible.")

    drain()

    assert outbox() == [PERSON]
    assert Conversation.objects.get().is_paused
    assert len(second.asked) == 1


def test_anthropics_refusal_goes_to_a_person(openai, settings, say, drain, outbox, payload):
    settings.LLM_PROVIDER, settings.ANTHROPIC_API_KEY = "anthropic", "test-key"
    openai.script(payload("llm/anthropic_responses.json")["refusal"])
    say("Something terrible.")

    drain()

    assert outbox() == [PERSON]


def test_a_wrong_key_goes_to_the_next_vendor_and_is_left_alone(second, say, drain, outbox, payload):
    second.script(payload("llm/openai_errors.json")["auth_401"], payload("llm/anthropic_responses.json")["text"])
    say("Are you open?")
    drain()
    second.script(payload("llm/anthropic_responses.json")["text"])
    say("And tomorrow?")
    drain()

    assert len(outbox()) == 2
    assert [asked.path.split("?")[0] for asked in second.asked].count("/v1/chat/completions") == 1
    assert CircuitBreaker.objects.get(name__startswith="openai").needs_change


def test_a_new_key_is_tried_at_once(openai, settings, say, drain, outbox, payload):
    openai.script(payload("llm/openai_errors.json")["auth_401"], said("Open."))
    say("Are you open?")
    drain()
    settings.OPENAI_API_KEY = "sk-another-key-0123456789"
    say("Are you open?")

    drain()

    assert outbox() == [CANNOT, "Open."]


def test_five_failures_in_a_row_open_the_breaker_for_a_while(openai, say, drain, outbox):
    openai.default = lambda asked: {"status": 500, "raw": "no"}
    for _ in range(3):
        say("Are you open?")
        drain()

    assert len(openai.asked) == 6  # the third turn asks nobody
    assert outbox() == [CANNOT] * 3
    assert CircuitBreaker.objects.get(name__startswith="openai").open_until > timezone.now()
    CircuitBreaker.objects.update(open_until=timezone.now() - timedelta(seconds=1))
    openai.default = lambda asked: said("Open.")
    say("Are you open?")
    drain()
    assert outbox()[-1] == "Open."
    assert CircuitBreaker.objects.get(name__startswith="openai").failures == 0


def test_without_any_key_it_is_said_once_and_a_person_has_it(openai, settings, say, drain, outbox):
    settings.OPENAI_API_KEY = ""
    say("Are you open?")
    drain()
    say("Hello?")

    drain()

    assert outbox() == [PERSON]
    assert Conversation.objects.get().is_paused


def test_a_tenants_own_fallback_text_is_said(openai, clinic, say, drain, outbox):
    AssistantProfile.objects.create(tenant=clinic, fallback_text="Ring us on the phone, please.")
    openai.default = lambda asked: {"status": 500, "raw": "no"}
    say("Are you open?")

    drain()

    assert outbox() == ["Ring us on the phone, please."]


def test_the_fallback_speaks_the_customers_language(openai, say, drain, outbox):
    openai.default = lambda asked: {"status": 500, "raw": "no"}
    say("Bom dia, vocês abrem hoje?")

    drain()

    assert outbox() == ["Desculpe, não consigo responder agora. Escreva novamente em alguns minutos, por favor."]


def test_a_history_that_is_too_long_is_shortened_once(openai, say, drain, outbox, payload):
    openai.script(payload("llm/openai_errors.json")["context_length_400"], said("Open."))
    for number in range(6):
        say(f"A story, part {number}.")

    drain()

    assert outbox() == ["Open."]
    assert len(openai.asked[1].raw) < len(openai.asked[0].raw)


def decisions():
    import json
    from pathlib import Path

    folder = Path(__file__).parents[1] / "payloads/llm"
    fixtures = {name: json.loads((folder / f"{name}_errors.json").read_text()) for name in ("anthropic", "openai")}
    for case in json.loads((folder / "retry_decisions.json").read_text())["cases"]:
        yield pytest.param(
            case, fixtures[case["provider"]][case["fixture"]], id=f"{case['provider']}-{case['fixture']}"
        )


@pytest.mark.parametrize(("case", "fixture"), list(decisions()))
def test_each_error_leads_to_the_decision_of_its_table(openai, settings, case, fixture):
    from assistant.models import AssistantProfile
    from assistant.providers.base import ModelError, Prompt, PromptLine
    from assistant.providers.llm import LanguageModel
    from assistant.services.model_options import model_options

    settings.LLM_PROVIDER, settings.ANTHROPIC_API_KEY = case["provider"], "test-key"
    openai.script(fixture)
    access = model_options(AssistantProfile())[0].access

    with pytest.raises(ModelError) as caught:
        LanguageModel(access).think(
            Prompt(system="s", lines=[PromptLine("customer", "hi")]), [], str, seconds=5, journal=NoJournal()
        )

    decision = caught.value.decision
    assert bool(decision.retries) == case["retry"]
    assert decision.next_provider == case["fallback"]
    assert decision.wait == case.get("wait_s")
    assert caught.value.status == fixture["http_status"]


class NoJournal:
    def recall(self, number):
        return None

    def before(self, tokens, max_tokens):
        pass

    def after(self, usage):
        pass

    def keep(self, number, reply):
        pass


def test_an_error_that_is_no_json_is_understood():
    error = errors.error_from_response(400, ["what?"], None)

    assert (error.reason, error.decision.next_provider) == ("HTTP 400", False)


def test_nobody_counts_a_failure_that_is_ours(db):
    breakers.record_failure("key", provider="openai", breaker=errors.BUG.breaker, reason="HTTP 400")

    assert not CircuitBreaker.objects.exists()


@pytest.mark.parametrize("status", [500, 503, 529])
def test_no_worker_sleeps_as_long_as_a_server_asks_for(openai, monkeypatch, say, drain, outbox, status):
    slept = []
    monkeypatch.setattr("assistant.services.answering.time.sleep", slept.append)
    openai.default = lambda asked: {"status": status, "headers": {"retry-after": "30"}, "raw": "{}"}
    say("Are you open?")

    drain()

    assert (len(openai.asked), max(slept, default=0) < 1) == (1, True)
    assert len(outbox()) == 1
