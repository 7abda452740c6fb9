"""Lines that must reach a person at once, in any wording, whoever answers otherwise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.matching.emergencies import is_emergency
from assistant.models import AssistantProfile, KnowledgeEntry, Turn
from messaging import verbs as messaging
from messaging.models import Conversation
from messaging.models.conversations import PausedBy

URGENT = "urgent: it reads like an emergency"


@pytest.mark.parametrize(
    "text",
    [
        "my tooth hurts a lot", "I'm bleeding help", "severe tooth pain", "HELP!!", "it's an emergency",
        "my toth hurts alot",
        "my son knocked his tooth out", "my face is swollen", "I can't breathe",
        "my tooth hurts, will somebody help me",
        "meu dente dói muito", "tô sangrando socorro", "dor de dente insuportável", "socorro", "quebrei o dente e dói",
        "me duele mucho una muela", "me duele la muela", "estoy sangrando ayuda", "no aguanto el dolor",
        "se me cayó un diente",
        "mă doare tare o măsea", "mă doare o măsea", "sângerez, ajutor", "am fața umflată", "nu mai suport durerea",
    ],
)  # fmt: skip
def test_what_is_an_emergency(text):
    assert is_emergency(text)
    assert is_emergency(text.upper())
    assert is_emergency(f"Hi! {text}")


@pytest.mark.parametrize(
    "text",
    [
        "can you help me", "does a filling hurt a lot?", "how much is a filling", "it is not urgent",
        "no emergency, a question",
        "the chain of my bike is broken really badly", "clean my teeth and gums please", "I lost my umbrella",
        "não é urgente", "fazem clareamento dos dentes?", "vai doer muito?", "no es urgente", "va a doler mucho?",
        "nu e urgent", "o sa doara tare?", "quiero los dientes más blancos", "are you selling bikes",
        "cómo te llamas", "",
    ],
)  # fmt: skip
def test_what_is_none(text):
    assert not is_emergency(text)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(["bleeding", "toothache", "emergency", "sangrando", "emergencia", "insoportable", "insuportavel"]),
    st.data(),
)
def test_one_letter_left_out_changes_nothing(word, data):
    place = data.draw(st.integers(min_value=1, max_value=len(word) - 1))

    assert is_emergency(f"please {word[:place]}{word[place + 1 :]}")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_is_read(text):
    assert is_emergency(text) in (True, False)


def test_a_person_is_called_with_what_is_written_down_for_it(clinic, say, drain, outbox):
    KnowledgeEntry.objects.create(tenant=clinic, title="Emergencies", keywords="pain", content="Call +1 555 010 0100.")
    say("my tooth hurts a lot")

    drain()

    conversation = Conversation.objects.get()
    assert (conversation.is_paused, conversation.pause_reason) == (True, URGENT)
    assert len(outbox()) == 1
    assert outbox()[0].startswith("Call +1 555 010 0100.\n\nThis sounds urgent")
    assert [source["title"] for source in Turn.objects.get().sources] == ["Emergencies"]


def test_without_an_entry_the_sentence_alone_is_said_and_no_number_is_invented(say, drain, outbox):
    say("I'm bleeding help")

    drain()

    assert outbox()[0].startswith("This sounds urgent, so I have called a person")
    assert not any(character.isdigit() for character in outbox()[0])


def test_a_language_model_is_not_asked_first(openai, say, drain, outbox):
    say("I'm bleeding help")

    drain()

    assert openai.asked == []
    assert Conversation.objects.get().pause_reason == URGENT


def test_n8n_is_not_asked_first(workflow, say, drain):
    say("I'm bleeding help")

    drain()

    assert workflow.asked == []
    assert Conversation.objects.get().pause_reason == URGENT


def test_one_urgent_message_among_several_is_enough(say, drain):
    say("Hello, one question about my last visit with you")
    say("my gums won't stop bleeding")

    drain()

    assert Conversation.objects.get().pause_reason == URGENT


def test_one_that_comes_while_a_person_is_awaited_makes_it_urgent(say, drain):
    say("I want to talk to a person")
    drain()
    assert Conversation.objects.get().pause_reason == "the customer asked for a person"

    say("now my gums won't stop bleeding")
    drain()

    assert Conversation.objects.get().pause_reason == URGENT


def test_a_person_who_has_the_session_keeps_it(say, drain):
    conversation = say("hello").conversation
    messaging.pause(conversation=conversation, by=PausedBy.OPERATOR, actor="maria", reason="mine")
    say("my gums won't stop bleeding")
    drain()

    conversation.refresh_from_db()
    assert (conversation.paused_by, conversation.pause_reason) == (PausedBy.OPERATOR, "mine")


def test_a_business_may_switch_it_off(clinic, say, drain, outbox):
    AssistantProfile.objects.update_or_create(tenant=clinic, defaults={"watches_emergencies": False})
    say("I'm bleeding help")

    drain()

    assert not Conversation.objects.get().is_paused
    assert outbox()[0].startswith("I don't have that written down.")
