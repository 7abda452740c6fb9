"""Content-Security-Policy and Permissions-Policy on every answer to a browser; what a view says itself stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.once  # what a page allows is the same on each database

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = [ROOT / "templates", *(path for path in ROOT.glob("*/templates") if path.parent.name != "simulator")]


def words(answer, name):
    """What the policy of an answer says of one directive."""
    parts = [part.split() for part in answer.headers["Content-Security-Policy"].split(";")]
    return {first: rest for first, *rest in filter(None, parts)}.get(name)


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/nothing", 404), ("/problems/not-found", 200), ("/health/live", 200), ("/api/nothing", 404)],
)
def test_public_answers_let_no_script_run(path, status, db):
    answer = Client(raise_request_exception=False).get(path, headers={"Accept": "text/html"})

    assert answer.status_code == status
    assert words(answer, "default-src") == words(answer, "frame-ancestors") == ["'none'"]
    assert words(answer, "script-src") is None
    assert not any(word == "'unsafe-inline'" for word in words(answer, "style-src") or [])
    assert "microphone=()" in answer.headers["Permissions-Policy"]


def test_an_error_is_answered_under_the_policy_too(db, monkeypatch):
    from config import views

    def fails(*_arguments):
        raise RuntimeError("on purpose")

    monkeypatch.setattr(views, "render", fails)

    answer = Client(raise_request_exception=False).get("/", headers={"Accept": "text/html"})

    assert (answer.status_code, words(answer, "default-src")) == (500, ["'none'"])
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_the_login_and_every_page_behind_it_run_our_files_alone(db, root):
    pages = [Client().get("/admin/login/"), root.get("/admin/"), root.get(reverse("inbox")), root.get("/admin/nothing")]

    for answer in pages[:3]:
        assert words(answer, "script-src") == ["'self'", "'unsafe-eval'"]
        assert words(answer, "form-action") == words(answer, "connect-src") == ["'self'"]
    for answer in pages:
        assert words(answer, "default-src") == words(answer, "base-uri") == ["'none'"]
        assert words(answer, "frame-ancestors") == ["'none'"]


@pytest.mark.parametrize("path", ["/api/docs", "/api/schema"])
def test_what_a_view_says_itself_stays(path, db):
    answer = Client().get(path)

    assert answer.headers["Content-Security-Policy"].count("default-src") == 1
    assert ("script-src 'self'" in answer.headers["Content-Security-Policy"]) == (path == "/api/docs")


def test_no_template_has_a_script_inside():
    found = [
        (path.name, what)
        for folder in TEMPLATES
        for path in folder.rglob("*.html")
        for what in forbidden(path.read_text())
    ]

    assert found == []
    assert forbidden('<p onclick="x()"><script>1</script><a href="javascript:x">') != []
    assert (
        len(forbidden("<p ONCLICK=x><script type=module>1</script><img src=a onerror=b><a href=' javascript:x'>")) == 4
    )


def forbidden(html):
    """The places at which a page would run a script that is not a file of ours: its own text, on..., javascript:."""
    elements = re.findall(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>", html, re.IGNORECASE)
    attributes = re.findall(r"<[a-z][^<>]*\s(on[a-z]+)\s*=", html, re.IGNORECASE)
    return elements + attributes + re.findall(r"=[\"'\s]*javascript:", html, re.IGNORECASE)
