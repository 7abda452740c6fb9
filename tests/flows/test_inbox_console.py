"""The inbox, the incidents, the kill switches and the dashboard as an operator meets them in the browser."""

import re

import pytest

from tests.flows.test_console import heard, open_phone, shot, stage, write  # noqa: F401 - `stage` is a fixture
from tests.support.browsers import DESKTOP, NEEDS_CHROMIUM, PHONE

pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.once,  # the first story at the desk is told on both databases: `test_console`
    pytest.mark.slow,
]
# Stands in for what the system would show: a headless browser has no place to show it.
LISTEN = """
window.told = [];
window.Notification = class { constructor(title) { window.told.push(title); } static permission = "granted";
  static async requestPermission() { return "granted"; } };
"""


def lines(console):
    return console.locator("[data-testid=line]")


def wait_for_line(console, text):
    lines(console).filter(has_text=text).first.wait_for()


def customer(stage, person, words, answer):  # noqa: F811 - the fixture's value
    address, phone, _console = stage
    open_phone(address, phone, person)
    write(phone, words)
    if answer:
        heard(phone, answer)


def test_who_writes_appears_without_a_reload(stage):  # noqa: F811
    address, phone, console = stage
    console.goto(f"{address}/admin/inbox/?view=snoozed")
    console.locator("[data-testid=empty]", has_text="Nothing is snoozed").wait_for()
    console.goto(f"{address}/admin/inbox/")
    console.evaluate("window.sameDocument = true")

    customer(stage, "+15550100151", "Are you open on Saturday?", "Saturday from 9:00")

    lines(console).filter(has_text="Assistant").first.wait_for()
    write(phone, "Can I pay in cash?")
    heard(phone, "You can pay by card")
    wait_for_line(console, "You can pay by card")
    assert console.evaluate("window.sameDocument")


def test_who_wants_a_person_is_counted_told_and_found(stage):  # noqa: F811
    address, _phone, console = stage
    console.add_init_script(LISTEN)
    console.goto(f"{address}/admin/inbox/")
    console.click("#inbox-bell")
    console.wait_for_selector("#inbox-bell[aria-pressed=true]")
    customer(stage, "+15550100152", "Please let me talk to a human about my crown", "")

    console.locator("[data-testid=view-wants_person] b", has_text="1").wait_for()
    console.wait_for_function("window.told.length === 1")
    assert console.title().startswith("(1)")
    console.locator("[data-testid=view-wants_person]").click()
    wait_for_line(console, "Nobody")
    assert lines(console).count() == 1
    shot(console, "console-inbox-waits")


def test_keys_alone_lead_from_a_word_to_the_session(stage):  # noqa: F811
    address, _phone, console = stage
    customer(stage, "+15550100155", "I bring a trampoline. Can I park?", "Parking is free")
    console.set_viewport_size({"width": 1600, "height": 900})
    console.goto(f"{address}/admin/inbox/?view=all")
    wait_for_line(console, "Assistant")
    console.keyboard.press("?")
    console.locator("#inbox-keys", has_text="next and previous session").wait_for()
    console.keyboard.press("Escape")

    console.keyboard.press("/")
    console.keyboard.type("trampoline")
    console.keyboard.press("Enter")
    console.wait_for_url("**q=trampoline*")
    console.locator("[data-testid=line] mark", has_text="trampoline").wait_for()
    assert lines(console).count() == 1
    console.keyboard.press("j")
    assert console.evaluate("document.activeElement.dataset.testid") == "line"
    console.keyboard.press("Enter")

    console.wait_for_selector("#fd-scroll")
    console.locator(".fd-said[data-author=customer]", has_text="trampoline").wait_for()
    console.locator("#inbox-beside .fdi-line[aria-current=page]").wait_for()
    shot(console, "console-three-panes")
    console.set_viewport_size({"width": 1440, "height": 900})
    name, menus = console.locator(".fd-names h1"), console.locator(".fd-menus > .fd-menu > summary")
    assert name.evaluate("each => each.scrollWidth <= each.clientWidth"), "the name is cut off beside the list"
    for menu in ("assign", "labels", "snooze"):
        # A menu that is not drawn yet gives the text of all its parts, the hidden ones too.
        console.locator(f".fd-menus > .fd-menu[data-menu={menu}] > summary").wait_for()
    assert [words.strip().split()[-1] for words in menus.all_inner_texts()] == ["Assign", "Labels", "Snooze"]


def test_a_view_is_kept_and_removed(stage):  # noqa: F811
    address, _phone, console = stage
    console.goto(f"{address}/admin/inbox/?view=paused")
    console.locator("summary", has_text="Save view").click()
    console.fill(".fdi-save [name=name]", "People have these")
    console.click(".fdi-save button")

    console.locator(".fdi-saved a[aria-current=page]", has_text="People have these").wait_for()
    console.click(".fdi-saved button")
    console.locator(".fdi-saved").wait_for(state="detached")


def test_the_list_fits_a_phone(stage):  # noqa: F811
    address, _phone, console = stage
    console.set_viewport_size(PHONE)
    for path in ("inbox/?view=all", "incidents/", "switches/", ""):
        console.goto(f"{address}/admin/{path}")
        console.wait_for_selector(".fdc")
        assert console.evaluate("document.documentElement.scrollWidth") <= 390, path
    console.set_viewport_size(DESKTOP)


def test_what_failed_is_an_incident_and_goes_again_by_a_press(stage):  # noqa: F811
    address, phone, console = stage
    customer(stage, "+15550100153", "Can I park there?", "Parking is free")
    simulator = re.search(r"^http://[^/]+", phone.url)[0]
    match = {"contains": "Third floor"}  # and nothing else that goes out just then
    rule = {"service": "meta", "mode": "status", "status": 400, "times": 1, "match": match}
    phone.request.post(f"{simulator}/simulator/api/fail", data=rule)
    console.goto(f"{address}/admin/inbox/?q=0153")
    lines(console).first.click()
    console.locator("#fd-text").fill("Third floor")
    console.locator("#fd-text").press("Enter")
    console.locator(".fd-said[data-author=operator][data-tick=failed]", has_text="Third floor").wait_for()

    console.goto(f"{address}/admin/incidents/")
    row = console.locator("[data-testid=incident]", has_text="Third floor")
    shot(console, "console-incidents")
    row.locator("[name=rows]").check()
    console.locator("[data-bulk-count]", has_text="1 chosen").wait_for()
    console.get_by_role("button", name="Try again").click()

    console.get_by_text("1 row goes on.").wait_for()
    heard(phone, "Third floor")


def test_a_kill_switch_wants_a_reason_holds_and_is_named_on_every_page(stage):  # noqa: F811
    address, phone, console = stage
    console.goto(f"{address}/admin/switches/")
    line = console.locator("article[data-testid^=channel]", has_text="WhatsApp (Meta)")
    line.locator("[name=reason]").fill("drill")
    line.get_by_role("button", name="Hold messages").click()
    console.locator("[data-testid=switch-alarm]", has_text="WhatsApp (Meta)").wait_for()
    console.locator("article", has_text="“drill”").wait_for()
    shot(console, "console-switches")

    customer(stage, "+15550100154", "Can I pay by card?", "")
    console.goto(f"{address}/admin/inbox/?view=failed")
    wait_for_line(console, "not sent")
    console.locator("[data-testid=switch-alarm]").click()
    console.locator("article[data-testid^=channel]", has_text="off: held").get_by_role("button").click()

    heard(phone, "by bank transfer")
    console.locator("[data-testid=switch-alarm]").wait_for(state="detached")


def test_the_dashboard_counts_the_day_within_a_minute(stage):  # noqa: F811
    address, _phone, console = stage

    def received():
        console.goto(f"{address}/admin/")
        return int(console.get_by_test_id("received").inner_text())

    before = received()
    customer(stage, "+15550100156", "Can I pay by card?", "by bank transfer")
    for _look in range(60):
        if received() > before:
            break
        console.wait_for_timeout(2000)

    assert received() > before
    console.locator(".fdc-chart rect.is-in").first.wait_for(state="attached")
    shot(console, "console-dashboard")
