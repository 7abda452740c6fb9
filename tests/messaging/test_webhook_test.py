"""The test of a channel's webhook that we post to ourselves."""

import pytest

from messaging.models import Channel, Contact, Conversation, Message, WebhookEvent
from messaging.providers import PROVIDERS
from tests.support.api import ApiCaller


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_webhook_test_leaves_no_rows(api, clinic, make_channel, provider):
    channel = make_channel(clinic, provider)

    answer = api.post(f"instances/{channel.external_id}/test-webhook")

    assert answer.status_code == 200
    assert [(step["step"], step["ok"]) for step in answer.json()["steps"]] == [
        ("signature", True), ("parse", True), ("route", True),
    ], answer.json()  # fmt: skip
    assert answer.json()["ok"] is True
    for model in (WebhookEvent, Message, Contact, Conversation):
        assert not model.objects.exists()


def test_a_missing_secret_is_reported_with_what_to_do(api, clinic, make_channel, settings):
    channel = make_channel(clinic, "dialog360")
    channel.credentials_store.pop("webhook_secret")
    channel.save()

    answer = api.post(f"instances/{channel.pk}/test-webhook").json()

    assert (answer["ok"], [step["step"] for step in answer["steps"]]) == (False, ["signature"])
    assert "--credential webhook_secret=" in answer["steps"][0]["message"]


def test_a_disabled_channel_fails_its_test(api, clinic, make_channel):
    channel = make_channel(clinic, "evolution")
    Channel.objects.update(is_enabled=False)

    answer = api.post(f"instances/{channel.external_id}/test-webhook").json()

    assert [step["ok"] for step in answer["steps"]] == [True, True, False]
