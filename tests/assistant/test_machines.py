"""Another machine at the other end: answered a few times, then a person has it. A person who repeats is answered."""

import itertools
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from assistant.services import machines
from common.work.rows import State
from messaging import services as messaging
from messaging.models import Conversation, Message
from messaging.providers.base import Kind
from tests.support.fake_llm import said

GREETING = "Hello! You have reached Acme Ltd. We answer between nine and six, please leave your order number."
NUMBERED = "Your request was registered under the ticket {} and will be looked at soon."
CYCLES = [
    [GREETING],
    [GREETING, "We are closed at the moment, our hours are on the web page."],
    [GREETING, "We are closed at the moment.", "For prices press one, for everything else press two."],
]
FORMS = [
    "Thank you for contacting Acme! Please let us know how we can help you.",
    "Thank you for your message. We're unavailable right now, but will respond as soon as possible.",
    "Olá! Agradecemos seu contato. Como podemos ajudar?",
    "Agradecemos sua mensagem. Não estamos disponíveis no momento, mas responderemos assim que possível.",
    "¡Gracias por comunicarte con Acme! ¿Cómo podemos ayudarte?",
    "Gracias por tu mensaje. En este momento no podemos responder, pero lo haremos lo antes posible.",
    "Vă mulțumim că ne-ați contactat! Cum vă putem ajuta?",
    "Vă mulțumim pentru mesaj. Momentan nu suntem disponibili, dar vă vom răspunde cât mai curând posibil.",
]


@pytest.fixture
def rounds(openai, say, drain, outbox):
    """Play rounds: a text comes after each answer; returns how many times we wrote."""
    openai.default = lambda asked: said(f"Certainly, number {len(openai.asked)}.")

    def play(texts, count=14, **more):
        for text in itertools.islice(itertools.cycle(texts), count):
            say(text, **more)
            drain()
            Message.objects.filter(direction="out").update(state=State.DONE)
        return len(outbox())

    return play


@pytest.mark.parametrize("texts", [*CYCLES, [NUMBERED.format(number) for number in range(4000, 4020)]])
def test_f92_a_machine_is_answered_six_times_at_most_then_a_person_has_it(rounds, texts):
    assert rounds(texts) <= 6

    conversation = Conversation.objects.get()
    assert (conversation.paused_by, conversation.pause_reason) == ("assistant", machines.REPEATS)
    assert conversation.waiting_since is not None  # it lies on the desk


def test_one_letter_repeated_is_a_machine_too(rounds):
    assert rounds(["1"]) <= 6
    assert Conversation.objects.get().is_paused


@pytest.mark.parametrize("form", FORMS)
def test_whatsapps_own_greetings_are_answered_once(rounds, form):
    assert rounds([form]) == 1
    assert Conversation.objects.get().pause_reason == machines.FORM


def test_a_greeting_and_an_away_message_are_one_machine(rounds):
    assert rounds(FORMS[:2]) == 1


def test_long_new_texts_within_a_second_are_a_machine(rounds):
    lines = [
        f"{start}, and there is a great deal more that I would like to tell you about it today" for start in STARTS
    ]

    assert rounds(lines) <= 6
    assert Conversation.objects.get().pause_reason == machines.SPEED


@pytest.mark.parametrize(("is_backlog", "reason"), [(True, ""), (False, machines.SPEED)])
@pytest.mark.parametrize("clock", [timedelta(), timedelta(seconds=-40)], ids=["right", "slow"])
def test_what_was_written_before_our_answers_is_no_machine(rounds, clock, is_backlog, reason):
    """What a customer wrote while we were away comes all at once, and is answered one by one where work is slow."""
    begun = timezone.now() + clock
    for start in STARTS:
        text = f"{start}, and there is a great deal more that I would like to tell you about it today"
        waited = is_backlog and start != STARTS[-1]  # the last is written when the answers have come
        rounds([text], count=1, sent_at=begun if waited else timezone.now() + clock)
        # Each answer takes two seconds: what stands here came so much earlier, by every clock.
        Message.objects.update(created_at=F("created_at") - timedelta(seconds=2))
        if not is_backlog:
            Message.objects.update(sent_at=F("sent_at") - timedelta(seconds=2))

    assert Conversation.objects.get().pause_reason == reason


STARTS = (
    "Roses",
    "Our van",
    "Yesterday's invoice",
    "The second delivery",
    "A colleague",
    "Nobody here",
    "Winter tyres",
)


def test_a_customer_who_asks_again_and_again_is_answered(rounds):
    assert rounds(["Where is my parcel with the blue ribbon?"], count=4) == 4
    assert not Conversation.objects.get().is_paused


def test_a_customer_who_says_yes_to_everything_is_answered(rounds):
    assert (
        rounds(["Yes", "Tomorrow at ten would be fine", "Yes", "For two people", "yes", "On the terrace"], count=6) == 6
    )
    assert not Conversation.objects.get().is_paused


def test_taps_are_a_persons(rounds):
    assert rounds(["Show me the next page"], count=7, kind=Kind.BUTTON, data={"payload": "next"}) == 7


def test_the_same_question_every_week_is_a_persons(rounds, shift):
    for week in range(8):
        assert rounds(["Are you open on Monday morning?"], count=1) == week + 1
        shift(days=7)

    assert not Conversation.objects.get().is_paused


@pytest.fixture
def shift():
    """All that was said, so much earlier."""
    from datetime import timedelta

    from django.db.models import F

    def back(**length):
        Message.objects.update(created_at=F("created_at") - timedelta(**length))

    return back


def test_who_is_handed_back_by_a_person_is_answered_again(rounds):
    rounds([GREETING])
    messaging.resume(conversation=Conversation.objects.get(), actor="operator")
    before = Message.objects.filter(direction="out").count()

    assert rounds([GREETING], count=1) == before + 1


def test_the_clock_hands_back_a_machine_for_one_answer(rounds):
    rounds([GREETING])
    messaging.resume(conversation=Conversation.objects.get(), actor="clock")
    before = Message.objects.filter(direction="out").count()

    assert rounds([GREETING]) <= before + 1


def test_in_a_group_many_say_the_same(rounds, settings):
    assert rounds([GREETING], count=7, data={"is_group": True, "is_mention": True}) == 7


@given(st.text(max_size=400))
def test_any_text_folds_to_letters_and_figures(text):
    folded = machines.fold_figures(text)

    assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz0 ")
    assert machines.fold_figures(folded) == folded
