"""Bodies of the largest size, with one pattern repeated in each text: they are shortened and parsed fast (F91)."""

import json
from contextlib import suppress
from urllib.parse import urlencode

import pytest

from common.text.plain import MAX_TEXT
from messaging.models import Message, PendingStatus, WebhookEvent
from messaging.providers import PROVIDERS
from messaging.providers.base import BadBody, Unparsable
from tests.messaging.providers.facts import payload
from tests.messaging.providers.mutations import _places
from tests.support.patterns import QUADRATIC, growth_of

PIECES = ("http://", "1-", "sk-", "\ufdfa", " ")
BODIES = [
    ("meta", "meta", "text"), ("meta", "meta", "status_failed_131047"), ("meta", "meta", "interactive_list_reply"),
    ("meta", "meta", "contacts"), ("dialog360", "dialog360", "webhook_image"), ("twilio", "twilio", "wa_text"),
    ("twilio", "twilio", "status_undelivered_63016"), ("twilio", "twilio", "wa_location"),
    ("evolution", "evolution", "upsert_text"), ("evolution", "evolution", "upsert_contact"),
    ("evolution", "evolution", "update_error"), ("imessage", "photon", "webhook_new_message"),
]  # fmt: skip
# The place of the person's text in the captured body of each provider.
TEXT = ("entry", 0, "changes", 0, "value", "messages", 0, "text", "body")
WORDS = {
    "meta": ("meta", "text", lambda body, text: _set(body, text, *TEXT)),
    "twilio": ("twilio", "wa_text", lambda body, text: _set(body, text, "Body")),
    "evolution": ("evolution", "upsert_text", lambda body, text: _set(body, text, "data", "message", "conversation")),
}  # fmt: skip


def _set(body, text, *path):
    *way, last = path
    for name in way:
        body = body[name]
    body[last] = text


def parse_body(wire, body):
    """Return what the product parses from a body, without storing rows."""
    provider = PROVIDERS[wire]
    raw = urlencode(body).encode() if wire == "twilio" else json.dumps(body).encode()
    with suppress(BadBody):
        for item in provider.split(raw):
            with suppress(Unparsable):
                provider.parse(item)


@pytest.mark.parametrize(("wire", "folder", "name"), BODIES)
def test_reading_a_body_takes_time_in_proportion_to_each_of_its_texts(wire, folder, name):
    body = payload(folder, name)
    places = [position for position, (holder, key) in enumerate(_places(body)) if isinstance(holder[key], str)]
    assert places

    def read(text):
        copy = json.loads(json.dumps(body))
        holder, key = list(_places(copy))[place]
        holder[key] = text
        parse_body(wire, copy)

    grown = {}
    for place in places:
        for piece in PIECES:
            if (found := growth_of(read, piece, size=12_000)) >= QUADRATIC:
                grown[place, piece] = found
    assert grown == {}


@pytest.mark.parametrize("wire", WORDS)
@pytest.mark.parametrize("piece", ["http://", "change reminder 1 to x ", "\ufdfa"])
def test_a_very_long_message_is_shortened_and_the_stored_body_is_complete(
    clinic, make_channel, post_webhook, drain, wire, piece
):
    channel = make_channel(clinic, wire)
    folder, name, write = WORDS[wire]
    body = payload(folder, name)
    size = 20_000 if wire == "twilio" else 200_000
    write(body, (piece * size)[:size])

    assert post_webhook(channel, body).status_code == 200
    drain()

    message = Message.objects.get(direction="in")
    assert len(message.text) == min(size, MAX_TEXT)
    assert message.data.get("written_characters", size) == size
    assert len(message.conversation.last_text) < 200
    assert bytes(WebhookEvent.objects.get().body)


def test_a_form_of_twilio_over_256_kilobytes_is_refused(clinic, make_channel, post_webhook):
    channel = make_channel(clinic, "twilio")

    assert post_webhook(channel, payload("twilio", "wa_text") | {"Body": "x" * 256 * 1024}).status_code == 413
    assert not WebhookEvent.objects.exists()


def test_the_error_text_of_twilio_is_shortened_before_it_is_searched_for_secrets(
    clinic, make_channel, post_webhook, drain
):
    channel = make_channel(clinic, "twilio")
    body = payload("twilio", "status_undelivered_63016") | {"ErrorMessage": "http://" * 10_000}

    assert post_webhook(channel, body, path=f"/webhooks/twilio/{channel.token}/status").status_code == 200
    drain()

    assert 0 < len(PendingStatus.objects.get().error_text) <= 500
