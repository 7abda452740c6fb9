"""360dialog: the differences from Meta, tested with captured bodies and a real local server."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.http.client import Client
from messaging.providers.base import (
    Account,
    Address,
    AddressKind,
    BadBody,
    Credentials,
    Ignored,
    InvalidSignature,
    Media,
    MissingSecret,
    OutboundMessage,
    ProviderError,
    Unparsable,
    WebhookRequest,
)
from messaging.providers.dialog360 import Dialog360, rewritten
from tests.messaging.providers.facts import expected, facts, outcome, payload, webhooks
from tests.messaging.providers.local_server import local_server, refusing_url
from tests.messaging.providers.mutations import mutated

DIALOG = Dialog360()
USUAL, EXPECTED = expected("dialog360")
PHONE = Address(AddressKind.PHONE, "+15550100111", "15550100111")
BSUID = Address(AddressKind.BSUID, "US.13491208655302741918", "US.13491208655302741918")
SECRETS = Credentials({"api_key": "EXAMPLE-KEY", "webhook_secret": ["new-secret", "old-secret"]})


def account(base_url: str) -> Account:
    return Account(external_id="106540352242922", credentials=SECRETS, base_url=base_url)


def outbound(**fields: Any) -> OutboundMessage:
    return OutboundMessage(**{"recipient": PHONE, "reference": "", "text": "Simple Message", **fields})


@pytest.fixture(scope="module")
def http():
    client = Client(allow_private=True)
    yield client
    client.close()


def test_every_captured_body_has_its_expectation():
    assert sorted(EXPECTED) == webhooks("dialog360")


@pytest.mark.parametrize("name", webhooks("dialog360"))
def test_a_captured_body_is_parsed_as_expected(name):
    items = DIALOG.split(json.dumps(payload("dialog360", name)).encode())

    assert [facts(DIALOG.parse(item), **USUAL) for item in items] == EXPECTED[name]


def test_a_body_of_another_kind_is_ignored_with_its_reason():
    [item] = DIALOG.split(b'{"event": "channel_created", "data": {}}')

    assert isinstance(DIALOG.parse(item), Ignored)
    assert "none named" in DIALOG.parse(item).reason


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_odd_bodies_are_bad_bodies_at_worst(data):
    body = data.draw(mutated(payload("dialog360", data.draw(st.sampled_from(webhooks("dialog360"))))))
    with contextlib.suppress(BadBody):
        for item in DIALOG.split(json.dumps(body).encode()):
            with contextlib.suppress(Unparsable):
                DIALOG.parse(item)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_odd_items_in_an_old_body_do_not_lose_the_other_messages(data):
    good = payload("dialog360", "legacy_onprem_text")
    body = {"messages": [data.draw(mutated(good["messages"][0])), good["messages"][0]], "contacts": good["contacts"]}
    parsed = []
    for item in DIALOG.split(json.dumps(body).encode()):
        with contextlib.suppress(Unparsable):
            parsed.append(getattr(DIALOG.parse(item), "text", ""))

    assert "Hello this is an answer" in parsed


def webhook(**headers: str) -> WebhookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(method="POST", url="https://desk.example/w", headers=named, body=b"{}")


@pytest.mark.parametrize("secret", ["new-secret", "old-secret"])
def test_both_secrets_are_accepted_during_rotation(secret):
    DIALOG.verify(webhook(x_webhook_secret=secret), SECRETS)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x_webhook_secret": ""},
        {"x_webhook_secret": "new-secret "},
        {"x_webhook_secret": "new-secre"},
        {"x_webhook_secret": "é"},
        {"authorization": "new-secret"},
        {"x_hub_signature_256": "sha256=355987e4b761ca7e92d27caf1496104f79fa0df951a35d79a854b1c2964030c0"},
    ],
)
def test_any_other_request_is_refused(headers):
    with pytest.raises(InvalidSignature):
        DIALOG.verify(webhook(**headers), SECRETS)


def test_without_a_secret_every_request_is_refused():
    with pytest.raises(MissingSecret):
        DIALOG.verify(webhook(x_webhook_secret=""), Credentials({"api_key": "k"}))


def test_a_sample_passes_verification_and_is_parsed():
    sample = DIALOG.sample_webhook(
        account=account("http://x"), url="https://desk.example/w", text="Hi", person="+15550100111", message_id="m-1"
    )
    DIALOG.verify(sample, SECRETS)
    [item] = DIALOG.split(sample.body)

    assert (item.external_id, item.channel, DIALOG.parse(item).text) == ("m-1", "106540352242922", "Hi")


@pytest.mark.parametrize(
    ("name", "recipient"), [("api_send_text_request", PHONE), ("api_send_text_bsuid_request", BSUID)]
)
def test_a_text_is_sent_as_captured(name, recipient, http):
    wanted = payload("dialog360", name)
    with local_server() as server:
        server.answer(200, payload("dialog360", "api_send_ok")["body"])
        sent = DIALOG.send(outbound(recipient=recipient), account(server.url), http)

    assert (server.last.method, server.last.path, server.last.body) == (
        wanted["method"],
        wanted["path"],
        wanted["body"],
    )
    assert server.last.headers["d360-api-key"] == "EXAMPLE-KEY"
    assert sent.external_id == "wamid.HBgLMTU1NTAxMDAxMTEVAgARGBQzQUUxM0M5NjQwNjg4MUYyNERCOQA="


def test_the_reference_is_sent_and_the_answer_may_lack_the_contacts(http):
    with local_server() as server:
        server.answer(200, {"messages": [{"id": "wamid.1"}]})
        sent = DIALOG.send(outbound(reference="r-1"), account(server.url), http)

    assert (server.last.body["biz_opaque_callback_data"], sent.external_id) == ("r-1", "wamid.1")


def said(words: str) -> dict[str, Any]:
    return {"meta": {"developer_message": words}}


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (403, payload("dialog360", "api_error_131056")["body"], ("retry", "131056", 4)),
        (400, payload("dialog360", "api_error_400_rate")["body"], ("retry", "400", 30, "whole_channel")),
        (401, payload("dialog360", "api_error_401_key")["body"], ("auth", "401", None)),
        (400, said("could not send due to lack of payment"), ("auth", "400", None)),
        (400, {"detail": "WhatsApp for Business API has been disabled"}, ("auth", "400", None)),
        (400, said("something else"), ("permanent", "400", None)),
        (403, {"error": "endpoint is blocked"}, ("permanent", "403", None)),
        (403, {"error": {"code": 130429}}, ("retry", "130429", 5, "whole_channel")),
        (404, b"<html>", ("permanent", "404", None)),
        (500, said("internal server error"), ("retry", "500", None)),
        (500, b"<html>", ("uncertain", "500", None)),
        (502, b"<html>", ("uncertain", "502", None)),
        (503, b"", ("uncertain", "503", None)),
        (504, said("x"), ("uncertain", "504", None)),
        (200, b"<html>", ("uncertain", "", None)),
        (200, said("ok"), ("uncertain", "", None)),
    ],
)
def test_each_answer_has_its_outcome(status, body, wanted, http):
    with local_server() as server:
        server.answer(status, body)
        with pytest.raises(ProviderError) as raised:
            DIALOG.send(outbound(), account(server.url), http)

    assert outcome(raised.value) == wanted


def test_no_connection_is_retried_and_no_answer_is_uncertain(http):
    with pytest.raises(ProviderError) as refused:
        DIALOG.send(outbound(), account(refusing_url()), http)
    with local_server() as server:
        server.hangs_up = True
        with pytest.raises(ProviderError) as silent:
            DIALOG.send(outbound(), account(server.url), http)

    assert (outcome(refused.value)[0], outcome(silent.value)[0]) == ("retry", "uncertain")


def test_typing_and_read_marks_are_one_call_each(http):
    with local_server() as server:
        server.answer(200, {"success": True})
        DIALOG.show_typing(conversation=PHONE, last_inbound="wamid.1", account=account(server.url), http=http)
        DIALOG.mark_read(conversation=PHONE, external_id="wamid.1", account=account(server.url), http=http)

    mark = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}
    assert [call.body for call in server.calls] == [mark | {"typing_indicator": {"type": "text"}}, mark]


def test_a_file_is_fetched_from_our_base_url_with_the_key(http):
    captured = payload("dialog360", "api_media_url")
    with local_server() as server:
        server.answer(200, captured["body"]).answer(200, b"bytes", content_type="image/png")
        media = Media(mime_type="image/jpeg", reference="1234567890123456")
        got = DIALOG.fetch_media(media=media, account=account(server.url), http=http, max_bytes=100)

    path = captured["rewrite_to"].removeprefix("https://waba-v2.360dialog.io")
    assert [call.path for call in server.calls] == ["/1234567890123456", path]
    assert {call.headers["d360-api-key"] for call in server.calls} == {"EXAMPLE-KEY"}
    assert (got.content, got.mime_type) == (b"bytes", "image/jpeg")


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://lookaside.fbsbx.com/a/b?c=d", "https://waba.example/a/b?c=d"),
        (".evil.example/x", "https://waba.example/.evil.example/x"),
        ("@evil.example/x", "https://waba.example/@evil.example/x"),
        ("https://x//evil.example/y", "https://waba.example/evil.example/y"),
        ("https://user:pass@evil.example:99/z#f", "https://waba.example/z"),
    ],
)
def test_the_key_is_sent_to_our_base_url_only(url, wanted):
    assert rewritten(url, account("https://waba.example")) == wanted


def test_the_webhook_is_registered_with_the_secret(http):
    wanted = payload("dialog360", "api_set_webhook_request")
    wanted["body"]["headers"] = {"X-Webhook-Secret": "new-secret"}
    with local_server() as server:
        server.answer(200, wanted["body"])
        DIALOG.register_webhook(url=wanted["body"]["url"], account=account(server.url), http=http)
        assert (server.last.path, server.last.body) == (wanted["path"], wanted["body"])
        assert DIALOG.check_account(account=account(server.url), http=http) == "open"
        assert (server.last.method, server.last.path) == ("GET", "/v1/configs/webhook")
        server.answers[:] = [(401, payload("dialog360", "api_error_401_key")["body"], {})]
        with pytest.raises(ProviderError) as raised:
            DIALOG.check_account(account=account(server.url), http=http)

    assert outcome(raised.value)[0] == "auth"
