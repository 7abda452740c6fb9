"""A voice note is uploaded under a name that the service takes, or not at all; the simulator is as strict."""

import pytest
from django.core.files.base import ContentFile

from assistant import services as assistant
from assistant.models import Transcription
from common.work.rows import State
from messaging.models import MediaFile, Message
from messaging.providers.base import Kind, Media
from simulator.media import voice_note

OGG = voice_note()
M4A = b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00"
AMR = b"#!AMR\n\x3c"


@pytest.fixture
def listen(sim, settings, tmp_path, say, drain):
    """A voice note of this type and with these bytes is stored and written down; returns its transcript."""
    settings.MEDIA_ROOT, settings.OPENAI_API_KEY = tmp_path, "sk-test-0123456789"
    sim.script("transcription", {"text": "Are you open?"})

    def hear(mime_type, content, name="1"):
        message = say("", kind=Kind.VOICE, media=Media(mime_type=mime_type, reference="voice-1"))
        media = MediaFile.objects.get(message=message)
        media.file.save(name, ContentFile(content), save=False)
        MediaFile.objects.update(file=media.file.name, state=State.DONE)
        media.refresh_from_db()
        assistant.request_transcript(media=media)
        drain()
        media.refresh_from_db()
        return media.transcript

    return hear


@pytest.mark.parametrize(
    ("mime_type", "content"),
    [
        ("audio/ogg", OGG),
        ("audio/ogg; codecs=opus", OGG),
        ("audio/opus", OGG),
        ("application/ogg", OGG),
        ("application/octet-stream", OGG),
        ("audio/amr", OGG),  # the bytes say what it is
        ("", OGG),
        ("audio/mp4", M4A),
        ("audio/x-m4a", M4A),
        ("audio/ogg", M4A),
        ("audio/mpeg", b"\xff\xfb\x90\x00"),
        ("audio/mp3", b"ID3\x04\x00"),
        ("audio/x-wav", b"RIFF\x24\x00\x00\x00WAVEfmt "),
        ("audio/webm", b"\x1aE\xdf\xa3\x01"),
        ("audio/flac", b"fLaC\x00"),
        ("video/mp4", b"\x00\x00\x00\x18ftypisom"),
    ],
)
def test_b36_the_service_takes_the_name(listen, mime_type, content):
    assert listen(mime_type, content) == "Are you open?"


@pytest.mark.parametrize(
    ("mime_type", "content"), [("audio/amr", AMR), ("audio/ogg", AMR), ("audio/aac", b"\xff\xf1\x50")]
)
def test_what_the_service_does_not_take_is_not_uploaded(listen, sim, mime_type, content):
    assert listen(mime_type, content) == ""

    row = Transcription.objects.get()
    assert (row.state, row.last_error.startswith("the service takes no audio/a")) == (State.DEAD, True)
    assert Message.objects.get(direction="in").data["transcription"].startswith("not transcribed: the service takes no")
    assert [record for record in sim.record("openai") if "transcriptions" in record.get("path", "")] == []


@pytest.mark.parametrize("name", ["voice.oga", "voice.opus", "voice.amr", "voice", "voice.aac", "voice.txt"])
def test_the_simulator_refuses_the_names_that_the_service_refuses(sim, name):
    answer = _upload(sim, name, OGG)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == f"Unsupported file format {name.partition('.')[2]}"


@pytest.mark.parametrize(("name", "content"), [("voice.m4a", OGG), ("voice.ogg", M4A)])
def test_the_simulator_looks_into_the_file(sim, name, content):
    assert _upload(sim, name, content).status_code == 400


def test_the_simulator_takes_the_rest(sim):
    for name in ("voice.ogg", "VOICE.OGG", "voice.mp3", "voice.mpga"):
        sim.script("transcription", "Hi")
        assert _upload(sim, name, OGG).json() == {"text": "Hi"}


def _upload(sim, name, content):
    return sim.http.post(
        "/openai/v1/audio/transcriptions",
        headers={"Authorization": "Bearer sk-test"},
        files={"file": (name, content, "audio/ogg")},
        data={"model": "gpt-4o-mini-transcribe"},
    )
