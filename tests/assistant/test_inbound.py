"""Whom the assistant answers: prefix, groups, late messages, reactions, people who asked for a person."""

import pytest

from assistant.inbound import has_prefix, is_addressed
from assistant.models import AssistantProfile, Turn
from messaging import services as messaging
from messaging.models import Conversation, Message
from messaging.providers.base import Address, AddressKind, Kind

GROUP = Address(kind=AddressKind.GROUP, value="120363@g.us", external_id="120363@g.us")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/desk hello", True),
        ("  /DESK hello", True),
        ("／ｄｅｓｋ hello", True),
        ("desk hello", False),
        ("hello /desk", False),
        ("", False),
    ],
)
def test_the_prefix_is_compared_after_nfkc_without_case(settings, text, found):
    settings.INVOKE_PREFIX = "/desk"

    assert has_prefix(text) is found


@pytest.mark.parametrize("group", [None, GROUP])
def test_where_a_prefix_is_required_nothing_else_is_answered(settings, say, drain, group):
    settings.REQUIRE_INVOKE_PREFIX = True
    say("Are you open?", group=group, is_mention=True)
    drain()
    assert not Turn.objects.exists()

    say("/desk are you open?", group=group)
    drain()

    assert Turn.objects.count() == 1


def test_in_groups_only_those_who_address_us_are_answered(say, drain, channel):
    first = say("Lunch?", group=GROUP)
    drain()
    ours = messaging.send(conversation=first.conversation, text="Hi", purpose="notice", dedupe_key="n:1")
    Message.objects.filter(pk=ours.pk).update(external_id="ours-1")

    assert not is_addressed(first)
    assert is_addressed(say("You there?", group=GROUP, is_mention=True))
    assert is_addressed(say("Yes.", group=GROUP, reply_to="ours-1"))
    assert not is_addressed(say("Yes.", group=GROUP, reply_to=first.external_id))
    assert is_addressed(say("/desk hi", group=GROUP))


@pytest.mark.parametrize("kind", [Kind.REACTION, Kind.SYSTEM, Kind.UNSUPPORTED, Kind.POLL])
def test_what_is_never_answered_by_a_guess(say, drain, kind):
    say("👍", kind=kind)
    drain()

    assert not Turn.objects.exists()
    assert Message.objects.get().state == "ignored"


@pytest.mark.parametrize("fields", [{"is_history": True}])
def test_late_messages_are_kept_and_not_answered(say, drain, fields):
    say("Are you open?", **fields)
    drain()

    assert not Turn.objects.exists()
    assert Message.objects.get().last_error == "too old on arrival to be answered"


@pytest.mark.parametrize("text", ["👍", "ok thanks", "Obrigada!", "🙏🙏", "gracias", "mulțumesc"])
def test_thanks_need_no_answer(settings, say, drain, outbox, text):
    settings.LLM_PROVIDER = "offline"
    say(text)
    drain()

    assert outbox() == []
    assert Turn.objects.get().outcome == "silent"


@pytest.mark.parametrize(
    "text", ["I want a person", "Quero um atendente", "Quiero hablar con alguien", "Vreau un operator"]
)
def test_who_asks_for_a_person_gets_one_in_four_languages(settings, say, drain, outbox, text):
    settings.LLM_PROVIDER = "offline"
    say(text)
    drain()

    assert Conversation.objects.get().paused_by == "customer"
    assert len(outbox()) == 1


def test_while_paused_nothing_is_answered(say, drain, outbox):
    message = say("Hello there!")
    messaging.pause(conversation=message.conversation, by="operator")
    drain()

    assert (outbox(), Turn.objects.count()) == ([], 0)


def test_a_tenant_may_switch_the_assistant_off(clinic, say, drain, outbox):
    AssistantProfile.objects.create(tenant=clinic, is_enabled=False)
    say("Are you open?")
    drain()

    assert (outbox(), Turn.objects.count()) == ([], 0)
