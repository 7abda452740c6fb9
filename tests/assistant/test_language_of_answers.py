"""One answer, one language: whatever is said of ours in a chat is in the language of that chat."""

import pytest

from assistant.models import AssistantProfile, KnowledgeEntry
from common.text.language import detect
from messaging.models import Contact

STORIES = {
    "pt": [
        "oi", "vcs abrem sabado?", "e a obturacao?", "ok?", "sou de Manaus", "Me lembra de tomar o remedio amanha as 9",
        "meus lembretes", "adia o lembrete 1", "cancela o lembrete 7", "10h", "quero falar com uma pessoa",
    ],
    "es": [
        "buenas", "hay hueco el sabado?", "parking?", "recuerdame mañana a las 9 llamar a Ana", "mis recordatorios",
        "cancela el recordatorio 7", "www.example.com", "quiero hablar con una persona",
    ],
    "ro": [
        "buna ziua", "cat costa", "aveti loc maine?", "Ana", "aminteste-mi maine la 9 sa sun", "mementourile mele",
        "12345", "vreau sa vorbesc cu o persoana",
    ],
    "en": ["hey", "do u have parking", "implant?", "remind me tomorrow at 9 to call", "my reminders", "a human please"],
}  # fmt: skip


@pytest.fixture(params=["en", "pt-br", "ro"])
def business(request, clinic):
    """A business of this language."""
    clinic.language = request.param
    clinic.save()


@pytest.mark.parametrize("language", STORIES)
@pytest.mark.usefixtures("business")
def test_every_answer_of_a_chat_is_in_its_language(say, drain, outbox, language):
    told = {}
    # What the business has written in one language alone is said as it stands.
    written = set(KnowledgeEntry.objects.values_list("content", flat=True))
    for line in STORIES[language]:
        before = len(outbox())
        say(line)
        drain()
        parts = [part for answer in outbox()[before:] if answer not in written for part in answer.split("\n") if part]
        told[line] = [(detect(part), part) for part in parts]

    assert [one for answers in told.values() for one in answers if one[0] not in ("", language)] == []
    assert sum(found == language for answers in told.values() for found, _ in answers) >= len(STORIES[language]) - 2
    assert Contact.objects.get().language == language


def test_a_file_and_a_voice_note_are_acknowledged_in_the_language_of_the_chat(say, drain, outbox):
    say("cat costa un detartraj?")
    drain()
    say("", kind="image")
    drain()

    assert detect(outbox()[-1]) == "ro"


def test_a_model_is_told_the_language(openai, say, drain):
    say("vcs abrem sabado?")
    drain()
    say("10h")
    drain()

    assert all("The customer's language: Portuguese." in asked.raw.decode() for asked in openai.asked)


def test_a_model_is_told_a_language_that_a_person_has_set_even_beyond_ours(openai, say, drain):
    contact = say("hello, do you have time").conversation.contact
    Contact.objects.filter(pk=contact.pk).update(language="fr", language_is_fixed=True)
    drain()

    assert "The customer's language: fr." in openai.asked[0].raw.decode()


def test_the_fallback_keeps_the_language_over_a_line_that_tells_nothing(openai, say, drain, outbox):
    openai.default = lambda asked: {"status": 500, "raw": "no"}
    say("hola, cuanto cuesta?")
    drain()
    say("10?")
    drain()

    assert AssistantProfile.objects.exclude(fallback_text="").count() == 0
    assert [detect(text) for text in outbox()] == ["es", "es"]
