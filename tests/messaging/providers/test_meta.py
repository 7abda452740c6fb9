"""Meta, webhooks: captured and odd bodies, the signature, the handshake."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.providers.base import (
    Account,
    Address,
    AddressKind,
    BadBody,
    Credentials,
    Ignored,
    InboundMessage,
    InvalidSignature,
    Kind,
    MissingSecret,
    Unparsable,
    WebhookRequest,
)
from messaging.providers.meta import Meta, handshake
from tests.messaging.providers.facts import expected, facts, payload, webhooks
from tests.messaging.providers.mutations import mutated

META = Meta()
USUAL, EXPECTED = expected("meta")
SECRET = "meta-app-secret-0123456789abcdef"
# The example of the provider notes. The backslashes are part of the body.
VECTOR = (
    rb'{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":'
    rb'"whatsapp","metadata":{"display_phone_number":"15550100100","phone_number_id":"106540352242922"},"contacts":'
    rb'[{"profile":{"name":"Ana Tavares"},"wa_id":"15550100111"}],"messages":[{"from":"15550100111","id":"wamid.TEST1",'
    rb'"timestamp":"1767225600","text":{"body":"Ol\u00e1 \ud83d\ude00 https:\/\/example.test a@b"},"type":"text"}]},'
    rb'"field":"messages"}]}]}'
)
SIGNATURE = "sha256=355987e4b761ca7e92d27caf1496104f79fa0df951a35d79a854b1c2964030c0"
PHONE = Address(AddressKind.PHONE, "+15550100111", "15550100111")
BSUID = Address(AddressKind.BSUID, "US.13491208655302741918", "US.13491208655302741918")
WAMID = "wamid.HBgLMTU1NTAxMDAxMTEVAgASGBQzQTk4MkQ5RTNFQjk5NkY1NTlFNgA="
SENT = "wamid.HBgLMTU1NTAxMDAxMTEVAgARGBQzQURFOEY1OTY2MTU3MjA0NEU4MQA="


def account(base_url: str) -> Account:
    secrets = {"access_token": "token-1", "app_secret": SECRET, "waba_id": "102", "verify_token": "verify-1"}
    return Account(external_id="106540352242922", credentials=Credentials(secrets), base_url=base_url, version="v21.0")


def test_every_captured_body_has_its_expectation():
    assert sorted(EXPECTED) == webhooks("meta")


@pytest.mark.parametrize("name", webhooks("meta"))
def test_a_captured_body_is_parsed_as_expected(name):
    items = META.split(json.dumps(payload("meta", name)).encode())

    assert [facts(META.parse(item), **USUAL) for item in items] == EXPECTED[name]


def test_items_are_named_by_message_and_status():
    items = META.split(json.dumps(payload("meta", "batch_mixed_entries")).encode())
    found = payload("meta", "batch_mixed_entries")["entry"]
    wamid = found[0]["changes"][0]["value"]["messages"][0]["id"]
    statuses = found[0]["changes"][1]["value"]["statuses"]

    assert [item.external_id for item in items[:3]] == [
        wamid,
        f"{statuses[0]['id']}:delivered",
        f"{statuses[1]['id']}:read",
    ]
    assert {(item.channel, item.account) for item in items} == {
        ("106540352242922", "102290129340398"),
        ("106540352242933", "102290129340404"),
    }
    assert META.channels_named(json.dumps(payload("meta", "batch_mixed_entries")).encode()) == {
        "106540352242922",
        "106540352242933",
    }


def test_a_piece_without_id_has_the_same_name_each_time():
    body = json.dumps(payload("meta", "template_status_approved")).encode()
    other = json.dumps(payload("meta", "template_status_rejected")).encode()

    assert META.split(body)[0].external_id == META.split(body)[0].external_id != META.split(other)[0].external_id


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b'"x"', b"\xff", b'{"a":' * 70 + b"1" + b"}" * 70, b'{"a":[' + b"1," * 20_000 + b"1]}"],
    ids=["empty", "text", "list", "string", "bytes", "deep", "many"],
)  # fmt: skip
def test_a_body_that_is_not_metas_is_refused(body):
    with pytest.raises(BadBody):
        META.split(body)


@pytest.mark.parametrize("product", ["page", "instagram", "user", None, 7])
def test_other_products_of_meta_are_ignored(product):
    [item] = META.split(json.dumps({"object": product, "entry": [{"id": "1", "changes": []}]}).encode())

    assert isinstance(META.parse(item), Ignored)


def test_broken_pieces_fail_alone():
    body = payload("meta", "text")
    good = body["entry"][0]
    change = good["changes"][0]
    body["entry"] = [
        None,
        7,
        {"id": "1"},
        {"id": "2", "changes": "x"},
        {"id": "3", "changes": [None, {"value": 1}]},
        good,
    ]
    change["value"]["messages"] = ["text", {"id": "no sender", "type": "text"}, change["value"]["messages"][0]]
    parsed, dead = [], []
    for item in META.split(json.dumps(body).encode()):
        try:
            parsed.append(META.parse(item))
        except Unparsable as error:
            dead.append(str(error))

    assert [item.text for item in parsed] == ["Hello, do you have an appointment tomorrow at 10?"]
    assert len(dead) == 8


def test_an_interactive_message_without_content_has_the_errors_of_its_change():
    body = payload("meta", "interactive_button_reply")
    value = body["entry"][0]["changes"][0]["value"]
    del value["messages"][0]["interactive"]
    value["errors"] = [{"code": 131060, "title": "Unavailable"}]
    message, notice = [META.parse(item) for item in META.split(json.dumps(body).encode())]

    assert message.kind is Kind.UNSUPPORTED
    assert message.data["errors"] == [{"code": "131060", "title": "Unavailable", "details": ""}]
    assert notice.state == "131060"


def test_an_unknown_type_is_unsupported_and_milliseconds_are_understood():
    body = payload("meta", "text")
    message = body["entry"][0]["changes"][0]["value"]["messages"][0]
    message |= {"type": "hologram", "hologram": {"id": "1"}, "timestamp": "1767225637000"}
    [item] = META.split(json.dumps(body).encode())
    found = META.parse(item)

    assert (found.kind, found.data) == (Kind.UNSUPPORTED, {"type": "hologram", "errors": [], "content": {"id": "1"}})
    assert found.sent_at.timestamp() == 1767225637


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_odd_values_do_not_lose_the_other_messages(data):
    """One entry of the body is odd. The message in the other entry must be parsed as usual."""
    name = data.draw(st.sampled_from([each for each in webhooks("meta") if not each.startswith("batch")]))
    odd = data.draw(mutated(payload("meta", name)["entry"][0]))
    good = payload("meta", "text")["entry"][0]
    body = {"object": "whatsapp_business_account", "entry": [odd, good]}
    parsed = []
    for item in META.split(json.dumps(body).encode()):
        json.dumps(item.data, allow_nan=False).encode()
        with contextlib.suppress(Unparsable):
            parsed.append(META.parse(item))

    assert "Hello, do you have an appointment tomorrow at 10?" in [getattr(item, "text", "") for item in parsed]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_odd_bodies_are_bad_bodies_at_worst(data):
    body = data.draw(mutated(payload("meta", data.draw(st.sampled_from(webhooks("meta"))))))
    with contextlib.suppress(BadBody):
        for item in META.split(json.dumps(body).encode()):
            assert len(item.external_id) <= 400
            with contextlib.suppress(Unparsable):
                META.parse(item)


def webhook(body: bytes, signature: str | None) -> WebhookRequest:
    headers = {} if signature is None else {"x-hub-signature-256": signature}
    return WebhookRequest(method="POST", url="https://desk.example/webhook", headers=headers, body=body)


def test_the_example_of_the_provider_notes_is_accepted_also_during_rotation():
    META.verify(webhook(VECTOR, SIGNATURE), Credentials({"app_secret": SECRET}))
    META.verify(webhook(VECTOR, SIGNATURE), Credentials({"app_secret": ["new-secret", SECRET]}))


@pytest.mark.parametrize(
    ("body", "signature"),
    [
        (VECTOR, None),
        (VECTOR, ""),
        (VECTOR, SIGNATURE.removeprefix("sha256=")),
        (VECTOR, SIGNATURE.upper()),
        (VECTOR, SIGNATURE[:-1]),
        (VECTOR, SIGNATURE + "0"),
        (VECTOR, "sha256=é" + SIGNATURE[8:]),
        (VECTOR, "sha1=" + SIGNATURE[7:]),
        (VECTOR + b"\n", SIGNATURE),
        (json.dumps(json.loads(VECTOR)).encode(), SIGNATURE),
        (json.dumps(json.loads(VECTOR), ensure_ascii=False, separators=(",", ":")).encode(), SIGNATURE),
    ],
)
def test_any_other_request_is_refused(body, signature):
    with pytest.raises(InvalidSignature):
        META.verify(webhook(body, signature), Credentials({"app_secret": SECRET}))


def test_without_a_secret_every_request_is_refused():
    with pytest.raises(MissingSecret):
        META.verify(webhook(VECTOR, SIGNATURE), Credentials({"verify_token": SECRET}))


def test_the_handshake_answers_the_challenge_to_the_right_token_only():
    query = payload("meta", "verify_request_query")["query"]

    assert handshake(query, ["other", "frontdesk-verify-token"]) == "1158201444"
    assert handshake(query, ["other", ""]) is None
    assert handshake(query, []) is None
    assert handshake(query | {"hub.mode": "unsubscribe"}, ["frontdesk-verify-token"]) is None
    assert handshake({**query, "hub.verify_token": ""}, [""]) is None


def test_a_sample_passes_verification_and_is_parsed():
    sample = META.sample_webhook(
        account=account("http://x"), url="https://desk.example/w", text="Hi", person="+15550100111", message_id="m-1"
    )
    META.verify(sample, Credentials({"app_secret": SECRET}))
    [item] = META.split(sample.body)
    found = META.parse(item)

    assert isinstance(found, InboundMessage)
    assert (found.external_id, found.channel, found.text, found.sender.addresses) == (
        "m-1",
        "106540352242922",
        "Hi",
        (PHONE,),
    )


def test_a_message_in_a_group_names_the_group_and_the_writer():
    body = payload("meta", "text_group")
    [item] = META.split(json.dumps(body).encode())
    found = META.parse(item)

    assert (found.group.kind, found.sender.addresses) == (AddressKind.GROUP, (PHONE,))
