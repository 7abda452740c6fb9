"""A whole conversation, with marked secrets and marked personal data: none of them is in any log line."""

import io
import json
import logging

import pytest
import sentry_sdk

from common import context
from common.logs import JsonLine, ReadableLine
from config import sentry
from messaging.models import Message, WebhookEvent
from tests.support.wires import SECRETS

CANARIES = ["canary-name", "canary-text", "canary-key", "15550100277", "555 010 0277", "canary@example.test"]


@pytest.fixture(params=[JsonLine, ReadableLine])
def log(request):
    """Everything that any logger writes, in the product's own format."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    root, frontdesk = logging.getLogger(), logging.getLogger("frontdesk")
    levels = root.level, frontdesk.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    frontdesk.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(levels[0])
    frontdesk.setLevel(levels[1])


def marked(body):
    data = body["data"]
    data["key"]["remoteJid"] = "15550100277@s.whatsapp.net"
    data["pushName"] = "canary-name"
    data["message"] = {"conversation": "canary-text: call +1 555 010 0277 or canary@example.test"}
    return body


def test_a_whole_conversation_leaves_no_trace_of_people_or_secrets(
    log, clinic, make_channel, post_webhook, payload, drain
):
    credentials = {**SECRETS["evolution"], "api_key": "canary-key-0123456789"}
    channel = make_channel(clinic, "evolution", credentials=credentials)

    assert post_webhook(channel, marked(payload("evolution/upsert_text.json"))).status_code == 200
    post_webhook(channel, {"event": "messages.upsert", "data": {"key": "canary-text"}})
    post_webhook(channel, None, raw=b'{"canary-text')
    drain()

    written = log.getvalue()
    assert Message.objects.filter(direction="in", text__contains="canary-text").exists()
    assert "webhook_received" in written
    assert "ai_replied" in written
    assert "send_failed" in written
    assert [canary for canary in CANARIES if canary in written] == []
    assert SECRETS["evolution"]["webhook_secret"] not in written
    assert channel.token not in written


def test_reasons_that_are_kept_are_clean_too(clinic, make_channel, post_webhook, payload, drain):
    channel = make_channel(clinic, "evolution")
    post_webhook(channel, marked(payload("evolution/upsert_text.json")))
    drain()

    reasons = [*Message.objects.values_list("last_error", flat=True)]
    reasons += WebhookEvent.objects.values_list("last_error", flat=True)
    assert [canary for canary in CANARIES if canary in " ".join(reasons)] == []


def test_the_request_id_goes_from_the_webhook_to_the_answer(clinic, make_channel, payload, client, drain):
    channel = make_channel(clinic, "evolution")
    client.post(
        f"/webhooks/evolution/{channel.token}",
        json.dumps(payload("evolution/upsert_text.json")),
        content_type="application/json",
        headers={"X-Webhook-Secret": SECRETS["evolution"]["webhook_secret"], "X-Request-ID": "trace-me-0001"},
    )
    drain()

    assert set(Message.objects.values_list("request_id", flat=True)) == {"trace-me-0001"}
    assert context.current().request_id == ""


def test_worker_lines_carry_the_request_id(log, clinic, make_channel, payload, post_webhook, drain):
    post_webhook(make_channel(clinic, "evolution"), payload("evolution/upsert_text.json"))
    drain()

    request_id = WebhookEvent.objects.get().request_id
    replied = [line for line in log.getvalue().splitlines() if "ai_replied" in line]
    assert replied
    assert all(request_id in line for line in replied)


class Kept(sentry_sdk.transport.Transport):
    """A receiver of reports, in memory."""

    reports: list = []

    def capture_envelope(self, envelope):
        self.reports.append(envelope.get_event())


@pytest.fixture
def reports():
    Kept.reports.clear()
    sentry.start_sentry("https://key@sentry.example.test/1", release="1.2.3", transport=Kept)
    yield Kept.reports
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.init()


def test_error_reports_are_clean(reports, rf):
    logger = logging.getLogger("frontdesk.trial")
    body = {"password": "canary-key"}
    try:
        raise ValueError(f"refused by +1 555 010 0277 (canary@example.test) token=canary-key {len(body)}")
    except ValueError:
        logger.exception("send_failed", extra={"api_key": "canary-key", "message_id": 7})

    (report,) = reports
    assert report["release"] == "frontdesk@1.2.3"
    assert report["extra"]["message_id"] == 7
    assert [canary for canary in CANARIES if canary in json.dumps(report, default=str)] == []


def test_a_report_says_of_the_request_only_what_was_called():
    event = {
        "request": {
            "method": "POST",
            "url": "https://desk.example.test/webhooks/meta/abcdefghijklmnopqrstuvwxyz",
            "data": "canary-text",
            "headers": {"Cookie": "canary-key"},
            "query_string": "a=canary-text",
        },
        "user": {"email": "canary@example.test"},
        "event_id": "1234567890123456",
    }

    assert sentry.remove_personal_data(event, {}) == {
        "request": {"method": "POST", "url": "https://desk.example.test/webhooks/meta/…"},
        "event_id": "1234567890123456",
    }


def test_without_an_address_nothing_is_reported():
    assert sentry.start_sentry("", release="1.2.3") is False
