"""Channels and switches in the back office: secrets stay inside, held messages go out in order."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from messaging.models import (
    Channel,
    WebhookEvent,
)
from tenants.models import AuditEntry, OutboundSwitch, Role
from tests.support.backoffice import browser, do, see, state, turn_switch, write
from tests.support.wires import SECRETS

SETTINGS = {
    "name": "Line 1", "owner_addresses": "", "is_enabled": "on", "allowed_links": "", "reopen_template": "{}",
}  # fmt: skip
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def test_secrets_go_in_and_never_come_out(manager, root, channel):
    page = see(manager, channel).content.decode()
    body = SETTINGS | {"secret_api_key": "brand-new-key"}

    answer = manager.post(reverse("admin:messaging_channel_change", args=[channel.pk]), body)

    assert answer.status_code == 302
    channel = Channel.objects.get(pk=channel.pk)
    assert channel.credentials.every("api_key") == ["brand-new-key", SECRETS["evolution"]["api_key"]]
    assert channel.credentials["webhook_secret"] == SECRETS["evolution"]["webhook_secret"]
    for content in (page, see(manager, channel).content.decode(), see(root, channel).content.decode()):
        for secret in [*SECRETS["evolution"].values(), "brand-new-key"]:
            assert secret not in content
    assert AuditEntry.objects.filter(actor="manager-of-clinic", action="channel_set_up").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("owner_addresses", "nobody"), ("owner_addresses", "+15550100200 ext 5"),
        ("owner_addresses", "[5]"), ("owner_addresses", '{"a": 1}'), ("reopen_template", "[]x"),
        ("allowed_links", '"x"'), ("reopen_template", '{"name": 5}'),
        ("reopen_template", '{"language": "en"}'), ("messages_per_second", "-1"),
    ],
)  # fmt: skip
def test_settings_of_a_channel_have_their_types(manager, channel, name, value):
    answer = manager.post(reverse("admin:messaging_channel_change", args=[channel.pk]), SETTINGS | {name: value})

    assert answer.status_code == 200
    assert answer.context["errors"]
    assert Channel.objects.get().name == "clinic evolution"


def test_lists_of_a_channel_are_written_as_words(manager, channel):
    typed = {
        "owner_addresses": "+1 (555) 010-0200, Desk@example.test, 0015550100200",
        "allowed_links": "example.com other.test",
    }

    manager.post(reverse("admin:messaging_channel_change", args=[channel.pk]), SETTINGS | typed)

    kept = Channel.objects.get()
    assert kept.owner_addresses == ["+15550100200", "desk@example.test"]
    assert kept.allowed_links == ["example.com", "other.test"]
    assert 'value="+15550100200, desk@example.test"' in see(manager, channel).content.decode()


def test_a_new_line_leads_to_its_connection_and_a_number_is_no_id(root, clinic):
    body = {"tenant": clinic.pk, "provider": "meta", "name": "Main line", "external_id": "+15550100100", "_save": "1"}
    address = reverse("admin:messaging_channel_add")

    assert root.post(address, body).context["errors"]
    answer = root.post(address, body | {"external_id": "1065 4035"})

    made = Channel.objects.get()
    assert made.external_id == "10654035"
    assert answer.url == reverse("admin:messaging_channel_connect", args=[made.pk])


def test_the_address_of_a_channel_is_for_managers(clinic, manager, channel):
    token = channel.token.encode()

    assert token in see(manager, channel).content
    assert token not in see(browser(clinic, Role.AGENT), channel).content
    assert token not in manager.get(reverse("admin:messaging_channel_changelist")).content


def test_a_qr_code_is_shown_while_it_is_fresh(manager, channel):
    Channel.objects.update(qr=PIXEL)
    channel.refresh_from_db()

    def shown(seconds, qr=PIXEL):
        channel.qr, channel.qr_at = qr, timezone.now() - timedelta(seconds=seconds)
        channel.save()
        return b"fd-qr" in see(manager, channel).content

    assert shown(5)
    assert not shown(61)
    assert not shown(5, "https://elsewhere.test/qr.png")


def test_a_provider_that_is_away_is_told_in_words(manager, channel):
    for action in ("check_connection", "register", "new_qr"):
        status, told = do(manager, channel, action)
        assert status == 200
        assert told == ["clinic evolution: the server is not reachable"]


def test_the_webhook_is_tested_by_a_button(manager, channel):
    told = do(manager, channel, "test")[1]

    assert [line.split(":")[0] for line in told] == [
        "clinic evolution, signature", "clinic evolution, parse", "clinic evolution, route",
    ]  # fmt: skip
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("level", ["installation", "tenant", "channel"])
def test_a_switch_holds_and_then_lets_go_in_order(level, root, manager, session, drain):
    def turn(on):
        if level == "installation":
            body = {"reason": "drill"} | ({"is_on": "on"} if on else {})
            root.post(reverse("admin:tenants_outboundswitch_change", args=[1]), body)
        else:
            turn_switch(manager, session.tenant if level == "tenant" else session.channel, on=on)

    root.get(reverse("admin:tenants_outboundswitch_changelist"))
    turn(False)
    written = [write(session, str(number)) for number in range(2)]
    drain()
    assert [(state(row), row.held_by) for row in written] == [("held", "switch")] * 2

    turn(True)

    assert [state(row) for row in written] == ["queued", "queued"]
    assert AuditEntry.objects.filter(action="outbound_on").count() == 1


def test_a_channel_that_is_switched_off_offers_no_sending_of_what_it_holds(manager, channel):
    def offered():
        page = manager.get(reverse("admin:messaging_channel_change", args=[channel.pk])).content.decode()
        return "Send held messages" in page

    assert offered()

    turn_switch(manager, channel, on=False)

    assert not offered()


def test_the_kill_switch_says_who_and_why(root):
    root.get(reverse("admin:tenants_outboundswitch_changelist"))
    root.post(reverse("admin:tenants_outboundswitch_change", args=[1]), {"reason": "restored a backup"})

    switch = OutboundSwitch.objects.get()
    assert (switch.is_on, switch.changed_by, switch.reason) == (False, "root", "restored a backup")
