"""iMessage: how webhooks are verified, and the calls to the bridge over real HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from common.http.client import Client
from messaging.providers import imessage
from messaging.providers.base import (
    Account,
    Address,
    AddressKind,
    Button,
    Credentials,
    InvalidSignature,
    Kind,
    MissingSecret,
    OutboundMessage,
    Outcome,
    ProviderError,
    WebhookRequest,
)
from messaging.providers.imessage import IMessage
from tests.messaging.providers.local_server import LocalServer, local_server, refusing_url

PAYLOADS = Path(__file__).parents[2] / "payloads" / "photon"
IMESSAGE = IMessage()
HTTP = Client(allow_private=True)
GUID = "2A6C0E6F-0000-4000-8000-00000000000"
ANA = Address(AddressKind.PHONE, "+15550100111", "+15550100111")
OWNER = Address(AddressKind.EMAIL, "owner@company.example", "owner@company.example")
# The example of the provider notes.
SECRET = "photon-webhook-secret-for-tests"
STAMP = 1767225600
BODY = b'{"event":"new-message","data":{"guid":"p:0/1A2B","text":"approve","isFromMe":false}}'
SIGNATURE = "v0=4afb56d2c4c8aa86c9981425d4e9b43e673c92b91ede9edee5652b65713ad8eb"


def load(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def posted(body: bytes = BODY, **headers: str) -> WebhookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(method="POST", url="https://desk.example.test/", headers=named, body=body)


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(imessage.time, "time", lambda: STAMP + 10.0)


@pytest.mark.parametrize("family", ["photon", "spectrum"])
@pytest.mark.parametrize("secrets", [SECRET, ["new", SECRET]])
def test_the_example_of_the_provider_notes_is_accepted(family, secrets, clock):
    headers = {f"x_{family}_signature": SIGNATURE, f"x_{family}_timestamp": str(STAMP)}

    IMESSAGE.verify(posted(**headers), Credentials({"webhook_secret": secrets}))


@pytest.mark.parametrize(
    "request_in",
    [
        posted(),
        posted(BODY + b" ", x_photon_signature=SIGNATURE, x_photon_timestamp=str(STAMP)),
        posted(x_photon_signature=SIGNATURE[3:], x_photon_timestamp=str(STAMP)),
        posted(x_photon_signature=SIGNATURE, x_photon_timestamp=str(STAMP + 1)),
        posted(x_photon_signature=SIGNATURE, x_photon_timestamp=f" {STAMP}"),
        posted(x_photon_signature=SIGNATURE),
        posted(x_photon_signature="", x_photon_timestamp=str(STAMP), x_webhook_secret=SECRET),
        posted(x_webhook_secret="wrong"),
        posted(x_webhook_secret="ħ"),
    ],
)
def test_any_other_request_is_refused(request_in, clock):
    with pytest.raises(InvalidSignature):
        IMESSAGE.verify(request_in, Credentials({"webhook_secret": SECRET}))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_stale_signature_is_refused(monkeypatch, seconds):
    monkeypatch.setattr(imessage.time, "time", lambda: float(STAMP + seconds))

    with pytest.raises(InvalidSignature, match="stale"):
        IMESSAGE.verify(
            posted(x_photon_signature=SIGNATURE, x_photon_timestamp=str(STAMP)), Credentials({"webhook_secret": SECRET})
        )


def test_the_kit_may_send_the_secret_itself():
    IMESSAGE.verify(posted(x_webhook_secret=SECRET), Credentials({"webhook_secret": SECRET}))


def test_a_channel_without_a_secret_raises_missing_secret():
    with pytest.raises(MissingSecret):
        IMESSAGE.verify(posted(x_webhook_secret=""), Credentials({"api_key": "x"}))


# Sending --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def server():
    with local_server() as running:
        yield running


def account(url: str, api_key: str = "EXAMPLE-TOKEN") -> Account:
    credentials = Credentials({"api_key": api_key, "webhook_secret": SECRET})
    return Account(external_id="desk@company.example", credentials=credentials, base_url=url)


def send(server: LocalServer, api_key: str = "EXAMPLE-TOKEN", **fields: Any) -> str:
    fields = {"recipient": OWNER, "reference": "cand_0001:ask:1", "text": "Hello", **fields}
    return IMESSAGE.send(OutboundMessage(**fields), account(server.url, api_key), HTTP).external_id


def answers(server: LocalServer, name: str) -> LocalServer:
    return server.answer(load(name)["http_status"], load(name)["body"])


def test_text_is_sent_in_the_format_of_the_bridge(server):
    wanted = load("api_send_request")

    assert send(answers(server, "api_send_ok"), text=wanted["body"]["text"]) == f"{GUID}2"
    assert (server.last.method, server.last.path, server.last.body) == ("POST", "/send", wanted["body"])
    assert {name: server.last.headers[name.lower()] for name in wanted["headers"]} == wanted["headers"]


def test_a_reply_with_choices_is_sent_to_a_phone_without_a_key(server):
    choices = (Button(payload="a", title="Yes"), Button(payload="b", title="No"))
    send(answers(server, "api_send_ok"), api_key="", recipient=ANA, text="Go?", buttons=choices, reply_to="G")

    assert server.last.body == {"to": "+15550100111", "text": "Go?\n\n1. Yes\n2. No", "replyTo": "G"}
    assert "authorization" not in server.last.headers


@pytest.mark.parametrize("data", [{"id": None}, {}, None])
def test_a_bridge_may_return_no_id(server, data):
    assert not send(server.answer(200, {"ok": True, "data": data}))


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        *((name, None, outcome) for name, outcome in [
            ("api_error_unauthorized", Outcome.AUTH),
            ("api_error_validation", Outcome.PERMANENT),
            ("api_error_upstream", Outcome.UNCERTAIN),
        ]),
        (200, {"ok": False, "error": {"code": "CONFIG_ERROR"}}, Outcome.PERMANENT),
        (200, b"<html>", Outcome.UNCERTAIN),
        (404, b"", Outcome.PERMANENT),
        (409, {"ok": False, "error": {"code": "DUPLICATE"}}, Outcome.RETRY),
        (429, {"ok": False, "error": {"code": "RATE_LIMITED"}}, Outcome.RETRY),
        (500, {"ok": False, "error": {"code": "INTERNAL_ERROR"}}, Outcome.UNCERTAIN),
    ],
)  # fmt: skip
def test_refusals_have_their_outcomes(server, status, body, outcome):
    if isinstance(status, str):
        answers(server, status)
    else:
        server.answer(status, body, retry_after="7")
    with pytest.raises(ProviderError) as error:
        send(server)

    assert error.value.outcome == outcome
    assert (error.value.retry_after, error.value.whole_channel) in {(None, False), (7.0, status == 429), (5.0, False)}


def test_only_text_is_sent(server):
    with pytest.raises(ProviderError):
        send(answers(server, "api_send_ok"), kind=Kind.IMAGE, media_url="https://desk.example.test/a.png")
    assert server.calls == []


def test_the_bridge_is_asked_for_its_health(server):
    assert IMESSAGE.check_account(account=account(answers(server, "api_health").url), http=HTTP) == "open"
    assert server.last.path == "/health"


def test_a_bridge_that_is_down_is_tried_again():
    with pytest.raises(ProviderError) as error:
        IMESSAGE.check_account(account=account(refusing_url()), http=HTTP)
    assert error.value.outcome == Outcome.RETRY
