"""Stop and start words: in four languages, with one confirmation, and only when nothing else is said."""

import pytest

from common.text.sentences import translate
from messaging import services as messaging
from messaging.models import Channel, Contact, Message
from messaging.providers.base import Address, AddressKind, InboundMessage, Person
from privacy.inbound import STARTED, STOPPED
from privacy.opt_out_words import START, STOP

CUSTOMER = Address(kind=AddressKind.PHONE, value="+15550100111", external_id="+15550100111")
GROUP = Address(kind=AddressKind.GROUP, value="120363@g.us", external_id="120363@g.us")


@pytest.fixture
def write(clinic, make_channel, drain):
    channel: Channel = make_channel(clinic, "evolution")
    numbers = iter(range(1000))

    def say(text, *, language="en", **fields):
        type(clinic).objects.filter(pk=clinic.pk).update(language=language)
        fresh = Channel.objects.get(pk=channel.pk)
        inbound = InboundMessage(
            external_id=f"in-{next(numbers)}", channel=channel.external_id, sender=Person(addresses=(CUSTOMER,)),
            text=text, **fields,
        )  # fmt: skip
        messaging.receive(channel=fresh, inbound=inbound)
        drain()
        return [message.text for message in Message.objects.filter(direction="out").order_by("pk")]

    return say


def opted_out():
    return Contact.objects.get().opted_out_at is not None


@pytest.mark.parametrize(("language", "word"), [(language, word) for language, words in STOP.items() for word in words])
def test_each_stop_word_opts_out_with_one_confirmation(write, language, word):
    assert write(f" {word.upper()}! ", language=language) == [translate(STOPPED, language)]
    assert opted_out()
    assert write(word, language=language) == [translate(STOPPED, language)]


@pytest.mark.parametrize(
    ("language", "word"), [(language, word) for language, words in START.items() for word in words]
)
def test_each_start_word_brings_back(write, language, word):
    write("stop", language=language)

    assert write(word, language=language)[-1] == translate(STARTED, language)
    assert not opted_out()


@pytest.mark.parametrize(
    "text",
    [
        "Where does the bus stop?",
        "Please don't stop",
        "stop by tomorrow",
        "I want to start treatment",
        "Can I end it at 5?",
    ],
)
def test_a_word_inside_a_sentence_means_nothing(write, text):
    write(text)

    assert not opted_out()


def test_after_a_stop_nothing_is_answered_until_start(write):
    write("STOP")

    assert write("Are you open?") == [translate(STOPPED, "en")]
    assert write("START") == [translate(STOPPED, "en"), translate(STARTED, "en")]
    assert len(write("When are you open?")) > 2


def test_start_without_a_stop_is_an_ordinary_word(write):
    assert translate(STARTED, "en") not in write("start")


def test_groups_are_left_alone(write):
    assert write("stop", group=GROUP) == []
    assert not opted_out()


def test_what_the_provider_has_confirmed_is_not_confirmed_again(write):
    assert write("STOP", data={"opt_out_type": "STOP"}) == []
    assert opted_out()
    assert write("START", data={"opt_out_type": "START"}) == []
    assert not opted_out()


def test_a_foreign_word_is_answered_in_its_own_language(write):
    assert write("dezabonare", language="en") == [translate(STOPPED, "ro")]


@pytest.mark.parametrize(
    ("first", "language"),
    [("hola, cuanto cuesta?", "es"), ("buna ziua, cat costa?", "ro"), ("vcs abrem sabado?", "pt"), ("hi there", "en")],
)
@pytest.mark.parametrize("business", ["en", "pt-br", "ro"])
def test_the_language_of_the_chat_confirms_words_that_languages_share(write, first, language, business):
    write(first, language=business)

    assert write("STOP", language=business)[-1] == translate(STOPPED, language)
    assert write("start", language=business)[-1] == translate(STARTED, language)


def test_a_stop_in_another_language_than_the_chat_is_confirmed_in_its_own(write):
    write("hi, how much is a cleaning?")

    assert write("nu mai vreau mesaje")[-1] == translate(STOPPED, "ro")


def test_accents_and_case_do_not_matter(write):
    assert write("Não quero mais mensagens.", language="pt-br") == [translate(STOPPED, "pt")]
