"""Names of files by a table of our own: the same on every machine."""

import mimetypes
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.text import file_names
from common.text.file_names import ENDINGS, extension_of, normalise_type, type_of, type_of_content, with_extension
from tests.support.tree import APPS, ROOT


@pytest.mark.parametrize(
    ("mime_type", "ending"),
    [
        ("audio/ogg; codecs=opus", ".ogg"),
        ("audio/opus", ".ogg"),
        ("Audio/OGG", ".ogg"),
        ("application/ogg", ".ogg"),
        ("audio/mp4", ".m4a"),
        ("audio/x-m4a", ".m4a"),
        ("audio/mpeg", ".mp3"),
        ("audio/amr", ".amr"),
        ("image/webp", ".webp"),
        ("image/jpg", ".jpg"),
        ("image/jpeg", ".jpg"),
        ("text/x-vcard", ".vcf"),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"),
        ("application/x-of-tomorrow", ".bin"),
        ("", ".bin"),
    ],
)
def test_endings(mime_type, ending):
    assert extension_of(mime_type) == ending


@pytest.mark.parametrize("mime_type", ENDINGS)
def test_every_ending_leads_back_to_its_type(mime_type):
    assert {type_of(f"name.{ending.upper()}") for ending in ENDINGS[mime_type]} == {mime_type}


@pytest.mark.parametrize(("name", "mime_type"), file_names.ALIASES.items())
def test_other_spellings_lead_to_a_known_type(name, mime_type):
    assert normalise_type(name) == mime_type
    assert extension_of(name) != ".bin"


@pytest.mark.parametrize(
    ("name", "mime_type", "wanted"),
    [
        ("exam", "application/pdf", "exam.pdf"),
        ("exam.pdf", "application/pdf", "exam.pdf"),
        ("v1.2 of 3", "image/png", "v1.2 of 3.png"),
        ("notes", "application/x-of-tomorrow", "notes"),
    ],
)
def test_a_name_without_an_ending_gets_one(name, mime_type, wanted):
    assert with_extension(name, mime_type) == wanted


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (b"OggS\x00\x02", "audio/ogg"),
        (b"#!AMR\n", "audio/amr"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90", "audio/mpeg"),
        (b"\xff\xf1\x50", "audio/aac"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (b"\x00\x00\x00\x18ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x183gp5", ""),
        (b"\x00\x00\x00\x18ftyp3gp5", "video/3gpp"),
        (b"", ""),
    ],
)
def test_types_by_how_a_file_begins(content, mime_type):
    assert type_of_content(content) == mime_type


@given(st.text(max_size=60), st.binary(max_size=20))
def test_no_name_and_no_content_is_too_odd(text, content):
    assert extension_of(text).startswith(".")
    assert type_of(text) in {*ENDINGS, ""}
    assert type_of_content(content) in {*ENDINGS, ""}


def test_the_list_of_the_machine_changes_nothing(monkeypatch):
    monkeypatch.setattr(mimetypes, "guess_extension", lambda *given, **more: ".oga")
    monkeypatch.setattr(mimetypes, "guess_type", lambda *given, **more: ("x/y", None))

    assert (extension_of("audio/ogg"), type_of("a.ogg")) == (".ogg", "audio/ogg")


def test_nobody_asks_the_machine():
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    asks = re.compile(r"^\s*(import mimetypes|from mimetypes)", re.MULTILINE)

    assert [path.name for path in files if asks.search(path.read_text(encoding="utf-8"))] == []
