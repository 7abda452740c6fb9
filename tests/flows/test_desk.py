"""The whole product as a newcomer meets it: `bin/dev` in a fresh copy, and a conversation in the browser."""

import os
import re
import time
import urllib.error
import urllib.request

import pytest

from tests.support.browsers import NEEDS_CHROMIUM
from tests.support.desk import until

SHOTS = os.environ.get("DESK_SHOTS")
META = "106540352242922"
HOURS = "We are open Monday to Friday from 9:00 to 18:00, and Saturday from 9:00 to 13:00."
INTRODUCTION = "(I am the offline assistant: I answer from what this business has written down.)"

pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.once,  # the first story at the desk is told on both databases: `test_console`
    pytest.mark.slow,
]


def shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def open_phone(page, address, channel, person):
    page.goto(f"{address}/simulator/?channel={channel}&person={person.replace('+', '%2B')}")
    page.wait_for_selector("[data-testid=channel] option:checked", state="attached")


def write(page, text):
    page.get_by_test_id("composer").fill(text)
    page.get_by_test_id("send").click()


def desk_bubbles(page):
    return page.locator("[data-testid=bubble][data-author=desk] .content").all_inner_texts()


def wait_for_bubble(page, text):
    page.locator("[data-testid=bubble][data-author=desk]", has_text=text).last.wait_for()


def wait_until_taken(page, author, text):
    """Wait until the desk has answered the webhook that carries this message, not just until it is on the screen."""
    page.locator(f"[data-author={author}]:is([data-tick=delivered], [data-tick=read])", has_text=text).last.wait_for()


def wait_until_done(log, action, before):
    """Wait until the desk has done what a message asked for, after so many characters of its log."""
    until(lambda: re.search(rf"\b{action}\b", log.read_text()[before:]), seconds=60)


def test_a_question_in_the_browser_is_answered(desk, page):
    address, _ = desk
    open_phone(page, address, META, "+15550100111")

    write(page, "When are you open on Saturday?")
    wait_for_bubble(page, INTRODUCTION)

    assert desk_bubbles(page) == [HOURS, INTRODUCTION]
    page.wait_for_selector("[data-testid=bubble][data-author=desk][data-tick=read]")
    shot(page, "answered")


def test_the_owner_takes_over_from_the_own_phone_and_hands_back(desk, page):
    address, log = desk
    open_phone(page, address, "demo", "+15550100112")
    write(page, "Can I pay by card?")
    wait_for_bubble(page, "by bank transfer")

    before = len(log.read_text())
    page.get_by_test_id("as-owner").check(force=True)
    write(page, "Hello, it is the owner.")
    wait_until_done(log, "paused", before)
    page.get_by_test_id("as-owner").uncheck(force=True)
    write(page, "When are you open?")
    wait_until_taken(page, "customer", "When are you open?")
    time.sleep(4)
    assert not any("Saturday" in text for text in desk_bubbles(page))

    page.get_by_test_id("as-owner").check(force=True)
    write(page, "/bot on")
    wait_until_done(log, "resumed", before)
    page.get_by_test_id("as-owner").uncheck(force=True)
    write(page, "When are you open on Saturday?")
    wait_for_bubble(page, HOURS)
    shot(page, "handed-back")


def test_the_admin_opens_with_the_password_printed_once(desk, page):
    address, log = desk
    open_phone(page, address, META, "+15550100113")
    write(page, "Can I park there?")
    wait_for_bubble(page, "Parking is free")
    password = re.search(r"admin / (\S+)", log.read_text())[1]
    page.set_viewport_size({"width": 1280, "height": 800})

    page.goto(f"{address}/admin/")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", password)
    page.click("[type=submit]")
    page.goto(f"{address}/admin/messaging/conversation/")

    page.wait_for_selector("table")
    assert "session" in page.title().lower()
    shot(page, "admin-sessions")


def test_the_ways_in_answer(desk):
    address, _ = desk

    for path in ("/", "/health", "/health/live", "/health/ready"):
        with urllib.request.urlopen(f"{address}{path}", timeout=60) as response:
            assert response.status == 200, path
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{address}/api/sessions", timeout=60)
