"""The installation's own Meta app on /webhook, and the handshakes."""

import json

import pytest

from common.work.rows import State
from messaging.models import Message, WebhookEvent
from tests.support.bodies import TEXT
from tests.support.wires import proof

pytestmark = pytest.mark.django_db


def post_to_app(client, body, secret="installation-app-secret"):
    data = json.dumps(body).encode()
    headers = proof("meta", data, {"app_secret": secret})
    return client.generic("POST", "/webhook", data, content_type="application/json", headers=headers)


def test_the_installations_meta_app_serves_channels_without_an_app_of_their_own(
    clinic, make_channel, client, payload, drain
):
    make_channel(clinic, "meta", credentials={"access_token": "x"})

    response = post_to_app(client, payload(TEXT["meta"]))
    drain()

    assert response.status_code == 200
    assert Message.objects.filter(direction="in").count() == 1


def test_a_body_that_names_a_channel_of_another_app_is_refused(clinic, make_channel, client, payload):
    make_channel(clinic, "meta")

    assert post_to_app(client, payload(TEXT["meta"])).status_code == 401
    assert not WebhookEvent.objects.exists()


def test_a_body_for_an_unknown_number_is_stored_as_ignored(db, client, payload, drain):
    response = post_to_app(client, payload(TEXT["meta"]))
    drain()

    event = WebhookEvent.objects.get()
    assert (response.status_code, event.state, event.last_error) == (200, State.IGNORED, "unknown number")


def test_a_token_address_refuses_a_body_that_names_another_number(clinic, make_channel, post_webhook, payload):
    channel = make_channel(clinic, "meta", external_id="999")

    assert post_webhook(channel, payload(TEXT["meta"])).status_code == 401


def test_without_an_app_secret_the_shared_address_is_503(db, client, payload, settings):
    settings.WHATSAPP_APP_SECRET = ""

    assert post_to_app(client, payload(TEXT["meta"])).status_code == 503


@pytest.mark.parametrize("token", ["installation-verify-token", "guess", ""])
def test_the_handshake(token, db, client):
    query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": "1158201444"}

    response = client.get("/webhook", query)

    expected = (200, b"1158201444") if token == "installation-verify-token" else (403, response.content)
    assert (response.status_code, response.content) == expected


def test_the_handshake_of_a_tenants_own_app(clinic, make_channel, client):
    channel = make_channel(clinic, "meta")
    query = {"hub.mode": "subscribe", "hub.verify_token": "meta-verify-token", "hub.challenge": "7"}

    assert client.get(f"/webhooks/meta/{channel.token}", query).content == b"7"
