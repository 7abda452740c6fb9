"""Files that run scripts in a browser, or that need huge memory when they are decoded: stored and never decoded."""

import ast
import base64
import struct
import zlib

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from messaging.models import MediaFile, Message
from messaging.queries import media_link
from messaging.services.media import fetch_media
from tests.support.api import ApiCaller
from tests.support.backoffice import write
from tests.support.tree import APPS, ROOT

DECODERS = {"PIL", "cv2", "wand", "imageio", "pyvips", "skimage", "av", "numpy", "pdf2image", "cairosvg", "fitz"}
PACKAGES = ("pillow", "opencv", "wand", "imageio", "pyvips", "scikit-image", "numpy", "cairosvg", "pymupdf", "ffmpeg")


def png(width, height):
    """Return a picture of a few hundred bytes that claims this size."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


def jpeg(width, height):
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\x01\x11\x00\x02\x11\x00\x03\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + frame + b"\xff\xd9"


def gif(width, height):
    frame = b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02L\x01\x00"
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0" * 6 + frame * 10_000 + b";"


def webp(width, height):
    body = (
        b"WEBPVP8X"
        + struct.pack("<I", 10)
        + b"\0" * 4
        + struct.pack("<I", width - 1)[:3]
        + struct.pack("<I", height - 1)[:3]
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


BOMBS = {
    "image/png": png(2**31 - 1, 2**31 - 1),
    "image/jpeg": jpeg(65_535, 65_535),
    "image/gif": gif(65_535, 65_535),
    "image/webp": webp(2**24, 2**24),
}
SCRIPTS = {
    "image/svg+xml": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
    "text/html": b"<script>alert(1)</script>",
    "application/xhtml+xml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "text/xml": b'<?xml-stylesheet type="text/xsl" href="data:,x"?><a/>',
    "application/xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    "application/javascript": b"alert(1)",
    "application/pdf": b"%PDF-1.4 /OpenAction",
    "IMAGE/SVG+XML": b"<svg onload='alert(1)'/>",
    "image/png, text/html": b"<script>alert(1)</script>",
    "image/png;a=image/svg+xml": b"<svg onload='alert(1)'/>",
}


@pytest.fixture
def store_file(clinic, make_channel, session, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    channel = make_channel(clinic, "evolution", external_id="files")

    def store(mime_type, content, file_name="file.svg"):
        message = write(session, "", direction="in", purpose="customer", kind="image")
        message.channel = channel
        message.save(update_fields=["channel"])
        media = MediaFile.objects.create(
            tenant=clinic, message=message, mime_type=mime_type, file_name=file_name,
            inline=base64.b64encode(content).decode(),
        )  # fmt: skip
        fetch_media(MediaFile.objects.claim(media.pk))
        media.refresh_from_db()
        return media

    return store


@pytest.mark.parametrize("mime_type", SCRIPTS)
def test_a_file_that_a_browser_could_run_is_only_served_as_a_download(manager, clinic, store_file, mime_type):
    media = store_file(mime_type, SCRIPTS[mime_type])
    page = manager.get(reverse("admin:messaging_mediafile_file", args=[media.pk]))
    program = ApiCaller(clinic).get(f"sessions/{media.message.conversation_id}/messages/{media.message_id}/file")
    Message.objects.filter(pk=media.message_id).update(direction="out")
    provider = Client().get(media_link(media).removeprefix("https://frontdesk.example.test"))

    for answer in (page, program, provider):
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content) == SCRIPTS[mime_type]
        is_picture = answer["Content-Type"] == "image/png"
        assert answer["Content-Disposition"].startswith("attachment") or is_picture
        assert answer["X-Content-Type-Options"] == "nosniff"
    for answer in (page, provider):
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert page["Content-Type"] in {"application/octet-stream", "image/png"}


def test_the_transcript_does_not_show_such_files_as_pictures(manager, session, store_file):
    for mime_type, content in SCRIPTS.items():
        store_file(mime_type, content)

    html = manager.get(f"/admin/messaging/conversation/{session.pk}/change/").content.decode()

    assert html.count("<img src=") == MediaFile.objects.filter(mime_type="image/png").count()
    assert "onload" not in html


@pytest.mark.parametrize("mime_type", BOMBS)
def test_a_picture_that_claims_to_be_huge_is_stored_unchanged(manager, store_file, mime_type):
    media = store_file(mime_type, BOMBS[mime_type], file_name="a.png")

    assert (media.state, media.size, media.mime_type) == ("done", len(BOMBS[mime_type]), mime_type)
    answer = manager.get(reverse("admin:messaging_mediafile_file", args=[media.pk]))
    assert b"".join(answer.streaming_content) == BOMBS[mime_type]


def test_the_product_decodes_no_pictures_videos_or_documents():
    # Nothing decodes pictures, so no limit of pixels is needed (RELIABILITY, section 5). A change that adds a decoder
    # must add its limits: 40 megapixels and 30 s, in a child process with little memory.
    imported = set()
    for app in APPS:
        for file in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {name.name.split(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    imported.add(node.module.split(".")[0])

    assert "django" in imported
    assert not imported & DECODERS
    assert not [
        field for model in apps.get_models() for field in model._meta.fields if isinstance(field, models.ImageField)
    ]
    names = [line.split("==")[0] for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line]
    assert "django" in names
    assert not [name for name in names if name.startswith(PACKAGES)]
