"""The assistant without a language model: what it knows of itself, what it offers, and that it says nothing twice."""

from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from assistant.models import KnowledgeEntry
from assistant.providers.sentences import SENTENCES, find_key
from common.text.language import LANGUAGES
from common.text.sentences import translate
from messaging.models import Conversation, Message
from messaging.providers.base import Kind


@pytest.fixture
def talk(say, drain, outbox):
    """Write a line and return what is answered to it, without the introduction."""

    def one(text="", **fields):
        before = len(outbox())
        say(text, **fields)
        drain()
        return [answer for answer in outbox()[before:] if find_key(answer)[0] != "offline"]

    return one


@pytest.fixture
def written(clinic):
    rows = {
        "Parking": ("park parking car", "Parking is free in the yard."),
        "Payment": ("pay card cash", "You can pay by card."),
        "Opening hours": ("open close when", "Open from 9 to 18."),
    }
    KnowledgeEntry.objects.filter(tenant=clinic).delete()
    for title, (keywords, content) in rows.items():
        KnowledgeEntry.objects.create(tenant=clinic, title=title, keywords=keywords, content=content, language="en")
    return clinic


def buttons():
    return Message.objects.filter(direction="out").latest("pk").data["buttons"]


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("are you a bot?", "I am the automatic assistant of"),
        ("what is your name?", "I have no name of my own"),
        ("what's your phone number", "You reach us right here"),
        ("what can you do", "I answer from what"),
        ("você é um robô?", "Sou o assistente automático de"),
        ("qual é o seu nome?", "Não tenho nome próprio"),
        ("¿quién eres?", "Soy el asistente automático de"),
        ("¿cómo te llamas?", "No tengo nombre propio"),
        ("ești un robot?", "Sunt asistentul automat al"),
        ("cum te cheamă?", "Nu am nume propriu"),
    ],
)
def test_questions_about_the_assistant_have_honest_answers(talk, contact_language, text, begins):
    assert talk(contact_language(text, begins))[0].startswith(begins)


@pytest.fixture
def contact_language(clinic):
    """The conversation is in the language of the answer that is expected."""

    def set_for(text, begins):
        found = [
            language for language in LANGUAGES for each in SENTENCES.values()
            if translate(each[0], language).startswith(begins)
        ]  # fmt: skip
        clinic.language = found[0]
        clinic.save()
        return text

    return set_for


def test_the_time_is_that_of_the_business(clinic, talk):
    before = timezone.now()
    answer = talk("what time is it?")[0]

    moments = [moment.astimezone(ZoneInfo(clinic.timezone)) for moment in (before, timezone.now())]
    assert answer in [f"At {clinic.name} it is {moment:%H:%M} now." for moment in moments]


def test_after_two_misses_a_person_is_offered_by_buttons_and_comes(talk):
    first, second = talk("do you sell elephants"), talk("do you sell giraffes")

    assert first[0].startswith("I don't have that written down.")
    assert second[0].startswith("I am sorry, I don't have that either.")
    assert [button["title"] for button in buttons()] == ["Yes, a person", "No, thank you"]
    answer = talk("Yes, a person", kind=Kind.BUTTON, data={"payload": buttons()[0]["payload"]})
    assert answer[0].startswith("Of course.")
    assert Conversation.objects.get().pause_reason == "the customer asked for a person"


def test_the_same_text_is_never_said_twice_in_a_row(talk):
    said = [talk(f"do you sell {animal}") for animal in ("elephants", "giraffes", "zebras", "lions", "tigers")]

    assert all(one != two for one, two in pairwise(said))
    assert talk("hello") != talk("hello")


def test_an_answer_that_was_just_given_is_not_repeated(written, talk):
    first, again = talk("do u have parking"), talk("and is it free?")

    assert first == ["Parking is free in the yard."]
    assert again == ["That is all that I have written down about it. Shall a person answer you?"]


def test_no_thanks_ends_it(talk):
    talk("do you sell elephants")
    talk("do you sell giraffes")

    assert talk("No, thank you", kind=Kind.BUTTON, data={"payload": buttons()[1]["payload"]}) == []
    assert not Conversation.objects.get().is_paused


def test_between_two_entries_the_customer_chooses(written, talk):
    assert talk("parking or payment?") == ["Do you mean “Parking” or “Payment”?"]
    assert [button["title"] for button in buttons()] == ["Parking", "Payment", "A person, please"]

    answer = talk("Payment", kind=Kind.BUTTON, data={"payload": buttons()[1]["payload"]})

    assert answer == ["You can pay by card."]


@pytest.mark.parametrize(("text", "said"), [("1", "Parking is free in the yard."), ("2.", "You can pay by card.")])
def test_a_number_is_an_answer_where_there_are_no_buttons(written, talk, text, said):
    talk("parking or payment?")

    assert talk(text) == [said]


def test_a_button_pressed_much_later_answers_its_own_question(written, talk):
    talk("parking or payment?")
    offered = buttons()
    talk("when are you open?")

    assert talk("Parking", kind=Kind.BUTTON, data={"payload": offered[0]["payload"]}) == [
        "Parking is free in the yard."
    ]


def test_a_number_long_after_the_question_is_no_answer_to_it(written, talk):
    talk("parking or payment?")
    talk("when are you open?")

    assert talk("1")[0].startswith("I don't have that written down.")


def test_an_id_that_we_never_sent_here_is_not_obeyed(written, talk):
    talk("parking or payment?")
    turn = buttons()[0]["payload"].split(":")[1]

    assert talk("x", kind=Kind.BUTTON, data={"payload": f"answer:{int(turn) + 1}:0"}) != [
        "Parking is free in the yard."
    ]
    assert talk("x", kind=Kind.BUTTON, data={"payload": "answer:x:y"}) != ["Parking is free in the yard."]


def test_a_choice_whose_entry_is_gone_is_no_answer(written, talk):
    talk("parking or payment?")
    KnowledgeEntry.objects.filter(title="Parking").delete()

    assert talk("1")[0].startswith("I don't have that written down.")


def tap(say, place):
    """Press a button of the newest message of ours."""
    payload = buttons()[place]["payload"]
    say(buttons()[place]["title"], kind=Kind.BUTTON, data={"payload": payload})


@pytest.fixture
def answers_to(drain, outbox):
    """What is answered to everything that came since."""

    def read(before):
        drain()
        return [answer for answer in outbox()[before:] if find_key(answer)[0] != "offline"]

    return read


@pytest.mark.parametrize("is_first", ["tap", "question"])
def test_a_tap_does_not_swallow_the_question_beside_it(written, talk, say, answers_to, outbox, is_first):
    talk("do you like cats")
    talk("do you like dogs")
    before = len(outbox())
    lines = [lambda: tap(say, 1), lambda: say("When are you open?")]
    for line in lines if is_first == "tap" else lines[::-1]:
        line()

    assert answers_to(before) == ["Open from 9 to 18."]


@pytest.mark.parametrize("closing", ["thank you", "ok, thanks!"])
def test_a_tap_on_no_and_thanks_end_it(written, talk, say, answers_to, outbox, closing):
    talk("do you like cats")
    talk("do you like dogs")
    before = len(outbox())
    tap(say, 1)
    say(closing)

    assert answers_to(before) == []


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ("When are you open?", ["About parking.", "Open from 9 to 18."]),
        ("thanks", ["About parking."]),
        ("is there parking?", ["About parking."]),
    ],
)
def test_a_tapped_entry_and_the_question_beside_it(written, talk, say, answers_to, outbox, beside, said):
    KnowledgeEntry.objects.filter(title="Parking").update(content="About parking.")
    talk("parking or payment?")
    before = len(outbox())
    tap(say, 0)
    say(beside)

    assert answers_to(before) == said


def test_an_unknown_question_beside_a_tapped_entry_is_named(written, talk, say, answers_to, outbox):
    talk("parking or payment?")
    before = len(outbox())
    tap(say, 0)
    say("do you like cats?")

    answers = answers_to(before)
    assert answers[0] == "Parking is free in the yard."
    assert find_key(answers[1])[0] in {"unknown", "offer"}


def test_both_questions_of_a_line_are_answered(written, talk):
    assert talk("can I pay by card and when are you open?") == ["You can pay by card.", "Open from 9 to 18."]


def test_two_questions_in_two_messages_are_answered(written, say, drain, outbox):
    say("is there parking")
    say("can I pay by card")
    drain()

    assert outbox()[:2] == ["Parking is free in the yard.", "You can pay by card."]


def test_a_part_that_is_not_known_is_named(written, talk):
    answer = talk("is there parking and do you have a swimming pool?")

    assert answer == ["Parking is free in the yard.", SENTENCES["rest"][0]]


@pytest.mark.parametrize(
    "text",
    ["Can I park there, with a trampoline on the roof?", "Can I park a trampoline there?", "may we park our rocket"],
)
def test_what_is_parked_is_a_detail(written, talk, text):
    assert talk(text) == ["Parking is free in the yard.", SENTENCES["rest"][0]]


@pytest.mark.parametrize("text", ["who tows trampolines?", "can I bring a trampoline?", "the parking guard is rude"])
def test_a_detail_alone_is_not_known(written, talk, text):
    assert talk(text)[0] not in ("Parking is free in the yard.", "You can pay by card.", "Open from 9 to 18.")


def test_a_changed_entry_is_said_at_once(written, talk):
    talk("is there parking?")
    row = KnowledgeEntry.objects.get(title="Parking")
    row.content = "The yard is closed."
    row.save()

    assert talk("is there parking?") == ["The yard is closed."]
