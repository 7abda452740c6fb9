"""From an empty installation to the first customer, by a person who has only a browser."""

import shutil
import urllib.parse

import pytest
from cryptography.fernet import Fernet

from tests.flows.test_console import (
    answer_by_canned_reply,
    heard,
    open_phone,
    said,
    send_a_picture,
    shot,
    write,
)
from tests.simulator.process import running_simulator
from tests.support.browsers import DESKTOP, NEEDS_CHROMIUM, PHONE, chromium
from tests.support.desk import Desk, until
from tests.support.migrated import sqlite_file

PASSWORD = "correct-horse-battery"
NUMBER_ID, WABA = "106540352242922", "102290129340398"
TYPED = {"access_token": "EAA-token-of-the-story", "app_secret": "app-secret-of-the-story", "waba_id": WABA}
STEPS = ["signature", "parse", "route", "handlers", "outbox"]

pytestmark = [
    *NEEDS_CHROMIUM,
    pytest.mark.slow,
    pytest.mark.once,
]


@pytest.fixture(scope="module")
def outside():
    """The world that the desk does not know yet, and that does not know the desk."""
    with running_simulator({"product_url": "http://127.0.0.1:9", "channels": []}) as sim:
        yield sim


@pytest.fixture(scope="module")
def installation(outside, tmp_path_factory):
    """An installation with tables and somebody who may log in, and nothing else."""
    folder = tmp_path_factory.mktemp("empty")
    desk = Desk(
        folder, META_GRAPH_URL=f"{outside.url}/meta", OUTBOUND_REPLY_ENABLED="true", MEDIA_ROOT=str(folder / "media"),
        SECRET_KEY=Fernet.generate_key().decode(), LLM_PROVIDER="offline",
        DATABASE_URL=f"sqlite:///{folder}/desk.sqlite3", DJANGO_SUPERUSER_PASSWORD=PASSWORD,
    )  # fmt: skip
    for name in ("LEASE_SECONDS", "SWEEP_SECONDS"):  # of tests that kill workers; a send wants its time
        del desk.environment[name]
    desk.environment["PUBLIC_URL"] = f"http://127.0.0.1:{desk.port}"
    shutil.copy(sqlite_file(), folder / "desk.sqlite3")
    desk.manage("createsuperuser", "--noinput", "--username", "boss", "--email", "boss@example.test")
    desk.start("up")
    try:
        until(lambda: desk.get("/health/ready")[0] == 200, seconds=90)
        yield f"http://127.0.0.1:{desk.port}"
    finally:
        desk.kill("up")


@pytest.fixture(scope="module")
def console(installation):
    """The operator's browser; the customer's phone is another window of it."""
    with chromium() as browser:
        page = browser.new_context(viewport=DESKTOP).new_page()
        page.set_default_timeout(60_000)
        yield page


def log_in(address, console):
    """A wrong password is refused in one sentence; the right one leads to what is to be done first."""
    console.goto(f"{address}/admin/")
    for password in ("not-the-password", PASSWORD):
        console.fill("[name=username]", "boss")
        console.fill("[name=password]", password)
        with console.expect_navigation():
            console.click("[type=submit]")
        if password != PASSWORD:
            assert console.locator(".errornote").count() == 1
    console.locator(".fdc-start").wait_for()
    assert console.locator(".fdc-start li").count() == 4
    shot(console, "console-first-steps")


def set_up_the_business(console):
    """The first step: a name gives the short name, and a wrong zone is told with the right spelling near."""
    console.locator(".fdc-start a", has_text="Set up the business").click()
    console.locator("#id_name").press_sequentially("Harbour Dental")
    console.wait_for_function("document.getElementById('id_slug').value === 'harbour-dental'")
    assert console.locator("#known-timezone option[value='Europe/Lisbon']").count() == 1
    console.fill("#id_timezone", "Lisbon")
    console.click("[name=_save]")
    console.get_by_text("Lisbon is not a time zone").wait_for()
    console.fill("#id_timezone", "Europe/Lisbon")
    shot(console, "console-business")
    console.click("[name=_save]")
    console.locator(".fdc-start li.is-done", has_text="Set up the business").wait_for()


def add_the_channel(console):
    """The second step: the number instead of its id is refused with a hint; a new line leads to its connection."""
    console.locator(".fdc-start a", has_text="Connect a channel").click()
    console.fill("#id_name", "Main line")
    console.fill("#id_external_id", "+15550100100")
    console.click("[name=_save]")
    console.get_by_text("This is no phone number id").wait_for()
    console.fill("#id_external_id", NUMBER_ID)
    console.click("[name=_save]")
    console.wait_for_url("**/connect/")


def connect_it(console, outside):
    """Secrets in, a token made here, the address and the token to the provider, and the test turns green."""
    console.get_by_test_id("test").click()
    console.locator("[data-step=signature].fd-bad", has_text="no app_secret").wait_for()
    console.get_by_role("button", name="Make a new verify token").click()
    verify_token = console.get_by_test_id("secret").input_value()
    for name, value in TYPED.items():
        console.fill(f"[name={name}]", value)
    console.get_by_role("button", name="Keep the secrets").click()
    console.locator("[data-step=secrets].fd-good").wait_for()
    assert not any(value in console.content() for value in (*TYPED.values(), verify_token))
    know_the_desk(outside, console.get_by_test_id("address").input_value(), verify_token)

    for button, steps in (("Register the webhook", ["registration"]), ("Test the webhook", STEPS)):
        console.get_by_role("button", name=button).click()
        console.locator(f"[data-step={steps[-1]}]").wait_for()
        assert console.locator("[data-step].fd-good").evaluate_all("rows => rows.map(row => row.dataset.step)") == steps
    shot(console, "console-connect")


def know_the_desk(outside, address, verify_token):
    """What the provider knows from here on: the address that was pasted, and its own secrets."""
    url = urllib.parse.urlsplit(address)
    channel = {
        "provider": "meta", "external_id": NUMBER_ID, "display": "+15550100100", "name": "Main line",
        "webhook_url": address, "credentials": TYPED | {"verify_token": verify_token},
    }  # fmt: skip
    outside.set_config({"product_url": f"{url.scheme}://{url.netloc}", "channels": [channel]})


def write_down(address, console, model, **fields):
    console.goto(f"{address}/admin/{model}/add/")
    for name, value in fields.items():
        console.fill(f"#id_{name}", value)
    console.click("[name=_save]")
    console.wait_for_url(f"{address}/admin/{model}/")


def meet_the_first_customer(address, console, phone, outside):
    """The session appears by itself in the inbox that was empty."""
    console.goto(f"{address}/admin/inbox/")
    console.get_by_test_id("empty").wait_for()
    open_phone(outside.url, phone, "+15550100140")
    write(phone, "Where are you?")
    heard(phone, "12 Harbour Street")
    console.get_by_test_id("line").first.wait_for()
    console.get_by_test_id("line").first.click()
    console.wait_for_selector("#fd-scroll")
    said(console, "assistant", "12 Harbour Street").wait_for()
    console.locator("[data-testid=holder] form button", has_text="Take over").last.click()
    console.locator("[data-testid=holder]", has_text="You have it.").wait_for()
    write(phone, "I come at once, with a toothache")
    said(console, "customer", "toothache").wait_for()


def hand_back_and_find_again(address, console, phone):
    console.locator("[data-testid=holder] button", has_text="Hand back").click()
    console.locator("[data-testid=holder]", has_text="The assistant answers.").wait_for()
    console.goto(f"{address}/admin/inbox/")
    console.get_by_test_id("line").first.wait_for()
    console.keyboard.press("/")
    console.keyboard.type("toothache")
    console.keyboard.press("Enter")
    console.wait_for_url("**q=toothache*")
    console.locator("[data-testid=line] mark", has_text="toothache").wait_for()
    shot(console, "console-inbox-found")
    console.keyboard.press("j")
    console.keyboard.press("Enter")
    console.wait_for_selector("#fd-scroll")


def correct_the_assistant(address, console, phone):
    answer = said(console, "assistant", "12 Harbour Street")
    answer.hover()
    answer.get_by_role("button", name="Correct").click()
    console.locator("#fd-dialog-body [name=title]").fill("Where we are")
    console.locator("#fd-dialog-body [name=content]").fill("We have moved to 99 Mill Lane.")
    console.locator("#fd-dialog-body button", has_text="Propose").click()
    console.locator("#fd-toast", has_text="Proposed").wait_for()
    console.goto(f"{address}/admin/assistant/knowledgeproposal/")
    console.locator("#result_list tbody tr a", has_text="Where we are").first.click()
    console.locator(".fd-actions button", has_text="Approve").click()
    console.get_by_text("Approved: 1").wait_for()
    write(phone, "What is your address?")
    heard(phone, "99 Mill Lane")


def test_from_an_empty_installation_to_a_corrected_answer(installation, outside, console):
    phone = console.context.browser.new_context(viewport=PHONE).new_page()
    phone.set_default_timeout(60_000)
    log_in(installation, console)
    set_up_the_business(console)
    add_the_channel(console)
    connect_it(console, outside)
    write_down(
        installation, console, "assistant/knowledgeentry", title="Where we are", keywords="address where street",
        content="You find us at 12 Harbour Street.",
    )  # fmt: skip
    write_down(
        installation, console, "messaging/cannedreply", shortcut="hello", title="Greeting",
        text="Hello {contact_name}, {business_name} here.",
    )  # fmt: skip

    meet_the_first_customer(installation, console, phone, outside)
    answer_by_canned_reply(phone, console)
    send_a_picture(phone, console)
    hand_back_and_find_again(installation, console, phone)
    correct_the_assistant(installation, console, phone)
