"""Meta, calls: the requests that we make and the meaning of the answers, with a real local server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

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
from messaging.providers.meta import Meta
from tests.messaging.providers.facts import outcome, payload
from tests.messaging.providers.local_server import LocalServer, local_server, refusing_url

META = Meta()
PHONE = Address(AddressKind.PHONE, "+15550100111", "15550100111")
BSUID = Address(AddressKind.BSUID, "US.13491208655302741918", "US.13491208655302741918")
WAMID = "wamid.HBgLMTU1NTAxMDAxMTEVAgASGBQzQTk4MkQ5RTNFQjk5NkY1NTlFNgA="
SENT = "wamid.HBgLMTU1NTAxMDAxMTEVAgARGBQzQURFOEY1OTY2MTU3MjA0NEU4MQA="


def account(base_url: str) -> Account:
    secrets = {"access_token": "token-1", "app_secret": "app-secret-1", "waba_id": "102", "verify_token": "verify-1"}
    return Account(external_id="106540352242922", credentials=Credentials(secrets), base_url=base_url, version="v21.0")


def outbound(**fields: Any) -> OutboundMessage:
    return OutboundMessage(**{"recipient": PHONE, "reference": "", "text": "Hello", **fields})


@pytest.fixture
def server():
    with local_server() as running:
        yield running.answer(200, payload("meta", "api_send_response"))


@pytest.fixture(scope="module")
def http():
    client = Client(allow_private=True)
    yield client
    client.close()


def sent_body(message: OutboundMessage, server: LocalServer, http: Client) -> Any:
    META.send(message, account(server.url), http)
    return server.last.body


def test_a_text_is_sent_as_captured(server, http):
    wanted = payload("meta", "api_send_text_request")
    message = outbound(
        text=wanted["text"]["body"], reply_to=WAMID, reference="frontdesk:msg:01JGEXAMPLE0000000000000000"
    )
    sent = META.send(message, account(server.url), http)

    assert server.last.body == wanted
    assert (server.last.method, server.last.path) == ("POST", "/v21.0/106540352242922/messages")
    assert server.last.headers["authorization"] == "Bearer token-1"
    assert (sent.external_id, sent.data) == (SENT, {"wa_id": "15550100111"})


def test_other_kinds_are_sent_as_captured(server, http):
    wanted = payload("meta", "api_send_text_bsuid_request")
    wanted["text"]["preview_url"] = False
    assert sent_body(outbound(recipient=BSUID), server, http) == wanted

    wanted = payload("meta", "api_send_reaction_request")
    assert sent_body(outbound(kind=Kind.REACTION, text="👍", reply_to=WAMID), server, http) == wanted

    wanted = payload("meta", "api_send_media_request")
    wanted["document"]["link"] = wanted["document"].pop("id").replace("1234567890123456", "https://f.example/i.pdf")
    file = {"media_url": "https://f.example/i.pdf", "file_name": "invoice.pdf", "text": "Your invoice"}
    assert sent_body(outbound(kind=Kind.DOCUMENT, **file), server, http) == wanted

    wanted = payload("meta", "api_send_template_request")
    wanted["template"]["components"] = [wanted["template"]["components"][1]]  # headers and buttons are not in use
    template = Template(name="appointment_reminder", language="en_US", variables=("Ana", "5 January 10:00"))
    assert sent_body(outbound(kind=Kind.TEMPLATE, template=template), server, http) == wanted

    wanted = payload("meta", "api_send_interactive_buttons_request")
    del wanted["interactive"]["header"], wanted["interactive"]["footer"]
    buttons = (Button(payload="approve:cand_0001", title="Approve"), Button(payload="reject:cand_0001", title="Reject"))
    assert sent_body(outbound(text="Publish this post?", buttons=buttons), server, http) == wanted


def test_many_buttons_become_a_list_and_too_many_become_numbers(server, http):
    buttons = tuple(Button(payload=f"p{number}", title=f"Choice {number} " + "x" * 20) for number in range(11))
    interactive = sent_body(outbound(buttons=buttons[:4]), server, http)["interactive"]
    rows = interactive["action"]["sections"][0]["rows"]
    assert [row["id"] for row in rows] == ["p0", "p1", "p2", "p3"]
    assert rows[0]["title"] == "Choice 0 xxxxxxxxxxxxxx…"

    assert sent_body(outbound(buttons=buttons), server, http)["text"]["body"].startswith("Hello\n\n1. Choice 0")
    assert sent_body(outbound(text="x" * 1025, buttons=buttons[:1]), server, http)["type"] == "text"


@pytest.mark.parametrize(
    ("name", "expected_outcome"),
    [
        ("api_error_100_parameter", ("permanent", "100", None)),
        ("api_error_130429_rate_limit", ("retry", "130429", 5, "whole_channel")),
        ("api_error_131000_transient", ("retry", "131000", None)),
        ("api_error_131047_window", ("permanent", "131047", None, "closes_window")),
        ("api_error_131056_pair_rate", ("retry", "131056", 4)),
        ("api_error_132001_template", ("permanent", "132001", None)),
        ("api_error_190_token", ("auth", "190", None)),
        ("api_error_2_temporary", ("retry", "2", None)),
        ("api_error_4_app_limit", ("retry", "4", 300, "whole_channel")),
        ("api_error_80007_waba_limit", ("retry", "80007", 300, "whole_channel")),
    ],
)
def test_a_captured_error_has_its_outcome(name, expected_outcome, http):
    captured = payload("meta", name)
    with local_server() as server:
        server.answer(captured["http_status"], captured["body"])
        with pytest.raises(ProviderError) as raised:
            META.send(outbound(), account(server.url), http)

    assert outcome(raised.value) == expected_outcome
    assert captured["body"]["error"]["message"] not in raised.value.reason


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected_outcome"),
    [
        (200, {}, {}, ("uncertain", "", None)),
        (200, b"<html>", {}, ("uncertain", "", None)),
        (200, {"messages": [{"id": ""}]}, {}, ("uncertain", "", None)),
        (200, {"messages": "x"}, {}, ("uncertain", "", None)),
        (500, b"<html>", {}, ("uncertain", "500", None)),
        (502, b"", {}, ("uncertain", "502", None)),
        (504, b"", {}, ("uncertain", "504", None)),
        (503, b"", {"retry_after": "7"}, ("retry", "503", 7.0)),
        (429, b"", {"retry_after": "x"}, ("retry", "429", None, "whole_channel")),
        (401, b"", {}, ("auth", "401", None)),
        (400, b"<html>", {}, ("permanent", "400", None)),
        (302, b"", {"location": "/elsewhere"}, ("permanent", "302", None)),
        (500, {"error": {"code": 99999}}, {}, ("retry", "99999", None)),
        (400, {"error": {"code": 99999, "is_transient": True}}, {}, ("retry", "99999", None)),
        (400, {"error": {"code": 131050}}, {}, ("permanent", "131050", None, "opted_out")),
        (400, {"error": {"code": 217}}, {}, ("auth", "217", None)),
        (400, {"error": "text"}, {}, ("permanent", "400", None)),
        (400, {"error": {"code": 80007}},
         {"x_business_use_case_usage": '{"102":[{"estimated_time_to_regain_access":3}]}'},
         ("retry", "80007", 180.0, "whole_channel")),
    ],
)  # fmt: skip
def test_odd_answers_never_count_as_sent(status, body, headers, expected_outcome, http):
    with local_server() as server:
        server.answer(status, body, **headers)
        with pytest.raises(ProviderError) as raised:
            META.send(outbound(), account(server.url), http)

    assert outcome(raised.value) == expected_outcome


def test_no_connection_is_retried_and_no_answer_is_uncertain(server, http):
    with pytest.raises(ProviderError) as refused:
        META.send(outbound(), account(refusing_url()), http)
    server.hangs_up = True
    with pytest.raises(ProviderError) as silent:
        META.send(outbound(), account(server.url), http)

    assert (outcome(refused.value)[0], outcome(silent.value)[0]) == ("retry", "uncertain")


@pytest.mark.parametrize("fields", [
    {"kind": Kind.POLL}, {"kind": Kind.IMAGE}, {"kind": Kind.TEMPLATE},
    {"recipient": Address(AddressKind.EMAIL, "a@b.example", "a@b.example")},
])  # fmt: skip
def test_a_message_that_cannot_be_sent_is_refused_before_the_call(fields, server, http):
    with pytest.raises(ProviderError) as raised:
        META.send(outbound(**fields), account(server.url), http)

    assert (outcome(raised.value)[0], server.calls) == ("permanent", [])


def test_typing_and_read_marks_are_one_call_each(http):
    with local_server() as server:
        server.answer(200, payload("meta", "api_mark_read_response"))
        META.show_typing(conversation=PHONE, last_inbound=WAMID, account=account(server.url), http=http)
        META.mark_read(conversation=PHONE, external_id=WAMID, account=account(server.url), http=http)
        wanted = payload("meta", "api_mark_read_typing_request")
        assert [call.body for call in server.calls] == [
            wanted,
            {k: v for k, v in wanted.items() if k != "typing_indicator"},
        ]

        META.show_typing(conversation=PHONE, last_inbound="", account=account(server.url), http=http)
        assert len(server.calls) == 2


def test_a_file_is_fetched_in_two_steps_with_the_token(http):
    with local_server() as server:
        server.answer(200, payload("meta", "api_media_url_response_openapi") | {"url": f"{server.url}/file?mid=1"})
        server.answer(302, b"", location="/moved").answer(200, b"\x89PNG", content_type="image/png")
        media = Media(mime_type="", reference="2621233374848975", file_name="a.png")
        got = META.fetch_media(media=media, account=account(server.url), http=http, max_bytes=100)

    assert [call.path for call in server.calls] == [
        "/v21.0/2621233374848975?phone_number_id=106540352242922",
        "/file?mid=1",
        "/moved",
    ]
    assert {call.headers["authorization"] for call in server.calls} == {"Bearer token-1"}
    assert (got.content, got.mime_type, got.file_name) == (b"\x89PNG", "image/jpeg", "a.png")


def test_the_token_is_sent_to_metas_hosts_only(http):
    with local_server() as server, local_server() as strange:
        server.answer(200, {"url": strange.url.replace("127.0.0.1", "127.0.0.2") + "/file"})
        media = Media(mime_type="image/png", reference="1")
        with pytest.raises(ProviderError):
            META.fetch_media(media=media, account=account(server.url), http=http, max_bytes=100)
        strange.answer(200, b"x")
        here = replace(account(server.url), base_url=server.url.replace("127.0.0.1", "localhost"))
        server.answers[:] = [(200, {"url": f"{strange.url}/file"}, {})]
        META.fetch_media(media=media, account=here, http=http, max_bytes=100)

    assert "authorization" not in strange.last.headers


@pytest.mark.parametrize(
    ("answers", "limit", "wanted"),
    [
        ([(400, {"error": {"code": 100}})], 100, "permanent"),
        ([(200, {"url": ""})], 100, "permanent"),
        ([(200, None), (404, b"gone")], 100, "retry"),
        ([(200, None), (410, b"gone")], 100, "permanent"),
        ([(200, None), (200, b"x" * 101)], 100, "permanent"),
        ([(503, b"")], 100, "retry"),
    ],
)
def test_a_file_that_cannot_be_fetched_has_its_outcome(answers, limit, wanted, http):
    media = Media(mime_type="image/png", reference="1")
    with local_server() as server:
        for status, body in answers:
            server.answer(status, {"url": f"{server.url}/f"} if body is None else body)
        with pytest.raises(ProviderError) as raised:
            META.fetch_media(media=media, account=account(server.url), http=http, max_bytes=limit)

    assert outcome(raised.value)[0] == wanted


def test_the_webhook_is_registered_and_the_number_is_checked(http):
    with local_server() as server:
        server.answer(200, {"success": True}).answer(200, {"id": "106540352242922"})
        META.register_webhook(url="https://desk.example/w", account=account(server.url), http=http)
        assert (server.last.path, server.last.body) == (
            "/v21.0/102/subscribed_apps",
            {"override_callback_uri": "https://desk.example/w", "verify_token": "verify-1"},
        )
        assert META.check_account(account=account(server.url), http=http) == "open"
        bare = replace(account(server.url), credentials=Credentials({"access_token": "t"}))
        with pytest.raises(ProviderError):
            META.register_webhook(url="https://desk.example/w", account=bare, http=http)
