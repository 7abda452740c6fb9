"""The simulator, which checks requests as the vendors do, takes what we send."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile

from assistant import services as assistant
from assistant.models import Turn
from common.work.rows import State
from messaging.models import Conversation, MediaFile
from messaging.providers.base import Kind, Media
from tests.simulator.process import running_simulator


@pytest.fixture(scope="module")
def simulator():
    with running_simulator({"product_url": "http://127.0.0.1:9", "channels": [], "n8n": {"api_key": "n8n-key"}}) as sim:
        yield sim


@pytest.fixture(autouse=True)
def _wired(simulator, settings):
    simulator.reset()
    settings.OPENAI_API_KEY = settings.ANTHROPIC_API_KEY = settings.AZURE_OPENAI_API_KEY = "sk-good"
    settings.OPENAI_BASE_URL = f"{simulator.url}/openai/v1"
    settings.ANTHROPIC_BASE_URL = f"{simulator.url}/anthropic"
    settings.AZURE_OPENAI_ENDPOINT, settings.AZURE_OPENAI_DEPLOYMENT = f"{simulator.url}/azure", "desk"
    settings.LLM_FALLBACK, settings.LLM_MODEL = [], ""


@pytest.mark.parametrize("provider", ["openai", "anthropic", "azure"])
def test_each_vendor_takes_a_conversation_with_tools(simulator, settings, say, drain, outbox, provider):
    settings.LLM_PROVIDER = provider
    say("Are you open today? #1")
    say("And tomorrow? #2")
    drain()
    assert "#1" in outbox()[0]
    assert "#2" in outbox()[0]
    say("I want to speak to a person, please.")

    drain()

    assert Conversation.objects.get().is_paused
    assert len(outbox()) == 2
    assert [turn.provider for turn in Turn.objects.all()] == [provider] * 2


def test_n8n_takes_the_hand_off(simulator, settings, say, drain, outbox):
    settings.N8N_ENABLED, settings.N8N_API_KEY = True, "n8n-key"
    settings.N8N_WEBHOOK_URL = f"{simulator.url}/n8n/webhook/desk"
    say("Are you open today?")

    drain()

    assert outbox() == ["You said: Are you open today?"]


def test_a_voice_note_is_written_down(simulator, settings, tmp_path, say, drain, outbox):
    settings.LLM_PROVIDER, settings.MEDIA_ROOT = "openai", tmp_path
    say("", kind=Kind.VOICE, media=Media(mime_type="audio/ogg", reference="voice-1"))
    media = MediaFile.objects.get()
    media.file.save("1.ogg", ContentFile(b"OggS-voice"), save=False)
    MediaFile.objects.update(file=media.file.name, state=State.DONE)
    media.refresh_from_db()
    assistant.request_transcript(media=media)

    drain()

    assert outbox() == ["You said: Hello, this is a voice note."]
