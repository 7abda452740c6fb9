"""The phone in a real browser: what a person sees and can do."""

import os

import pytest

from tests.simulator.standin import JWT_KEY
from tests.support.browsers import NEEDS_CHROMIUM, PHONE, chromium
from tests.support.desk import until

META = "106540352242922"
ANA = "+15550100111"
TOKEN = {"Authorization": "Bearer meta-token"}
SHOTS = os.environ.get("PHONE_SHOTS")

pytestmark = [pytest.mark.once, *NEEDS_CHROMIUM]


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser, sim):
    page = browser.new_page(viewport=PHONE)
    page.set_default_timeout(30_000)
    problems = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    page.goto(f"{sim.url}/simulator/?channel={META}&person=%2B15550100111")
    page.wait_for_selector("[data-testid=channel] option:checked", state="attached")
    yield page
    page.close()
    assert problems == []


def shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def desk_says(sim, body="Hello Ana, how can we help?", to=ANA, **more):
    message = {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}} | more
    return sim.http.post(f"/meta/v21.0/{META}/messages", json=message, headers=TOKEN).json()["messages"][0]["id"]


def choices(kind, **action):
    interactive = {"type": kind, "body": {"text": "When would you like to come?"}, "action": action}
    return {"type": "interactive", "interactive": interactive}


def test_a_conversation(page, sim, product):
    sim.statuses("all")
    shot(page, "empty-light")
    page.get_by_test_id("composer").fill("Hello, are you open?")
    page.get_by_test_id("composer").press("Enter")
    page.wait_for_selector("[data-author=customer][data-tick=delivered]")
    desk_says(sim)
    page.wait_for_selector("[data-author=desk][data-tick=read]")

    texts = page.get_by_test_id("bubble").locator(".content").all_inner_texts()
    assert texts == ["Hello, are you open?", "Hello Ana, how can we help?"]
    assert page.get_by_test_id("composer").input_value() == ""
    assert [hook.proven for hook in product.hooks] == [True] * 4


def test_buttons_and_lists_can_be_tapped(page, sim, product):
    reply = [{"type": "reply", "reply": {"id": "mon", "title": "Monday"}}]
    asked = desk_says(sim, **choices("button", buttons=reply))
    page.get_by_role("button", name="Monday").click()
    page.wait_for_selector("[data-author=customer][data-tick=delivered]")

    message = product.hooks[0].json["entry"][0]["changes"][0]["value"]["messages"][0]
    assert message["interactive"]["button_reply"] == {"id": "mon", "title": "Monday"}
    assert message["context"]["id"] == asked


@pytest.mark.parametrize("kind", ["picture", "voice note", "document", "location"])
def test_other_kinds(page, sim, product, kind):
    page.get_by_role("button", name=f"Send a {kind}").click()
    page.wait_for_selector("[data-author=customer][data-tick=delivered]")

    assert product.hooks[0].proven


def test_reply_and_reaction(page, sim, product):
    asked = desk_says(sim)
    page.get_by_role("button", name="React with a thumbs-up").last.click(force=True)
    page.wait_for_selector(".reaction:not([hidden])")
    page.get_by_role("button", name="Reply to this message").click(force=True)
    page.get_by_test_id("composer").fill("about this")
    page.get_by_test_id("send").click()
    page.wait_for_selector("[data-author=customer][data-tick=delivered]")

    kinds = [hook.json["entry"][0]["changes"][0]["value"]["messages"][0] for hook in product.hooks]
    assert [k["type"] for k in kinds] == ["reaction", "text"]
    assert kinds[1]["context"]["id"] == asked


def test_the_owner_takes_over(page, product):
    page.get_by_test_id("as-owner").check(force=True)
    page.get_by_test_id("composer").fill("I will take it from here")
    page.get_by_test_id("send").click()
    page.wait_for_selector("[data-author=owner][data-tick=delivered]")

    assert page.locator("[data-author=owner] .who").inner_text() == "Owner, own phone"
    assert product.hooks[0].json["entry"][0]["changes"][0]["field"] == "smb_message_echoes"


def test_the_desks_refusal_is_shown_in_plain_words(page, product):
    product.answers[:] = [401]
    page.get_by_test_id("composer").fill("hi")
    page.get_by_test_id("send").click()
    page.wait_for_selector("[data-tick=failed] .error:not([hidden])")

    assert page.locator(".bubble .error").inner_text() == "The desk answered 401: no"


def test_text_is_never_markup(page, sim):
    desk_says(sim, "<img src=x onerror=alert(1)><b>bold</b>")
    page.wait_for_selector("[data-author=desk]")

    assert page.locator("[data-author=desk] .content").inner_text() == "<img src=x onerror=alert(1)><b>bold</b>"
    assert page.locator(".bubble b").count() == 0


def test_another_person_and_another_channel(page, sim, product):
    page.get_by_test_id("person").fill("Olga +15550100177")
    page.get_by_test_id("channel").select_option("clinic-demo")
    page.get_by_test_id("composer").fill("hi")
    page.get_by_test_id("send").click()
    page.wait_for_selector("[data-author=customer][data-tick=delivered]")

    assert product.hooks[0].json["data"]["key"]["remoteJid"] == "15550100177@s.whatsapp.net"
    assert product.hooks[0].json["data"]["pushName"] == "Olga"
    assert "channel=clinic-demo&person=%2B15550100177" in page.url


def test_a_number_is_needed(page):
    page.get_by_test_id("person").fill("nobody")
    page.get_by_test_id("composer").fill("hi")
    page.get_by_test_id("send").click()

    assert "Choose who you are first" in page.get_by_role("alert").inner_text()
    assert page.get_by_test_id("composer").input_value() == "hi"


def test_without_channels_it_says_what_to_do(page, sim, product):
    try:
        sim.set_config({"channels": []})
        page.goto(f"{sim.url}/simulator/")
        page.get_by_role("heading", name="No channels yet").wait_for()
        shot(page, "no-channels")
        assert "bin/dev" in page.locator("#empty-text").inner_text()
        assert page.get_by_test_id("send").is_disabled()
    finally:
        sim.set_config(product.config())
    page.get_by_role("heading", name="Say hello").wait_for()
    assert JWT_KEY not in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_and_can_be_read(browser, sim, product, scheme, width):
    sim.statuses("manual")
    sim.say(META, "Hello, do you have an appointment tomorrow at 10?", name="Ana Tavares")
    rows = [{"id": str(n), "title": f"{n}:00", "description": "Dr. Example"} for n in (10, 11)]
    desk_says(sim, "Yes. Which of these would suit you? " + "https://clinic.example/" + "a" * 60)
    desk_says(sim, **choices("list", button="Times", sections=[{"title": "Mon", "rows": rows}]))
    sim.owner(META, "Ana, it is Maria. I keep 10:00 for you.")
    image = sim.say(META, "My receipt", kind="image")["id"]
    sim.say(META, kind="voice", reply_to=image)
    product.answers[:] = [503]
    sim.say(META, "Thanks!")
    body = {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": image,
        "typing_indicator": {"type": "text"},
    }
    sim.http.post(f"/meta/v21.0/{META}/messages", json=body, headers=TOKEN)
    page = browser.new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    page.goto(f"{sim.url}/simulator/?channel={META}&person=%2B15550100111")
    page.wait_for_selector("#typing:not([hidden])")
    # Asked from here: the page's policy refuses what the browser would evaluate again by itself.
    until(lambda: page.evaluate("document.querySelectorAll('.bubble').length === 7"))
    page.wait_for_timeout(200)
    shot(page, f"chat-{scheme}-{width}")

    chat = "document.getElementById('chat')"
    until(lambda: page.evaluate(f"{chat}.scrollHeight - {chat}.scrollTop - {chat}.clientHeight < 2"))
    until(lambda: page.evaluate("Math.abs(document.querySelector('audio').duration - 1) < 0.1"))
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate("document.documentElement.scrollHeight") == 844
    page.close()
