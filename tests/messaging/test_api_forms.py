"""A message with a file by the API as a form, as `curl -F` and browsers send it."""

import base64
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from messaging.models import MediaFile, Message
from simulator.media import picture
from tests.support.api import ApiCaller

pytestmark = pytest.mark.both

PNG = picture(40)


@pytest.fixture
def session(session, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return session


def png(name="map.png", kind="image/png"):
    return SimpleUploadedFile(name, PNG, kind)


def post(api, session, fields, key="", **more):
    headers = api.headers() | ({"Idempotency-Key": key} if key else {})
    return api.client.post(f"/api/sessions/{session.pk}/messages", fields, headers=headers, **more)


def test_a_form_with_a_file_writes_a_message(session, clinic):
    answer = post(ApiCaller(clinic), session, {"text": "The way to us", "file": png("the map.png")})

    assert (answer.status_code, answer.json()["text"], answer.json()["kind"]) == (201, "The way to us", "image")
    media = MediaFile.objects.get()
    assert (media.mime_type, media.file_name, media.file.read()) == ("image/png", "the map.png", PNG)


def test_the_same_as_json_is_the_same_call(session, clinic):
    api = ApiCaller(clinic)
    first = post(api, session, {"text": "Here", "file": png()}, key="one")
    as_json = {
        "text": "Here",
        "file": {"name": "map.png", "mime_type": "image/png", "content": base64.b64encode(PNG).decode()},
    }

    again = api.post(f"sessions/{session.pk}/messages", as_json, **{"Idempotency-Key": "one"})
    other = post(api, session, {"text": "Here", "file": png("other.png")}, key="one")

    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (201, 200, "true")
    assert other.status_code == 422
    assert Message.objects.count() == MediaFile.objects.count() == 1


@pytest.mark.parametrize("fields", [
    {}, {"file": ""}, {"text": "x", "reply_to": "abc"}, {"text": "x", "send_at": "soon"}, {"template": "8"},
    {"file": [png("a.png"), png("b.png")]}, {f"f{number}": "x" for number in range(1200)}, {"text": "a\0b"},
])  # fmt: skip
def test_a_form_that_makes_no_sense_is_a_problem_and_keeps_nothing(session, clinic, fields):
    answer = post(ApiCaller(clinic), session, fields)

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert not Message.objects.exists()
    assert not MediaFile.objects.exists()


def test_a_form_that_is_cut_or_too_large_is_a_problem(session, clinic):
    api = ApiCaller(clinic)
    address = f"/api/sessions/{session.pk}/messages"
    cut = api.client.generic("POST", address, b"--x\r\n", content_type="multipart/form-data", headers=api.headers())
    large = post(api, session, {"file": SimpleUploadedFile("a.png", b"x" * (24 * 1024 * 1024 + 1), "image/png")})

    assert (cut.status_code, large.status_code) == (400, 413)
    assert not Message.objects.exists()


def test_other_calls_take_no_form_and_a_page_elsewhere_sends_none_with_somebodys_session(session, clinic, manager):
    api = ApiCaller(clinic)
    notes = api.client.post(f"/api/sessions/{session.pk}/notes", {"text": "x"}, headers=api.headers())
    strict = Client(enforce_csrf_checks=True, headers={"Host": "testserver"})
    strict.cookies = manager.cookies
    forged = strict.post(f"/api/sessions/{session.pk}/messages", {"text": "x"})

    assert (notes.status_code, forged.status_code) == (415, 403)
    assert json.loads(forged.content)["type"] == "/problems/forbidden"
    assert not Message.objects.exists()
