"""A real browser on every page of the desk: none asks for what the Content-Security-Policy forbids."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import urljoin

import pytest
from django.contrib import admin
from django.urls import reverse

from tenants.models import Member, Role, User
from tests.config.test_page_policies import forbidden
from tests.support.api_world import make_world
from tests.support.browsers import NEEDS_CHROMIUM, chromium
from tests.support.rows import MODELS, make_row, page

pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.slow,
    pytest.mark.once,
]
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""
PUT_IN = """
const box = document.createElement("div");
box.id = "evil";
box.innerHTML = `<img src=x onerror="window.ran = 1"><svg onload="window.ran = 1"></svg>
  <a href="javascript:window.ran = 1">x</a>`;
document.body.append(box);
const inside = document.createElement("script");
inside.textContent = "window.ran = 1";
const foreign = document.createElement("script");
foreign.src = "https://evil.example/x.js";
box.append(inside, foreign);
"""
RUNS = re.compile(r"on|x-|hx-|:|@")
OWN = ("inbox", "decisions", "incidents", "switches", "reminders_month", "second-factor", "admin:index",
       "admin:password_change")  # fmt: skip


class Pieces(HTMLParser):
    """What of a page a policy may forbid or a script may stumble over: what each kind of tag runs, loads or carries.

    All numbers count as one, so that two rows of a kind are the same piece.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[tuple[str, ...]] = set()
        self.inside = ""
        self.feed(re.sub(r"\d+", "0", text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag
        for name, value in attrs:
            if RUNS.match(name) or (tag in {"script", "link", "img", "iframe"} and name in {"src", "href", "type"}):
                self.found.add((tag, name, value or ""))
            else:
                self.found.add((tag, name))

    def handle_data(self, data: str) -> None:
        if self.inside in {"script", "style"} and data.strip():
            self.found.add((self.inside, data))


def pages_that_differ(wheres, client):
    """Those of the pages that have a piece which none before them has; all open, and none has a script inside."""
    known, found, wrong = set(), [], []
    for where in wheres:
        answer = client.get(where, follow=True)
        html = answer.content.decode()
        if answer.status_code != 200 or forbidden(html):
            wrong.append((where, answer.status_code, forbidden(html)))
        pieces = Pieces(html).found
        if not pieces <= known:
            found.append(where)
        known |= pieces
    assert wrong == []
    return found


@pytest.fixture
def owner(clinic, root):
    """The browser of an operator who also is an owner."""
    Member.objects.create(tenant=clinic, user=User.objects.get(username="root"), role=Role.OWNER)
    return root


@pytest.fixture
def wheres(clinic, session, owner):
    """Of all addresses of the desk, with a row of each kind behind it, those whose pages differ.

    A page takes a browser a second, and most are made of the same pieces.
    """
    make_world(clinic, session)
    found = [reverse(name) for name in OWN]
    made = {}
    for model in MODELS:
        row = make_row(model, clinic, made)
        found += [page(model, "changelist"), page(model, "change", row.pk)]
        request = SimpleNamespace(user=User.objects.get(username="root"))
        if admin.site._registry[model].has_add_permission(request):
            found.append(page(model, "add"))
    found.append(reverse("admin:messaging_conversation_change", args=[session.pk]))
    found.append(urljoin(page(type(session.channel), "change", session.channel_id), "../connect/"))
    return pages_that_differ(found, owner)


@pytest.fixture
def browse(live_server, owner):
    """A page of a browser in which the owner is logged in, and what it was refused."""
    cookie = {"name": "sessionid", "value": owner.cookies["sessionid"].value, "url": live_server.url}
    with chromium() as browser:
        context = browser.new_context()
        context.add_cookies([cookie])
        context.add_init_script(LISTEN)
        yield context.new_page(), live_server.url


def test_no_page_of_the_desk_breaks_its_policy(wheres, browse):
    shown, url = browse
    told, errors, seen = [], [], 0
    shown.on("console", lambda message: told.append(message.text) if message.type in ("error", "warning") else None)
    shown.on("pageerror", lambda error: errors.append(str(error)))
    for where in [*wheres, "/", "/nothing", "/problems/not-found", "/api/docs"]:
        answer = shown.goto(url + where, wait_until="load")
        seen += answer.status == 200
        assert "Content-Security-Policy".lower() in answer.headers, where
        assert shown.evaluate("window.violations") == [], where
        assert not [text for text in told if "Policy" in text or "policy" in text], (where, told)
        assert errors == [], where
    assert seen > len(wheres) - 5


def test_a_script_that_came_into_a_page_does_not_run(session, browse):
    """What would happen if a customer's text ever became HTML on the page of a session."""
    shown, url = browse
    shown.goto(url + reverse("admin:messaging_conversation_change", args=[session.pk]), wait_until="load")
    shown.evaluate(PUT_IN)
    shown.wait_for_function("window.violations.length >= 3")
    shown.evaluate("document.querySelector('#evil a').click()")

    assert shown.evaluate("window.ran") is None
    assert any("evil.example" in line for line in shown.evaluate("window.violations"))


def test_the_theme_works_under_the_policy(session, browse):
    """Its menus and the copy button: what takes scripts still does what it did."""
    shown, url = browse
    channel = session.channel
    shown.goto(url + page(type(channel), "change", channel.pk), wait_until="load")

    shown.locator("[data-copy]").first.click()
    shown.wait_for_function("document.querySelector('[data-copy]').textContent === 'Copied'")
    assert shown.evaluate("typeof Alpine.version") == "string"
    assert shown.evaluate("document.querySelector('html').hasAttribute('x-cloak')") is False
