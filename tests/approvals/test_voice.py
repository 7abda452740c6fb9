"""A voice note counts as its words, once it is written down."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile

from assistant import services as assistant
from assistant.models import Transcription, Turn
from common.work.rows import State
from common.work.run import work_on
from messaging.models import MediaFile, Message
from messaging.providers.base import Kind, Media
from tests.approvals.conftest import status, steps
from tests.support.fake_llm import running_fake


@pytest.fixture
def fake():
    with running_fake() as server:
        yield server


@pytest.fixture
def speak(phone, fake, settings, tmp_path):
    """The owner says something, and it is written down."""
    settings.MEDIA_ROOT = tmp_path
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test-0123456789abcdef", f"{fake.url}/v1"

    def say(words, **more):
        phone.say("", kind=Kind.VOICE, media=Media(mime_type="audio/ogg", reference="voice-1"), **more)
        message = Message.objects.filter(direction="in").latest("pk")
        media = MediaFile.objects.get(message=message)
        media.file.save("1.ogg", ContentFile(b"OggS-voice"), save=False)
        MediaFile.objects.filter(pk=media.pk).update(file=media.file.name, state=State.DONE)
        media.refresh_from_db()
        fake.script({"body": {"text": words}})
        row = assistant.request_transcript(media=media)
        before = {sent.pk for sent in phone.inbox()}
        work_on(Transcription, row.pk, assistant.transcribe)
        return [sent.text for sent in phone.inbox() if sent.pk not in before]

    return say


def test_a_spoken_yes_decides_and_the_assistant_says_nothing(submit, phone, speak):
    candidate = submit()
    phone.see()

    assert speak("Yes.") == [f"✅ #{candidate.short_id.upper()} approved: Post for Friday"]
    assert status(candidate) == "approved"
    assert set(Turn.objects.values_list("state", flat=True)) <= {State.IGNORED}
    assert Message.objects.filter(direction="in").latest("pk").data["handled_by"] == "approvals.inbound.answers"


def test_what_is_spoken_unclearly_asks_and_decides_nothing(submit, phone, speak):
    candidate = submit()
    phone.see()

    (asked,) = speak("Yes, but with another picture.")

    assert asked.startswith("I did not understand that, so nothing was decided.")
    assert (status(candidate), steps(candidate)[-1]) == ("pending", "unclear")


def test_a_voice_note_about_something_else_is_the_assistants(submit, phone, speak):
    candidate = submit()
    phone.see()
    phone.say("yes")

    assert speak("Are we open tomorrow?") == []
    assert status(candidate) == "approved"
    assert Turn.objects.latest("pk").state == State.QUEUED
