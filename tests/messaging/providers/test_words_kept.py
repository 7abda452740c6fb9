"""Meta, 360dialog, Twilio and iMessage: the words in a message of an unknown kind are kept."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from messaging.providers.base import Ignored, Kind
from messaging.providers.dialog360 import Dialog360
from messaging.providers.imessage import IMessage
from messaging.providers.meta import Meta
from messaging.providers.twilio import Twilio
from tests.messaging.providers.facts import payload

CLOUD = {
    "a type of tomorrow": {"type": "hologram", "hologram": {"layers": [{"body": "pineapple"}]}},
    "a button that says nothing else": {"type": "button", "button": {"text": "pineapple"}},
    "an interactive answer of tomorrow": {
        "type": "interactive",
        "interactive": {"type": "address_message", "address_message": {"title": "pineapple street"}},
    },
    "a form": {
        "type": "interactive",
        "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "pineapple", "response_json": "["}},
    },
    "an order without products": {"type": "order", "order": {"catalog_id": "1", "text": "pineapple"}},
    "a file without an id": {"type": "image", "image": {"caption": "pineapple"}},
    "a place without degrees": {"type": "location", "location": {"name": "pineapple square"}},
    "a notice": {"type": "system", "system": {"type": "customer_identity_changed", "body": "pineapple"}},
}


def cloud(provider: Any, message: dict[str, Any]) -> Any:
    body = payload("meta", "text")
    value = body["entry"][0]["changes"][0]["value"]
    value["messages"] = [{"from": "15550100111", "id": "wamid.X", "timestamp": "1767225600", **message}]
    [item] = provider.split(json.dumps(body).encode())
    return provider.parse(item)


@pytest.mark.parametrize("provider", [Meta(), Dialog360()], ids=lambda provider: provider.name)
@pytest.mark.parametrize("name", CLOUD)
def test_unknown_kinds_of_the_cloud_api_keep_their_words(provider, name):
    assert "pineapple" in cloud(provider, CLOUD[name]).text


def test_an_opened_chat_is_ignored():
    assert isinstance(cloud(Meta(), {"type": "request_welcome"}), Ignored)


@pytest.mark.parametrize("kind", ["unsupported", "unknown"])
def test_a_message_that_meta_cannot_show_is_stored_as_unsupported(kind):
    found = cloud(Meta(), {"type": kind, "errors": [{"code": 131051, "title": "Message type unknown"}]})

    assert (found.kind, found.text, found.data["errors"][0]["code"]) == (Kind.UNSUPPORTED, "", "131051")


@pytest.mark.parametrize(
    "more",
    [
        {"MessageType": "interactive"},
        {"MessageType": "order"},
        {"MessageType": "hologram"},
        {"ButtonPayload": "x"},
        {"ListId": "x"},
        {"Latitude": "1", "Longitude": "2"},
        {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/m/1", "MediaContentType0": "x-tomorrow/thing"},
    ],
)
def test_unknown_kinds_of_twilio_keep_their_words(more):
    form = {"From": "whatsapp:+15550100111", "To": "whatsapp:+15550100100", "MessageSid": "SM1", "Body": "pineapple"}

    [item] = Twilio().split(urlencode(form | more).encode())

    assert Twilio().parse(item).text == "pineapple"


@pytest.mark.parametrize(
    "more",
    [
        {"associatedMessageType": "4000", "associatedMessageGuid": "p:0/T"},
        {"associatedMessageType": "2009", "associatedMessageGuid": "p:0/T"},
        {"balloonBundleId": "com.apple.messages.URLBalloonProvider"},
    ],
)
def test_unknown_kinds_of_photon_keep_their_words(more):
    message = {"guid": "G", "text": "pineapple", "isFromMe": False, "handle": {"address": "+15550100111"}, **more}

    [item] = IMessage().split(json.dumps({"event": "new-message", "data": message}).encode())

    assert IMessage().parse(item).text == "pineapple"


def test_any_emoji_is_a_reaction():
    message = {"guid": "G", "isFromMe": False, "handle": {"address": "+15550100111"}, "associatedMessageGuid": "p:0/T"}
    message |= {"associatedMessageType": "2006", "associatedMessageEmoji": "🍍"}

    [item] = IMessage().split(json.dumps({"event": "new-message", "data": message}).encode())

    found = IMessage().parse(item)
    assert (found.kind, found.text, found.reply_to) == (Kind.REACTION, "🍍", "T")


@pytest.mark.parametrize("content", [{"type": "contact", "name": "pineapple"}, {"type": "poll", "title": "pineapple"}])
def test_unknown_kinds_of_spectrum_keep_their_words(content):
    message = {"id": "M", "direction": "inbound", "sender": {"id": "+15550100111"}, "content": content}
    body = {"event": "messages", "space": {"id": "any;-;+15550100111", "type": "dm"}, "message": message}

    [item] = IMessage().split(json.dumps(body).encode())

    assert IMessage().parse(item).text == "pineapple"
