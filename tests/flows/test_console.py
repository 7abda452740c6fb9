"""An operator's day in the browser: take over, answer with a canned reply and a picture, hand back, teach."""

import os
import re
import urllib.parse

import pytest

from simulator.media import picture
from tests.support.browsers import DESKTOP, NEEDS_CHROMIUM, PHONE, chromium

SHOTS = os.environ.get("DESK_SHOTS")
META = "106540352242922"
ERRORS = []  # of scripts in the console's pages

pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def stage(desk):
    """Two windows of one browser: the customer's phone, and the operator's console, logged in."""
    address, log = desk
    with chromium() as browser:
        phone = browser.new_context(viewport=PHONE).new_page()
        console = browser.new_context(viewport=DESKTOP).new_page()
        for page in (phone, console):
            page.set_default_timeout(60_000)
        console.on("pageerror", lambda error: ERRORS.append(str(error)))
        password = re.search(r"admin / (\S+)", log.read_text())[1]
        console.goto(f"{address}/admin/login/?next=/admin/")
        console.fill("[name=username]", "admin")
        console.fill("[name=password]", password)
        console.click("[type=submit]")
        console.wait_for_url(f"{address}/admin/")
        yield address, phone, console


def shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def open_phone(address, phone, person):
    phone.goto(f"{address}/simulator/?channel={META}&person={urllib.parse.quote(person)}")
    phone.wait_for_selector("[data-testid=channel] option:checked", state="attached")


def write(phone, text):
    phone.get_by_test_id("composer").fill(text)
    phone.get_by_test_id("send").click()


def heard(phone, text):
    phone.locator("[data-testid=bubble][data-author=desk]", has_text=text).last.wait_for()


def said(console, author, text):
    return console.locator(f".fd-said[data-author={author}]", has_text=text).last


def open_session(address, console, name, width=1280):
    console.set_viewport_size({"width": width, "height": 860})
    console.goto(f"{address}/admin/messaging/conversation/?q={urllib.parse.quote(name)}")
    href = console.locator("#result_list tbody tr a[href*='/change/']").first.get_attribute("href")
    console.goto(urllib.parse.urljoin(console.url, href.partition("?")[0]))
    console.wait_for_selector("#fd-side .fd-panel", state="attached")


def add(address, console, model, **fields):
    model = model if "/" in model else f"messaging/{model}"
    console.goto(f"{address}/admin/{model}/add/")
    for name, value in fields.items():
        field = console.locator(f"#id_{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    console.locator("[name=_save]").click()
    console.wait_for_url(f"{address}/admin/{model}/")


def log_in_colleague(address, console):
    """Bring a second member in by the link that the page shows once, in a window of their own."""
    console.goto(f"{address}/admin/tenants/member/add/")
    console.locator("#id_tenant").select_option(label="Harbour Dental")
    console.locator("#id_username").fill("rita")
    console.locator("#id_role").select_option(value="agent")
    console.locator("[name=_save]").click()
    link = re.search(r"http://\S+/admin/welcome/\S+", console.get_by_text("/admin/welcome/").first.inner_text())[0]
    page = console.context.browser.new_context(viewport=DESKTOP).new_page()
    page.set_default_timeout(60_000)
    page.goto(link)
    for field in page.locator("input[type=password]").all():
        field.fill("a password of her own")
    page.locator("[type=submit]").first.click()
    page.goto(f"{address}/admin/login/?next=/admin/")
    if page.locator("[name=username]").count():
        page.fill("[name=username]", "rita")
        page.fill("[name=password]", "a password of her own")
        page.click("[type=submit]")
    page.wait_for_url(f"{address}/admin/")
    return page


def take_over(phone, console):
    """What the customer writes appears without a reload; the assistant answers until a person takes over."""
    write(phone, "And can I park there?")
    said(console, "customer", "And can I park there?").wait_for()
    said(console, "assistant", "Parking is free").wait_for()
    console.locator("[data-testid=holder] form button", has_text="Take over").last.click()
    console.locator("[data-testid=holder]", has_text="You have it.").wait_for()


def answer_by_canned_reply(phone, console):
    """A canned reply by the keyboard alone, with its variables filled in."""
    box = console.locator("#fd-text")
    box.press_sequentially("/hel")
    console.locator("#fd-ready [role=option][aria-selected=true]", has_text="/hello").wait_for()
    shot(console, "console-canned")
    box.press("Enter")
    assert box.input_value() == "Hello, Harbour Dental here."
    box.press("Enter")
    said(console, "operator", "Harbour Dental here.").wait_for()
    heard(phone, "Harbour Dental here.")
    assert box.input_value() == ""


def send_a_picture(phone, console):
    """A picture with words, by Shift+Enter on two lines."""
    box = console.locator("#fd-text")
    console.set_input_files("#fd-file", {"name": "plan.png", "mimeType": "image/png", "buffer": picture(120)})
    console.locator("#fd-attached", has_text="plan.png").wait_for()
    box.press_sequentially("The way")
    box.press("Shift+Enter")
    box.press_sequentially("to us")
    box.press("Enter")
    sent = said(console, "operator", "The way\nto us")
    sent.locator("img").wait_for()
    heard(phone, "The way")
    console.wait_for_selector(".fd-said[data-author=operator][data-tick=read] img")


def note_and_label(console):
    """A note is for colleagues, a label for sorting."""
    box = console.locator("#fd-text")
    console.click("#fd-note")
    box.fill("Knows the owner")
    box.press("Enter")
    said(console, "note", "Knows the owner").wait_for()
    console.locator("summary", has_text="Labels").click()
    console.locator(".fd-pop button", has_text="Urgent").click()
    console.locator(".fd-names .fd-chip", has_text="Urgent").wait_for()


def take_a_suggestion(phone, console):
    """While a person has it the assistant keeps silent, but suggests when asked."""
    box = console.locator("#fd-text")
    write(phone, "How much is a cleaning?")
    said(console, "customer", "How much is a cleaning?").wait_for()
    console.click("#fd-suggest")
    console.wait_for_function("document.getElementById('fd-text').value.includes('a cleaning 60')")
    assert not phone.locator("[data-testid=bubble]", has_text="a cleaning 60").count()
    assert not phone.locator("[data-testid=bubble]", has_text="Knows the owner").count()
    shot(console, "console-session")
    box.press("Enter")
    heard(phone, "a cleaning 60")


def hand_back(phone, console):
    """Handed back: the assistant answers again."""
    console.locator("[data-testid=holder] button", has_text="Hand back").click()
    console.locator("[data-testid=holder]", has_text="The assistant answers.").wait_for()
    write(phone, "Where are you?")
    said(console, "assistant", "12 Harbour Street").wait_for()


def correct_the_answer(console):
    """Why did it say so, and what should it have said?"""
    answer = said(console, "assistant", "12 Harbour Street")
    answer.hover()
    answer.get_by_role("button", name="Why?").click()
    console.locator("#fd-dialog-body", has_text="Where we are").wait_for()
    shot(console, "console-why")
    console.keyboard.press("Escape")
    answer.hover()
    answer.get_by_role("button", name="Correct").click()
    console.locator("#fd-dialog-body [name=title]").fill("Where we are")
    console.locator("#fd-dialog-body [name=content]").fill("We have moved to 99 Mill Lane.")
    shot(console, "console-correct")
    console.locator("#fd-dialog-body button", has_text="Propose").click()
    console.locator("#fd-toast", has_text="Proposed").wait_for()


def approve_the_correction(address, phone, console):
    """A manager approves, and the assistant says it from then on."""
    console.goto(f"{address}/admin/assistant/knowledgeproposal/")
    console.locator("#result_list tbody tr a", has_text="Where we are").first.click()
    console.locator(".fd-actions button", has_text="Approve").click()
    console.get_by_text("Approved: 1").wait_for()
    write(phone, "What is your address?")
    heard(phone, "99 Mill Lane")


def test_an_operators_day(stage):
    address, phone, console = stage
    add(address, console, "cannedreply", tenant="Harbour Dental", shortcut="hello", title="Greeting",
        text="Hello {contact_name}, {business_name} here.")  # fmt: skip
    add(address, console, "label", tenant="Harbour Dental", name="Urgent", colour="Red")
    open_phone(address, phone, "+15550100140")
    write(phone, "Are you open on Saturday?")
    heard(phone, "Saturday from 9:00")
    open_session(address, console, "+15550100140")

    take_over(phone, console)
    answer_by_canned_reply(phone, console)
    send_a_picture(phone, console)
    note_and_label(console)
    take_a_suggestion(phone, console)
    hand_back(phone, console)
    correct_the_answer(console)
    approve_the_correction(address, phone, console)
    assert ERRORS == []


def test_a_session_is_found_again_by_its_number_and_fits_a_phone(stage):
    address, phone, console = stage
    open_phone(address, phone, "+15550100141")
    write(phone, "Do you repair bridges, and can I pay by card?")
    heard(phone, "You can pay by card")

    open_session(address, console, "+15550100141", width=390)

    said(console, "customer", "Do you repair bridges").wait_for()
    assert console.evaluate("document.documentElement.scrollWidth") <= 390
    console.locator("[data-side]").click()
    console.locator("#fd-side", has_text="+15550100141").wait_for()
    console.keyboard.press("Escape")
    console.locator("#fd-side").wait_for(state="hidden")
    shot(console, "console-phone")


def test_a_draft_outlives_a_reload_and_a_colleague_is_warned_of_who_writes(stage):
    address, phone, console = stage
    open_phone(address, phone, "+15550100142")
    write(phone, "Can I park there?")
    heard(phone, "Parking is free")
    open_session(address, console, "+15550100142")
    with console.expect_response("**/act/writing/") as answered:
        console.locator("#fd-text").press_sequentially("Half a sen")
    assert answered.value.status == 204

    console.reload()

    console.wait_for_function("document.getElementById('fd-text').value === 'Half a sen'")

    colleague = log_in_colleague(address, console)
    open_session(address, colleague, "+15550100142")
    open_session(address, console, "+15550100142")
    with console.expect_response("**/act/writing/"):
        console.locator("#fd-text").press_sequentially("tence")
    warning = colleague.locator(".fd-collision")
    warning.wait_for()
    assert "is writing here just now" in warning.inner_text()
    assert not console.locator(".fd-collision").count()
    colleague.context.close()


def test_a_failed_message_says_why_and_goes_again_by_a_press(stage):
    address, phone, console = stage
    open_phone(address, phone, "+15550100143")
    write(phone, "Can I park there?")
    heard(phone, "Parking is free")
    simulator = re.search(r"^http://[^/]+", phone.url)[0]
    match = {"contains": "Second floor"}  # and nothing else that goes out just then
    rule = {"service": "meta", "mode": "status", "status": 400, "times": 1, "match": match}
    phone.request.post(f"{simulator}/simulator/api/fail", data=rule)
    open_session(address, console, "+15550100143")

    console.locator("#fd-text").fill("Second floor")
    console.locator("#fd-text").press("Enter")
    failed = console.locator(".fd-said[data-author=operator][data-tick=failed]", has_text="Second floor")
    failed.locator(".fd-trouble").wait_for()
    shot(console, "console-failed")
    failed.get_by_role("button", name="Send again").click()

    console.wait_for_selector(".fd-said[data-author=operator][data-tick=read]")
    heard(phone, "Second floor")
