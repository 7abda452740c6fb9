"""The webhook views: verification, limits and answers (DESIGN section 10, RELIABILITY sections 3 and 5)."""

import json
from urllib.parse import urlencode

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from django.test import Client

from common import rate_limits
from common.work.rows import State
from messaging.models import Channel, WebhookEvent
from tests.support.bodies import TEXT
from tests.support.wires import SECRETS, WebhookPoster, proof, twilio_signature

pytestmark = pytest.mark.django_db


ALL = sorted(TEXT)


JSON_PROVIDERS = ["meta", "dialog360", "evolution", "imessage"]


OK_BODIES = {"twilio": '<?xml version="1.0" encoding="UTF-8"?><Response/>'}


def body_of(payload, provider):
    return payload(TEXT[provider])


@pytest.mark.parametrize("provider", ALL)
def test_a_verified_body_is_stored_and_gets_its_providers_answer(provider, clinic, make_channel, post_webhook, payload):
    channel = make_channel(clinic, provider)

    response = post_webhook(channel, body_of(payload, provider))

    assert (response.status_code, response.content.decode()) == (200, OK_BODIES.get(provider, ""))
    assert response["Content-Type"].startswith("text/xml" if provider == "twilio" else "text/plain")
    assert list(WebhookEvent.objects.values_list("provider", "channel", "state")) == [
        (provider, channel.pk, State.QUEUED)
    ]


@pytest.mark.parametrize("provider", ALL)
def test_a_body_that_is_not_verified_is_401_and_not_stored(provider, clinic, make_channel, client, payload):
    channel = make_channel(clinic, provider)

    response = client.post(
        f"/webhooks/{provider}/{channel.token}", json.dumps(body_of(payload, provider)), "application/json"
    )

    assert response.status_code == 401
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("provider", ALL)
def test_an_unknown_address_is_404(provider, clinic, make_channel, client):
    make_channel(clinic, provider)

    assert client.post(f"/webhooks/{provider}/{'x' * 43}", "{}", "application/json").status_code == 404


def test_the_token_of_another_provider_is_an_unknown_address(clinic, make_channel, client):
    channel = make_channel(clinic, "meta")

    assert client.post(f"/webhooks/dialog360/{channel.token}", "{}", "application/json").status_code == 404


@pytest.mark.parametrize("provider", ["meta", "dialog360", "twilio", "imessage"])
def test_a_channel_without_a_secret_is_503(provider, clinic, make_channel, client, settings):
    settings.WHATSAPP_APP_SECRET = ""
    channel = make_channel(clinic, provider)
    Channel.objects.update(credentials_store={})

    response = client.post(f"/webhooks/{provider}/{channel.token}", "{}", "application/json")

    assert response.status_code == 503


def test_an_evolution_channel_without_a_secret_is_served_by_its_token_alone(clinic, make_channel, client, payload):
    channel = make_channel(clinic, "evolution")
    Channel.objects.update(credentials_store={})
    body = json.dumps(payload(TEXT["evolution"]))

    assert client.post(f"/webhooks/evolution/{channel.token}", body, "application/json").status_code == 200
    assert client.post("/webhook/clinic-demo", body, "application/json").status_code == 503


@pytest.mark.parametrize("path", ["/webhook/clinic-demo", "/webhook/clinic-demo/messages-upsert"])
def test_evolution_is_served_by_its_instance_name(path, clinic, make_channel, post_webhook, payload):
    channel = make_channel(clinic, "evolution")

    assert post_webhook(channel, payload(TEXT["evolution"]), path=path).status_code == 200
    assert post_webhook(channel, payload(TEXT["evolution"]), path="/webhook/nobody").status_code == 404


def test_the_secret_of_the_settings_is_used_for_a_channel_without_one(clinic, make_channel, client, payload, settings):
    make_channel(clinic, "evolution")
    Channel.objects.update(credentials_store={})
    settings.EVOLUTION_WEBHOOK_SHARED_SECRET = "shared-by-all"
    body = json.dumps(payload(TEXT["evolution"]))

    right = client.post("/webhook/clinic-demo", body, "application/json", headers={"X-Webhook-Secret": "shared-by-all"})
    wrong = client.post("/webhook/clinic-demo", body, "application/json", headers={"X-Webhook-Secret": "guess"})

    assert (right.status_code, wrong.status_code) == (200, 401)


def test_two_secrets_are_valid_during_rotation(clinic, make_channel, client, payload):
    channel = make_channel(clinic, "meta")
    make_channel(clinic, "meta", credentials={"app_secret": "the-new-secret"})
    data = json.dumps(payload(TEXT["meta"])).encode()
    url = f"/webhooks/meta/{channel.token}"

    for secret, status in [(SECRETS["meta"]["app_secret"], 200), ("the-new-secret", 200), ("an-older-one", 401)]:
        headers = proof("meta", data, {"app_secret": secret})
        response = client.generic("POST", url, data, content_type="application/json", headers=headers)
        assert response.status_code == status


@pytest.mark.parametrize(
    "path",
    ["/webhooks/whatsapp", "token"],
)
def test_behind_a_tls_proxy_twilio_is_verified_with_the_public_url(path, clinic, make_channel, post_webhook, payload):
    channel = make_channel(clinic, "twilio")
    path = "" if path == "token" else path

    assert post_webhook(channel, payload(TEXT["twilio"]), path=path).status_code == 200


def test_twilio_numbers_share_one_address_and_each_needs_its_own_token(clinic, make_channel, client, payload):
    make_channel(clinic, "twilio")
    fields = payload(TEXT["twilio"])
    signature = twilio_signature("https://frontdesk.example.test/webhooks/whatsapp", fields, "f" * 32)

    response = client.post(
        "/webhooks/whatsapp",
        urlencode(fields),
        "application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signature},
    )

    assert response.status_code == 401


@pytest.mark.parametrize("base", ["/webhooks/whatsapp/status", "token"])
def test_twilio_statuses_have_our_reference_in_the_signed_url(
    base, clinic, wire, talk, say, drain, client, payload, sim
):
    channel = wire(clinic, "twilio")
    message = say(talk(channel), "hello")
    drain()
    path = base if base != "token" else f"/webhooks/twilio/{channel.token}/status"
    path += f"?m={message.pk}"
    fields = {
        **payload("twilio/status_delivered.json"),
        "MessageSid": "SM" + "0" * 32,
        "From": "whatsapp:+15550100100",
        "To": "whatsapp:+15550100111",
    }

    response = WebhookPoster(client)(channel, fields, path=path)
    drain()

    message.refresh_from_db()
    assert (response.status_code, message.delivery) == (200, "delivered")


@pytest.mark.parametrize("provider", JSON_PROVIDERS)
def test_a_body_that_is_not_json_is_400(provider, clinic, make_channel, post_webhook):
    channel = make_channel(clinic, provider)

    for raw in (b"not json", b'{"a": NaN}', b'{"a": [-Infinity]}'):
        assert post_webhook(channel, None, raw=raw).status_code == 400
    assert not WebhookEvent.objects.exists()


def test_a_body_over_the_limit_is_413_and_not_read(clinic, make_channel, client):
    channel = make_channel(clinic, "meta")
    url = f"/webhooks/meta/{channel.token}"

    too_long = client.generic("POST", url, b"x" * (3 * 1024 * 1024 + 1), content_type="application/json")

    assert too_long.status_code == 413


def test_a_compressed_body_is_415_and_another_method_405(clinic, make_channel, client):
    url = f"/webhooks/meta/{make_channel(clinic, 'meta').token}"

    gzip = client.post(url, b"x", "application/json", headers={"Content-Encoding": "gzip"})

    assert (gzip.status_code, client.put(url).status_code) == (415, 405)


def test_too_many_requests_of_one_channel_are_429_and_others_are_served(
    clinic, salon, make_channel, post_webhook, payload, settings
):
    settings.WEBHOOK_RATE_PER_SECOND = 2
    flooded = make_channel(clinic, "meta")
    other = make_channel(salon, "evolution")
    rate_limits.reset()

    answers = [post_webhook(flooded, payload(TEXT["meta"])) for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200, 429}
    assert answers[-1]["Retry-After"] == "1"
    assert post_webhook(other, payload(TEXT["evolution"])).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_f6_without_the_database_the_answer_is_503_with_retry_after(clinic, make_channel, payload, settings):
    channel = make_channel(clinic, "evolution")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE messaging_webhookevent RENAME TO messaging_gone")
    try:
        response = WebhookPoster(Client())(channel, payload(TEXT["evolution"]))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE messaging_gone RENAME TO messaging_webhookevent")

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert WebhookEvent.objects.count() == 0


@pytest.mark.parametrize("provider", ALL)
def test_the_view_needs_at_most_four_queries(
    provider, clinic, make_channel, post_webhook, payload, django_assert_max_num_queries
):
    channel = make_channel(clinic, provider)

    with django_assert_max_num_queries(4):
        assert post_webhook(channel, body_of(payload, provider)).status_code == 200


def test_a_stranger_who_knows_the_number_cannot_use_up_the_rate_limit(
    clinic, make_channel, post_webhook, payload, client, settings
):
    settings.WEBHOOK_RATE_PER_SECOND = 2
    channel = make_channel(clinic, "twilio")
    rate_limits.reset()

    form = urlencode(payload(TEXT["twilio"]))
    forged = [client.post("/webhooks/whatsapp", form, "application/x-www-form-urlencoded") for _ in range(6)]

    assert {answer.status_code for answer in forged} == {401}
    assert post_webhook(channel, payload(TEXT["twilio"])).status_code == 200


def test_a_secret_that_no_key_decrypts_is_503(clinic, make_channel, post_webhook, payload, settings):
    channel = make_channel(clinic, "evolution")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    response = post_webhook(channel, payload(TEXT["evolution"]))

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert not WebhookEvent.objects.exists()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_webhook_is_stored_also_when_the_database_connection_has_died(clinic, make_channel, post_webhook, payload):
    channel = make_channel(clinic, "meta")
    assert post_webhook(channel, payload(TEXT["meta"])).status_code == 200
    pid = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    other.close()

    assert post_webhook(channel, payload(TEXT["meta"])).status_code == 200

    assert connection.connection.info.backend_pid != pid
    assert WebhookEvent.objects.count() == 2


def test_a_version_1_server_can_use_the_token_also_with_a_secret_in_the_settings(
    clinic, make_channel, client, settings
):
    settings.EVOLUTION_WEBHOOK_SHARED_SECRET = "shared-by-all-0123456789"
    credentials = {"server_url": "http://evolution.test", "api_key": "key"}
    channel = make_channel(clinic, "evolution", credentials=credentials)
    body = json.dumps({"event": "connection.update", "instance": channel.external_id, "data": {"state": "open"}})

    def post(path, **headers):
        return client.post(path, body, content_type="application/json", headers=headers).status_code

    assert post(f"/webhooks/evolution/{channel.token}") == 200
    # The other URL, which anybody can guess, still needs the secret.
    assert post(f"/webhook/{channel.external_id}") == 401
    assert post(f"/webhook/{channel.external_id}", **{"X-Webhook-Secret": "shared-by-all-0123456789"}) == 200


def test_a_stranger_cannot_write_errors_into_the_log(client, db, settings, caplog):
    settings.WHATSAPP_APP_SECRET = ""

    answer = client.post("/webhook", "{}", content_type="application/json")

    assert answer.status_code == 503
    assert [record.levelname for record in caplog.records if record.levelname == "ERROR"] == []
    assert [record.getMessage() for record in caplog.records] == ["webhook_rejected"]
