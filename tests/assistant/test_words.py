"""What ordinary sentences mean to the rules: who asks for a person, who only thanks, who greets."""

import pytest

from assistant.phrases import asks_for_person, is_greeting, needs_no_answer


@pytest.mark.parametrize(
    "text",
    [
        "Is there a person to talk to about prices?", "Can I talk to a human please", "Let me speak to a person",
        "I want to talk to somebody", "connect me with staff", "I need a human", "agent", "A real person, please!",
        "Quero falar com uma pessoa", "falar com atendente", "atendente", "preciso de um humano",
        "Quiero hablar con una persona", "No, quiero hablar con alguien", "un asesor, por favor",
        "Vreau să vorbesc cu o persoană", "Vreau un operator", "am nevoie de o persoană", "o persoana",
    ],
)  # fmt: skip
def test_who_asks_for_a_person(text):
    assert asks_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "I am a real person", "Can a person with diabetes come?", "How much for one person?", "a person told me 50",
        "my operator said the line was down", "customer service was great, thanks", "I want a check-up for a person",
        "Quanto custa para uma pessoa?", "Posso levar mais uma pessoa?", "quero para uma pessoa",
        "¿Cuánto cuesta para una persona?", "¿Hay una persona mayor en el grupo?", "quiero una cita para una persona",
        "Cât costă pentru o persoană?", "Sunt un om ocupat, cât durează?", "un coleg mi-a recomandat clinica",
    ],
)  # fmt: skip
def test_who_only_speaks_of_one(text):
    assert not asks_for_person(text)


@pytest.mark.parametrize(
    "text",
    [
        "ok", "Thank you so much!", "Thanks a lot", "ok thank you", "ok, see you tomorrow", "👍", "muito obrigado",
        "obrigada!", "muchísimas gracias", "no, gracias", "mulțumesc mult", "ok mersi",
    ],
)  # fmt: skip
def test_what_needs_no_answer(text):
    assert needs_no_answer(text)


@pytest.mark.parametrize(
    "text", ["ok?", "?", "thanks, and when do you close", "so much", "perfect, e deschis sâmbătă", "", "ok tomorrow"]
)
def test_what_does(text):
    assert not needs_no_answer(text)


@pytest.mark.parametrize("text", ["Hi!", "hello there", "Oi, tudo bem?", "Hola, ¿qué tal?", "Bună ziua"])
def test_greetings(text):
    assert is_greeting(text)
    assert not is_greeting(f"{text} Are you open?")


@pytest.mark.parametrize(("question", "yes"), [("Do you sell boats?", "Yes please"), ("Vocês têm barcos?", "sim")])
def test_a_yes_to_the_offer_of_a_person_brings_one(say, drain, outbox, question, yes):
    message = say(question)
    drain()
    say(yes)

    drain()

    message.conversation.refresh_from_db()
    assert message.conversation.is_paused
    assert len(outbox()) == 2 + 1  # the first answer says in a second bubble who speaks


@pytest.mark.parametrize("no", ["no", "No, thanks", "não"])
def test_a_no_to_the_offer_is_left_alone(say, drain, outbox, no):
    message = say("Do you sell boats?")
    drain()
    before = outbox()
    say(no)

    drain()

    message.conversation.refresh_from_db()
    assert (outbox(), message.conversation.is_paused) == (before, False)


def test_a_long_text_is_cut_before_it_is_worked_on():
    assert not needs_no_answer("thanks " * 400_000)
    assert not is_greeting("hello " * 500_000)
    assert asks_for_person("talk to a person " * 200_000)
    assert not asks_for_person("talk " * 300_000 + "for " * 300_000 + "person " * 300_000)
    assert not asks_for_person("x " * 1000 + "I want to talk to a person")


@pytest.mark.parametrize(
    "text",
    [
        "me passa para um humano", "me transfere para um atendente", "transfer me to an agent",
        "let me talk to the receptionist",
    ],
)  # fmt: skip
def test_who_wants_to_be_put_through(text):
    assert asks_for_person(text)


def test_who_wants_something_passed_on_for_somebody():
    assert not asks_for_person("me passa o preço da consulta para uma pessoa")
