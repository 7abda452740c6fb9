"""Providers go straight to their view, and lose nothing by it."""

import pytest
from django.conf import settings as configured

from messaging.models import WebhookEvent
from tests.support.bodies import TEXT

pytestmark = pytest.mark.django_db

SHORT = "config.entry_middleware.WebhookMiddleware"
ABOUT_PAGES = {"Vary"}  # whose language or origin it depends on: no webhook's answer does


@pytest.mark.parametrize("is_proven", [True, False])
def test_a_webhook_is_answered_as_on_the_long_road(
    is_proven, clinic, make_channel, post_webhook, payload, client, settings
):
    channel = make_channel(clinic, "meta")

    def answer():
        if is_proven:
            return post_webhook(channel, payload(TEXT["meta"]))
        return client.post(f"/webhooks/meta/{channel.token}", "{}", "application/json")

    short = answer()
    settings.MIDDLEWARE = [name for name in configured.MIDDLEWARE if name != SHORT]
    client.handler.load_middleware()
    long = answer()

    names = (set(short.headers) | set(long.headers)) - {"X-Request-ID"} - ABOUT_PAGES
    assert short["X-Frame-Options"] == "DENY"
    assert {name: short.get(name) for name in names} == {name: long.get(name) for name in names}
    assert (short.status_code, short.content) == (long.status_code, long.content)


def test_a_webhook_under_a_foreign_host_is_refused(clinic, make_channel, post_webhook, payload, settings):
    settings.ALLOWED_HOSTS = ["desk.example.test"]

    assert post_webhook(make_channel(clinic, "meta"), payload(TEXT["meta"])).status_code == 400
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize("path", ["/webhooks/meta/short", "/webhooks/nobody/" + "t" * 32, "/webhooksx"])
def test_what_is_no_webhook_of_ours_gets_the_page_of_all(path, client):
    response = client.post(path, "{}", "application/json")

    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
