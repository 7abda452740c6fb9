"""The loop of a decision in the browser: asked, answered on the simulator's phone or in the queue, told to the core."""

import pytest

from tests.flows.test_console import heard, shot, stage, write  # noqa: F401 - `stage` is a fixture
from tests.support.browsers import NEEDS_CHROMIUM

OWNER = "%2B15550100200"

pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.once,  # the first story at the desk is told on both databases: `test_console`
    pytest.mark.slow,
]
POST = """async (body) => {
  const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
  const answer = await fetch("/api/candidates", { method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRFToken": token } });
  return [answer.status, await answer.json()];
}"""


def ask(console, **body):
    status, found = console.evaluate(POST, {"title": "Post for Friday", "deadline_minutes": 60, **body})
    assert status == 201, found
    return found


def told(core, candidate, text):
    """The core service's page shows one verified callback of this candidate, with these words."""
    rows = core.locator("[data-testid=callback][data-verified=true]", has_text=f'"candidate_id": {candidate["id"]},')
    rows.first.wait_for()
    assert rows.count() == 1
    assert text in rows.inner_text()


def tap(name):
    return lambda phone: phone.get_by_role("button", name=name, exact=True).last.click()


def words(text):
    return lambda phone: write(phone, text)


def edit(phone):
    write(phone, "edit: Thank you, Ana!")
    heard(phone, "Your new text")
    write(phone, "yes")


# wire: (channel, how the question looks, what the owner does, the end)
WIRES = {
    "meta": ("106540352242922", "until 21:00", tap("Approve"), "approved"),
    "dialog360": ("106540352242360", "until 21:00", tap("Reject"), "rejected"),
    "evolution": ("demo", "1. Approve", edit, "approved"),
    "twilio": ("%2B15550100102", "1. Approve", words("1"), "approved"),
    "imessage": ("desk@example.test", "2. Reject", words("no"), "rejected"),
}


def test_the_whole_loop_in_the_browser_on_each_wire(stage):  # noqa: F811
    address, phone, console = stage
    simulator = phone.request.get(f"{address}/simulator/").url.partition("/simulator/")[0]
    console.goto(f"{address}/admin/decisions/")
    core = phone.context.new_page()
    core.goto(f"{simulator}/simulator/core")
    pages, asked = {}, {}
    # All are asked before one answers, so that the waits of five wires are one.
    for wire, (channel, *_) in WIRES.items():
        pages[wire] = phone.context.new_page()
        pages[wire].set_default_timeout(60_000)
        pages[wire].goto(f"{simulator}/simulator/?channel={channel}&person={OWNER}")
        pages[wire].wait_for_selector("[data-testid=channel] option:checked", state="attached")
        write(pages[wire], "hello")
    for wire, page in pages.items():
        heard(page, "Hello")
        asked[wire] = ask(console, title=f"Post for {wire}", body="Open late: until 21:00.", channel=wire)

    for wire, (_, looks, answer, end) in WIRES.items():
        page, candidate = pages[wire], asked[wire]
        heard(page, candidate["title"])
        heard(page, looks)
        shot(page, "phone-decision" if wire == "meta" else f"phone-decision-{wire}")
        answer(page)
        heard(page, f"{end}: {candidate['title']}")
        told(core, candidate, f"approval.decided: {end}")
    told(core, asked["evolution"], "Thank you, Ana!")
    shot(core, "core-service")
    for page in (*pages.values(), core):
        page.close()


def test_the_queue_is_worked_through_with_the_keyboard(stage):  # noqa: F811
    address, phone, console = stage
    simulator = phone.request.get(f"{address}/simulator/").url.partition("/simulator/")[0]
    console.goto(f"{address}/admin/decisions/")
    titles = ["Discount for March", "Holiday notice", "New opening hours", "Menu of the week"]
    options = [
        {"id": "a", "title": "Version A"}, {"id": "b", "title": "Version B"},
        {"id": "none", "title": "Neither", "means": "reject"},
    ]  # fmt: skip
    for number, title in enumerate(titles):
        more = {"options": options} if title == "Menu of the week" else {}
        ask(console, title=title, body="As it was.", channel="imessage", deadline_minutes=60 + number, **more)
    console.reload()
    candidates = console.locator("[data-testid=candidate]")
    candidates.nth(3).wait_for()
    shot(console, "console-decisions")
    console.keyboard.press("?")
    console.locator("#decisions-keys[open]").wait_for()
    console.keyboard.press("Escape")
    console.locator("#decisions-keys:not([open])").wait_for(state="attached")

    def decided(left):
        console.wait_for_function(f"document.querySelectorAll('[data-testid=candidate]').length === {left}")
        console.wait_for_function("!document.querySelector('.fda-one') || document.activeElement.matches('.fda-one')")

    console.wait_for_function("document.activeElement.matches('.fda-one')")
    console.keyboard.press("a")
    decided(3)
    console.keyboard.press("j")
    console.keyboard.press("k")
    console.keyboard.press("r")
    decided(2)
    console.keyboard.press("e")
    console.keyboard.press("ControlOrMeta+a")
    console.keyboard.type("We open at eight.")
    console.keyboard.press("ControlOrMeta+Enter")
    decided(1)
    console.keyboard.press("2")
    console.locator("[data-testid=nothing]").wait_for()
    core = phone.context.new_page()
    core.goto(f"{simulator}/simulator/core")
    for words in ("We open at eight.", '"option": "b"', "owner (admin)"):
        core.locator("[data-testid=callback][data-verified=true]", has_text=words).first.wait_for()
    console.goto(f"{address}/admin/approvals/candidate/")
    console.get_by_role("link", name="New opening hours").click()
    console.get_by_text("edited", exact=False).first.wait_for()


def test_the_queue_is_live_and_shows_the_viewers_own_time(stage):  # noqa: F811
    address, _, console = stage
    console.goto(f"{address}/admin/decisions/")
    candidates = console.locator("[data-testid=candidate]")
    late = ask(console, title="Seen without a reload", channel="imessage")
    shown = candidates.filter(has_text="Seen without a reload")
    shown.wait_for()
    assert "UTC" not in shown.get_by_test_id("deadline").inner_text()
    shot(console, "console-decisions-live")
    console.evaluate(POST.replace("/api/candidates", f"/api/candidates/{late['id']}/cancel"), {})
    shown.wait_for(state="detached")
