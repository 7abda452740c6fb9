"""The page that connects a channel says what is missing, shows a made secret once, and tests to the outbox."""

import html
import re

import pytest
from django.urls import reverse

from assistant.models import Turn
from messaging.models import Channel, Conversation, Message, WebhookEvent
from messaging.providers import PROVIDERS
from messaging.queries import webhook_url
from messaging.services.channels import set_up_channel
from tenants.models import AuditEntry, OutboundSwitch, Role
from tests.support.backoffice import browser
from tests.support.wires import SECRETS


def connect(client, channel, **body):
    address = reverse("admin:messaging_channel_connect", args=[channel.pk])
    answer = client.post(address, body) if body else client.get(address)
    return answer.status_code, html.unescape(answer.content.decode())


def steps(page):
    found = re.findall(r'<li class="fd-(good|bad)" data-step="(\w+)">', page)
    return [(name, tone == "good") for tone, name in found]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_each_wire_has_its_steps_and_no_secret_is_shown(clinic, manager, make_channel, provider):
    channel = make_channel(clinic, provider, name="Line '1'")

    status, page = connect(manager, channel)

    assert (status, webhook_url(channel) in page) == (200, True)
    for line in (*PROVIDERS[provider].guide.fetch, *PROVIDERS[provider].guide.paste):
        assert str(line) in page
    assert f"--provider {provider} --name 'Line '\\''1'\\'''" in page
    for name, secret in SECRETS[provider].items():
        assert secret not in page, name
        assert f"<code>{name}</code> is set" in page


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_test_follows_a_message_to_the_outbox_and_keeps_nothing(clinic, manager, make_channel, provider):
    channel = make_channel(clinic, provider)

    _, page = connect(manager, channel, do="test")

    names = ["signature", "parse", "route", "handlers", "outbox"]
    assert steps(page) == [(name, True) for name in names]
    assert "Assistant takes the message (assistant.inbound.reply)." in page
    for model in (Conversation, Message, Turn, WebhookEvent):
        assert not model.objects.exists()


def test_the_test_says_what_would_hold_an_answer(clinic, manager, channel):
    OutboundSwitch.objects.create(is_on=False)

    _, page = connect(manager, channel, do="test")

    assert steps(page)[-1] == ("outbox", False)
    assert "An answer would be held: sending is switched off for this installation." in page


def test_what_is_missing_is_said(clinic, manager, make_channel):
    channel = make_channel(clinic, "dialog360")
    Channel.objects.update(credentials_store={})

    _, page = connect(manager, channel, do="test")

    assert steps(page) == [("signature", False)]
    assert "<code>api_key</code> is missing" in page


def test_a_made_secret_is_shown_once_and_kept(clinic, manager, channel):
    _, page = connect(manager, channel, do="secret")

    secret = re.search(r'value="([\w-]{32})" aria-label="webhook secret"', page)[1]
    own = Channel.objects.get().credentials
    assert own.every("webhook_secret") == [secret, SECRETS["evolution"]["webhook_secret"]]
    assert secret not in connect(manager, channel)[1]
    assert secret not in str(list(AuditEntry.objects.values_list("details", flat=True)))


def test_secrets_are_entered_on_the_page_and_an_empty_field_changes_nothing(clinic, manager, channel):
    _, page = connect(
        manager, channel, do="keep", api_key=" fresh-key ", webhook_secret="", server_url="http://10.0.0.1"
    )

    assert steps(page) == [("secrets", True)]
    own = Channel.objects.get().credentials
    assert own.every("api_key") == ["fresh-key", SECRETS["evolution"]["api_key"]]
    for name in ("webhook_secret", "server_url"):  # empty; the operator's own
        assert own.every(name) == [SECRETS["evolution"][name]]
    assert "fresh-key" not in page
    assert AuditEntry.objects.get(actor="manager-of-clinic").details == {"changed": ["api_key"]}


@pytest.mark.parametrize("typed", ["", "x" * 2001, "two\nlines"])
def test_what_is_no_secret_is_not_kept(manager, channel, typed):
    assert steps(connect(manager, channel, do="keep", api_key=typed)[1]) == [("secrets", False)]

    assert Channel.objects.get().credentials_store == channel.credentials_store


def test_a_secret_can_be_made_before_the_others_are_known(manager, clinic, make_channel):
    channel = make_channel(clinic, "meta")
    Channel.objects.update(credentials_store={})

    _, page = connect(manager, channel, do="secret")

    assert "not shown again" in page
    assert list(Channel.objects.get().credentials) == ["verify_token"]


def test_a_wire_whose_secrets_are_the_providers_makes_none(clinic, manager, make_channel):
    channel = make_channel(clinic, "twilio")

    _, page = connect(manager, channel, do="secret")

    assert "not shown again" not in page
    assert Channel.objects.get().credentials_store == channel.credentials_store


def test_registering_and_checking_say_what_the_provider_said(clinic, wire, manager):
    channel = wire(clinic, "evolution")

    assert steps(connect(manager, channel, do="register")[1]) == [("registration", True)]
    assert steps(connect(manager, channel, do="check")[1]) == [("connection", True)]
    set_up_channel(
        tenant=clinic, provider="evolution", name=channel.name, external_id=channel.external_id,
        credentials={"api_key": "wrong"},
    )  # fmt: skip
    assert steps(connect(manager, channel, do="check")[1]) == [("connection", False)]


def test_the_page_is_for_managers_of_the_tenant(clinic, salon, channel):
    for client in (browser(clinic, Role.AGENT), browser(clinic, Role.VIEWER), browser(salon, Role.OWNER)):
        assert connect(client, channel)[0] == 404
        assert connect(client, channel, do="secret")[0] == 404
        assert connect(client, channel, do="keep", webhook_secret="mine")[0] == 404

    assert Channel.objects.get().credentials["webhook_secret"] == SECRETS["evolution"]["webhook_secret"]
