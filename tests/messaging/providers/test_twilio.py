"""Twilio, webhooks: captured and odd forms, and all variants of the signature."""

from __future__ import annotations

import contextlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from messaging.providers.base import (
    Account,
    Address,
    AddressKind,
    BadBody,
    Credentials,
    Ignored,
    InvalidSignature,
    Kind,
    MissingSecret,
    Unparsable,
    WebhookRequest,
)
from messaging.providers.twilio import Twilio
from tests.messaging.providers.facts import expected, facts, payload, webhooks
from tests.messaging.providers.mutations import ODD

TWILIO = Twilio()
USUAL, EXPECTED = expected("twilio")
TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://frontdesk.example.test/webhooks/twilio/acme"
# The examples of the provider notes.
BODY = (
    b"AccountSid=AC00000000000000000000000000000000&ApiVersion=2010-04-01&Body=Yes%2C+approve+%E2%9C%85+"
    b"&From=whatsapp%3A%2B15550100111&MessageSid=SM11111111111111111111111111111111&NumMedia=0&ProfileName=Ana+Tavares"
    b"&SmsStatus=received&To=whatsapp%3A%2B15550100100&WaId=15550100111&ButtonPayload="
)
PLAIN, WITH_PORT = "Dce4V+/YW3LDrvF7bpOv8Phi2rM=", "8fuHaKc7DpTj4Bckq/eYA3IBGI0="
SHA256 = "xzAxs7LYj1UfSGZmjeyIpD2PR34ZXyBQn70JXgVzQWw="
SETTINGS = {"x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
JSON_BODY = '{"EventType":"onMessageAdded","Body":"olá"}'.encode()
JSON_URL = f"{URL}?bodySHA256=786c5a3354677df346c80833b1349df17d077b686bc5f9937f6f9013928236a9"
JSON_SIGNATURE = "XBf0C+9YrXkbxZizNPjwbW12yaM="
HELLO = "Hello from WhatsApp"
PACKED = "QmFubmVyIHRleHQgaW4gc2V2ZXJhbCBsaW5lcy4uLgo="
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def only(form: Any) -> Any:
    [item] = TWILIO.split(form if isinstance(form, bytes) else urlencode(form).encode())
    return TWILIO.parse(item)


def test_every_captured_body_has_its_expectation():
    assert sorted(EXPECTED) == webhooks("twilio")


@pytest.mark.parametrize("name", webhooks("twilio"))
def test_a_captured_body_is_parsed_as_expected(name):
    assert [facts(only(payload("twilio", name)), **USUAL)] == EXPECTED[name]


def test_items_are_named_by_sid_and_status():
    [message] = TWILIO.split(urlencode(payload("twilio", "wa_text")).encode())
    [status] = TWILIO.split(urlencode(payload("twilio", "status_read")).encode())

    assert (message.external_id, message.channel) == ("SM60c5590f72eef292f9545afc28bf63ca", "+15550100100")
    assert (status.external_id, status.channel) == ("SM6776128287ef2cb8ead79828e5b76f6e:read", "+15550100100")
    assert {message.account, status.account} == {"AC00000000000000000000000000000000"}


def test_the_reference_comes_from_the_query_that_the_view_adds():
    form = payload("twilio", "status_delivered") | {"_query": "m=msg-4711&x=1"}

    assert only(form).reference == "msg-4711"
    assert only(form | {"_query": ""}).reference == ""


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"MessageType": "reaction", "Body": "👍", "OriginalRepliedMessageSid": "SM1"}, (Kind.REACTION, "👍")),
        ({"MessageType": "order", "Body": ""}, (Kind.UNSUPPORTED, "")),
        ({"Latitude": "0.0", "Longitude": "0"}, (Kind.LOCATION, HELLO)),
        ({"Latitude": "north", "Longitude": "0"}, (Kind.TEXT, HELLO)),
        ({"NumMedia": "1", "MediaUrl0": "https://x", "MediaContentType0": "audio/mpeg"}, (Kind.AUDIO, HELLO)),
        ({"NumMedia": "9" * 50, "MediaUrl0": "https://x"}, (Kind.TEXT, HELLO)),
        ({"Body": PACKED}, (Kind.TEXT, PACKED)),
    ],
)  # fmt: skip
def test_other_kinds_are_parsed(changes, wanted):
    found = only(payload("twilio", "wa_text") | changes)

    assert (found.kind, found.text) == wanted


@pytest.mark.parametrize(
    "body", ["d41d8cd98f00b204e9800998ecf8427e", "AAAAAAAAAAAAAAAAAAAAAAAA", "Internationalisation1234"]
)
def test_a_text_that_only_looks_like_base64_is_unchanged(body):
    assert only(payload("twilio", "sms_text") | {"Body": body}).text == body


def test_a_bad_user_id_does_not_reject_the_message():
    found = only(payload("twilio", "wa_text") | {"ExternalUserId": "whatsapp:nonsense"})

    assert found.sender.addresses == (Address(AddressKind.PHONE, "+15550100111", "whatsapp:+15550100111"),)


@pytest.mark.parametrize("body", [b"", b"text", b"&&", b"\xff=1", b"[1]", b"{", b"{" * 99, b"&".join([b"a=1"] * 2001)])
def test_a_body_that_is_no_form_is_refused(body):
    with pytest.raises(BadBody):
        TWILIO.split(body)


def test_a_json_event_is_ignored():
    assert isinstance(only(JSON_BODY), Ignored)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_an_odd_form_is_parsed_or_unparsable(data):
    form = payload("twilio", data.draw(st.sampled_from(webhooks("twilio"))))
    for name in data.draw(st.lists(st.sampled_from(sorted(form)), max_size=4)):
        form.pop(name, None)
        if data.draw(st.booleans()):
            form[name] = str(data.draw(ODD)).encode("utf-8", "replace")
    with contextlib.suppress(BadBody):
        for item in TWILIO.split(urlencode(form).encode()):
            json.dumps(item.data, allow_nan=False).encode()
            assert len(item.external_id) <= 400
            with contextlib.suppress(Unparsable):
                TWILIO.parse(item)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(), ODD))
def test_an_odd_stored_item_is_parsed_or_unparsable(form):
    [item] = TWILIO.split(b"Body=x")
    with contextlib.suppress(Unparsable):
        TWILIO.parse(type(item)(external_id="x", channel="", data={"form": form, "query": form}))


def webhook(signature: str | None = PLAIN, **changes: Any) -> WebhookRequest:
    headers = {"content-type": FORM, **changes.pop("headers", {})}
    if signature is not None:
        headers["x-twilio-signature"] = signature
    return WebhookRequest(**{"method": "POST", "url": URL, "headers": headers, "body": BODY, **changes})


def passes(request: WebhookRequest, *tokens: str) -> bool:
    try:
        TWILIO.verify(request, Credentials({"auth_token": list(tokens or (TOKEN,))}))
    except InvalidSignature:
        return False
    return True


JSON = {"body": JSON_BODY, "headers": {"content-type": "application/json"}}
UPSTREAM = {
    "url": "https://mycompany.com/myapp.php?foo=1&bar=2",
    "body": b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
}


def test_every_example_of_the_provider_notes_is_accepted():
    assert passes(webhook())
    assert passes(webhook(), "new-token", TOKEN)
    assert passes(webhook(WITH_PORT))
    assert passes(webhook(PLAIN, url=URL.replace(".test/", ".test:443/")))
    assert passes(webhook(SHA256, headers=SETTINGS))
    assert passes(webhook(JSON_SIGNATURE, url=JSON_URL, **JSON))
    assert passes(webhook("RSOYDt4T1cUTdK1PDd93/VVr8B8=", **UPSTREAM), "12345")


@pytest.mark.parametrize(
    "request_",
    [
        webhook(None),
        webhook(""),
        webhook("é"),
        webhook(PLAIN[:-1]),
        webhook(SHA256),
        webhook(PLAIN, headers=SETTINGS),
        webhook(SHA256, headers={"x-twilio-webhooks-signature-settings": "algorithm=HMAC_MD5"}),
        webhook(url=URL.replace("https", "http")),
        webhook(url=URL + "/"),
        webhook(url=URL + "?a=b"),
        webhook(url="https://frontdesk.example.test:x/"),
        webhook(body=BODY.replace(b"%E2%9C%85+&", b"%E2%9C%85&")),
        webhook(body=BODY.removesuffix(b"&ButtonPayload=")),
        webhook(body=BODY + b"&New=1"),
        webhook(body=BODY + b"&Body=other"),
        webhook(body=b""),
        webhook(body=b"\xff"),
        webhook(method="GET"),
        webhook(JSON_SIGNATURE, url=JSON_URL, **(JSON | {"body": JSON_BODY + b" "})),
        webhook(JSON_SIGNATURE, url=JSON_URL, body=JSON_BODY),
        webhook(headers={"content-type": "application/json"}),
        webhook("RSOYDt4T1cUTdK1PDd93/VVr8B8=", **UPSTREAM),
    ],
)  # fmt: skip
def test_any_other_request_is_refused(request_):
    assert not passes(request_)


def test_a_json_body_whose_hash_is_not_in_the_url_is_refused():
    signature = RequestValidator(TOKEN).compute_signature(URL, {})

    assert not passes(webhook(signature, **JSON))


def test_repeated_and_empty_fields_are_signed_and_a_get_has_no_form():
    body = b"Body=b&Body=a&Body=b&Empty=&MessageSid=SM1"
    assert passes(
        webhook(RequestValidator(TOKEN).compute_signature(f"{URL}BodyaBodybEmptyMessageSidSM1", {}), body=body)
    )

    url = f"{URL}?{BODY.decode()}"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    assert passes(webhook(signature, method="GET", url=url, body=b""))
    assert not passes(webhook(signature, method="GET", url=url + "&New=1", body=b""))


def test_without_a_token_every_request_is_refused():
    with pytest.raises(MissingSecret):
        TWILIO.verify(webhook(), Credentials({"account_sid": "AC1"}))


def test_a_sample_passes_verification_and_is_parsed():
    secrets = Credentials({"account_sid": "AC1", "auth_token": TOKEN})
    sample = TWILIO.sample_webhook(
        account=Account(external_id="+15550100100", credentials=secrets, base_url="http://x"),
        url=URL, text="Hi ✅ +", person="+15550100111", message_id="SM1",
    )  # fmt: skip
    TWILIO.verify(sample, secrets)
    found = only(sample.body)

    assert (found.external_id, found.channel, found.text) == ("SM1", "+15550100100", "Hi ✅ +")


def test_the_answer_is_an_empty_document():
    assert TWILIO.answer().body == '<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert TWILIO.answer().content_type == "text/xml"
