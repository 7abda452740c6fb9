"""Twilio, calls: the requests that we make and the meaning of the answers, with a real local server."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl

import pytest

from common.http.client import Client
from messaging.providers.base import (
    Account,
    Address,
    AddressKind,
    Button,
    Credentials,
    Kind,
    Media,
    OutboundMessage,
    ProviderError,
    Template,
)
from messaging.providers.twilio import Twilio
from tests.messaging.providers.facts import outcome, payload
from tests.messaging.providers.local_server import Call, local_server, refusing_url

TWILIO = Twilio()
SID = "AC00000000000000000000000000000000"
WHATSAPP = Address(AddressKind.PHONE, "+15550100111", "whatsapp:+15550100111")
SMS = Address(AddressKind.PHONE, "+15550100111", "+15550100111")
BSUID = Address(AddressKind.BSUID, "US.13491208655302741918", "whatsapp:US.13491208655302741918")
BASIC = "Basic " + base64.b64encode(f"{SID}:token-1".encode()).decode()
SERVICE = "MG348c658682ae8701d3e9d21f19187249"


def account(base_url: str, external_id: str = "+15550100100") -> Account:
    secrets = Credentials({"account_sid": SID, "auth_token": "token-1"})
    return Account(external_id=external_id, credentials=secrets, base_url=base_url, messaging_url=f"{base_url}/m")


def outbound(**fields: Any) -> OutboundMessage:
    return OutboundMessage(**{"recipient": WHATSAPP, "reference": "r-1", "text": "Publish this post?", **fields})


def form(call: Call) -> dict[str, str]:
    return dict(parse_qsl(call.content.decode(), keep_blank_values=True))


@pytest.fixture
def server():
    with local_server() as running:
        captured = payload("twilio", "api_send_created")
        yield running.answer(captured["http_status"], captured["body"])


@pytest.fixture(scope="module")
def http():
    client = Client(allow_private=True)
    yield client
    client.close()


def test_a_text_is_sent_as_captured(server, http):
    wanted = payload("twilio", "api_send_request_form")
    message = outbound(status_url="https://frontdesk.example.test/webhooks/twilio/acme/status")
    sent = TWILIO.send(message, account(server.url), http)

    assert (server.last.method, server.last.path, form(server.last)) == (
        wanted["method"],
        wanted["path"],
        wanted["form"],
    )
    assert server.last.headers["authorization"] == BASIC
    assert server.last.headers["content-type"] == wanted["content_type"]
    assert (sent.external_id, sent.data) == ("SM6776128287ef2cb8ead79828e5b76f6e", {"status": "queued"})


def test_a_template_is_sent_as_captured(server, http):
    wanted = payload("twilio", "api_send_content_template_form")
    template = Template(name="HX00000000000000000000000000000001", variables=("Ana", "5 January 10:00"))
    TWILIO.send(outbound(kind=Kind.TEMPLATE, template=template), account(server.url, SERVICE), http)

    assert form(server.last) == wanted["form"] | {"ContentVariables": '{"1": "Ana", "2": "5 January 10:00"}'}


YES_NO = (Button(payload="a", title="Yes"), Button(payload="b", title="No"))
IMAGE = {"kind": Kind.IMAGE, "media_url": "https://f.example/a.png"}


@pytest.mark.parametrize(
    ("fields", "sender", "wanted"),
    [
        ({"recipient": SMS}, "+15550100100", {"To": "+15550100111", "From": "+15550100100"}),
        ({"recipient": SMS}, "whatsapp:+15550100100", {}),
        ({"recipient": BSUID}, "+15550100100", {"To": "whatsapp:US.13491208655302741918"}),
        ({"buttons": YES_NO}, "+15550100100", {"Body": "Publish this post?\n\n1. Yes\n2. No"}),
        (IMAGE, "+15550100100", {"MediaUrl": "https://f.example/a.png"}),
    ],
)
def test_sender_and_recipient_have_the_same_prefix(fields, sender, wanted, server, http):
    usual = {"To": "whatsapp:+15550100111", "From": "whatsapp:+15550100100", "Body": "Publish this post?"}
    TWILIO.send(outbound(**fields), account(server.url, sender), http)

    assert form(server.last) == usual | wanted


@pytest.mark.parametrize("kind", [Kind.REACTION, Kind.IMAGE, Kind.TEMPLATE, Kind.POLL])
def test_a_kind_that_cannot_be_sent_is_refused_before_the_call(kind, server, http):
    with pytest.raises(ProviderError) as raised:
        TWILIO.send(outbound(kind=kind), account(server.url), http)

    assert (outcome(raised.value)[0], server.calls) == ("permanent", [])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("api_error_20003", ("auth", "20003", None)),
        ("api_error_20429", ("retry", "20429", 5, "whole_channel")),
        ("api_error_21211", ("permanent", "21211", None)),
        ("api_error_21610", ("permanent", "21610", None, "opted_out")),
    ],
)
def test_a_captured_error_has_its_outcome(name, wanted, http):
    captured = payload("twilio", name)
    with local_server() as server:
        server.answer(captured["http_status"], captured["body"])
        with pytest.raises(ProviderError) as raised:
            TWILIO.send(outbound(), account(server.url), http)

    assert outcome(raised.value) == wanted
    assert "13491208655302741918" not in raised.value.reason


@pytest.mark.parametrize(
    ("status", "body", "headers", "wanted"),
    [
        (400, {"code": 63016}, {}, ("permanent", "63016", None, "closes_window")),
        (400, {"code": "21611"}, {}, ("retry", "21611", 120, "whole_channel")),
        (429, {"code": 20429}, {"retry_after": "9"}, ("retry", "20429", 9.0, "whole_channel")),
        (429, b"", {}, ("retry", "429", None, "whole_channel")),
        (400, {"code": 63038}, {}, ("retry", "63038", 86400, "whole_channel")),
        (400, {"code": 77777}, {}, ("permanent", "77777", None)),
        (500, {"code": 20500}, {}, ("retry", "20500", None)),
        (500, b"<html>", {}, ("uncertain", "500", None)),
        (502, b"<html>", {}, ("uncertain", "502", None)),
        (503, b"<html>", {}, ("retry", "503", None)),
        (401, b"", {}, ("auth", "401", None)),
        (201, b"<html>", {}, ("uncertain", "", None)),
        (201, {"sid": None}, {}, ("uncertain", "", None)),
        (201, {"sid": "SM1", "error_code": 63018}, {}, ("retry", "63018", 5, "whole_channel")),
    ],
)
def test_odd_answers_never_count_as_sent(status, body, headers, wanted, http):
    with local_server() as server:
        server.answer(status, body, **headers)
        with pytest.raises(ProviderError) as raised:
            TWILIO.send(outbound(), account(server.url), http)

    assert outcome(raised.value) == wanted


def test_no_connection_is_retried_and_no_answer_is_uncertain(server, http):
    with pytest.raises(ProviderError) as refused:
        TWILIO.send(outbound(), account(refusing_url()), http)
    server.hangs_up = True
    with pytest.raises(ProviderError) as silent:
        TWILIO.send(outbound(), account(server.url), http)

    assert (outcome(refused.value)[0], outcome(silent.value)[0]) == ("retry", "uncertain")


def test_typing_is_for_whatsapp_only(http):
    with local_server() as server:
        server.answer(200, {"success": True})
        TWILIO.show_typing(conversation=SMS, last_inbound="SM1", account=account(server.url), http=http)
        TWILIO.show_typing(conversation=WHATSAPP, last_inbound="", account=account(server.url), http=http)
        assert server.calls == []
        TWILIO.show_typing(conversation=WHATSAPP, last_inbound="SM1", account=account(server.url), http=http)

    assert (server.last.path, server.last.body) == (
        "/m/v3/Indicators/Typing.json",
        {"channel": "WHATSAPP", "messageId": "SM1"},
    )
    assert server.last.headers["authorization"] == BASIC


def test_a_file_is_fetched_with_the_token_and_its_storage_host_without(http):
    with local_server() as server, local_server() as storage:
        storage.answer(200, b"bytes", **{"content-type": "image/png"})
        server.answer(307, b"", location=f"{storage.url}/signed?x=1")
        media = Media(mime_type="", url=f"{server.url}/Media/ME1")
        got = TWILIO.fetch_media(media=media, account=account(server.url), http=http, max_bytes=100)

    assert (got.content, got.mime_type) == (b"bytes", "image/png")
    assert server.last.headers["authorization"] == BASIC
    assert "authorization" not in storage.last.headers


def test_a_file_on_another_host_is_fetched_without_the_token(http):
    with local_server() as server, local_server() as strange:
        strange.answer(200, b"bytes")
        media = Media(mime_type="image/png", url=strange.url.replace("127.0.0.1", "localhost"))
        TWILIO.fetch_media(media=media, account=account(server.url), http=http, max_bytes=100)

    assert "authorization" not in strange.last.headers
