"""Voice notes in writing; and what the health check says of models."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from assistant import services as assistant
from assistant.health import llm
from assistant.models import AssistantProfile, Transcription, Turn
from assistant.services import breakers
from assistant.services.model_options import model_options
from assistant.services.transcription import HEARD_WITHIN_SECONDS
from common.work.rows import State, now_plus_seconds
from messaging.models import Contact, MediaFile, Message
from messaging.providers.base import Kind, Media
from tests.support.fake_llm import said


@pytest.fixture
def voice(settings, tmp_path, say):
    """A voice note that lies on the disk; its file is not fetched yet."""
    settings.MEDIA_ROOT = tmp_path

    def receive():
        message = say("", kind=Kind.VOICE, media=Media(mime_type="audio/ogg", reference="voice-1"))
        MediaFile.objects.update(state=State.WORKING, lease_until=now_plus_seconds(60))
        return message

    return receive


def store(message):
    media = MediaFile.objects.get(message=message)
    media.file.save("1.ogg", ContentFile(b"OggS-voice"), save=False)
    MediaFile.objects.filter(pk=media.pk).update(file=media.file.name, state=State.DONE)
    media.refresh_from_db()
    return assistant.request_transcript(media=media)


def test_the_turn_waits_for_the_transcript_and_answers_it(openai, voice, drain, outbox):
    message = voice()
    drain()
    assert (outbox(), Turn.objects.get().state, openai.asked) == ([], State.QUEUED, [])
    openai.script({"body": {"text": "Are you open on Saturday?"}}, said("On Saturday until one."))
    store(message)

    drain()

    upload, chat = openai.asked
    assert upload.path == "/v1/audio/transcriptions"
    assert b'name="model"\r\n\r\ngpt-4o-mini-transcribe' in upload.raw
    assert b"OggS-voice" in upload.raw
    assert MediaFile.objects.get().transcript == "Are you open on Saturday?"
    assert chat.body["messages"][-1]["content"] == "Are you open on Saturday?"
    assert outbox() == ["On Saturday until one."]


def test_what_a_voice_note_says_tells_the_language_of_the_chat(openai, voice, drain):
    message = voice()
    drain()
    openai.script({"body": {"text": "quiero una cita para el viernes"}}, said("¿A qué hora?"))
    store(message)

    drain()

    assert Contact.objects.get().language == "es"
    assert "The customer's language: Spanish." in openai.asked[-1].raw.decode()


def test_after_a_while_the_turn_goes_on_without_it(openai, voice, drain, outbox):
    message = voice()
    drain()
    Message.objects.filter(pk=message.pk).update(
        created_at=timezone.now() - timedelta(seconds=HEARD_WITHIN_SECONDS + 1)
    )
    Turn.objects.update(due_at=now_plus_seconds(-1))
    openai.script(said("Sorry, I could not hear that."))

    drain()

    assert openai.asked[0].body["messages"][-1]["content"] == "[voice note, which could not be heard]"
    assert outbox() == ["Sorry, I could not hear that."]


def test_without_a_key_that_is_said_on_the_message(settings, voice, drain, outbox):
    settings.OPENAI_API_KEY = ""
    message = voice()
    drain()

    assert store(message) is None
    message.refresh_from_db()
    assert message.data["transcription"] == "not transcribed: no key"
    assert outbox()[0] == "I could not listen to your voice note. Please write it in a few words."


@pytest.mark.parametrize(("status", "state"), [(400, State.DEAD), (500, State.QUEUED)])
def test_a_transcription_that_fails(openai, voice, drain, status, state):
    message = voice()
    drain()
    openai.default = lambda asked: {"status": status, "raw": "no"} if "audio" in asked.path else said("Sorry.")
    store(message)

    drain()

    assert Transcription.objects.get().state == state
    assert MediaFile.objects.get().transcript == ""


def test_a_picture_is_not_transcribed(openai, settings, tmp_path, say):
    settings.MEDIA_ROOT = tmp_path
    message = say("", kind=Kind.IMAGE, media=Media(mime_type="image/png", reference="p"))

    assert store(message) is None
    assert not Transcription.objects.exists()


def test_health_offline_is_well(db, settings):
    settings.LLM_PROVIDER = "offline"

    assert llm() == ("ok", "offline: answers from what is written down")


def test_health_names_the_missing_key(openai, settings, db):
    settings.OPENAI_API_KEY = ""

    assert llm() == ("error", "no model can answer; openai: OPENAI_API_KEY not set")


def test_health_tells_of_the_last_answer_and_an_open_breaker(openai, settings, db):
    candidate = model_options(AssistantProfile())[0]
    assert llm() == ("ok", "openai gpt-5.4-mini: not asked yet")
    breakers.record_success(candidate.breaker_key, provider="openai", model=candidate.model)
    assert llm() == ("ok", "openai gpt-5.4-mini: last answer 0 s ago")
    breakers.record_failure(
        candidate.breaker_key, provider="openai", breaker="change", reason="HTTP 401 invalid_api_key"
    )

    status, message = llm()

    assert status == "error"
    assert message.endswith("left alone until key, model or address change: HTTP 401 invalid_api_key")
    settings.LLM_FALLBACK = ["offline"]
    assert llm()[0] == "degraded"


def test_health_names_unknown_prices(openai, settings, db):
    settings.LLM_MODEL = "my-own-model"

    assert "the price of my-own-model is not in assistant/prices.json" in llm()[1]


def test_health_names_n8n_without_its_path(db, settings):
    settings.LLM_PROVIDER = "offline"
    settings.N8N_ENABLED, settings.N8N_WEBHOOK_URL = True, "http://n8n.example:5678/webhook/secret-path"
    assert llm() == ("ok", "offline: answers from what is written down; n8n at n8n.example:5678")
    settings.N8N_WEBHOOK_URL = "http://n8n.example:5678/webhook"

    assert llm()[0] == "error"


def test_a_note_whose_file_came_late_is_answered_once_it_is_heard(openai, voice, drain, outbox):
    message = voice()
    drain()
    early = message.created_at - timedelta(seconds=HEARD_WITHIN_SECONDS + 1)
    Message.objects.update(created_at=early)
    Turn.objects.update(due_at=now_plus_seconds(-1))
    openai.script(said("I could not hear that."))
    drain()
    Message.objects.filter(direction="out").update(state=State.DONE)
    openai.script({"body": {"text": "Are you open on Saturday?"}}, said("On Saturday until one."))

    store(message)
    drain()

    assert outbox() == ["I could not hear that.", "On Saturday until one."]
    assert openai.asked[-1].body["messages"][-1]["content"] == "Are you open on Saturday?"
