"""Evolution, calls: the requests that we make and the meaning of the answers, over real HTTP."""

from __future__ import annotations

import base64
import json
from pathlib import Path
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
    Outcome,
    ProviderError,
)
from messaging.providers.evolution import Evolution
from tests.messaging.providers.evolution_expected import GROUP, LID, PHONE, PNG
from tests.messaging.providers.local_server import LocalServer, local_server, refusing_url

PAYLOADS = Path(__file__).parents[2] / "payloads" / "evolution"
EVOLUTION = Evolution()
HTTP = Client(allow_private=True)
SECRETS = Credentials({"api_key": "INSTANCE-TOKEN-EXAMPLE", "webhook_secret": ["hush-hush", "older"]})
ANA_DIGITS = Address(AddressKind.PHONE, "+15550100111", "15550100111")


@pytest.fixture
def server():
    with local_server() as running:
        yield running


def load(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def answers(server: LocalServer, *names: str) -> Account:
    """Make the server give these captured answers, one after the other."""
    for name in names:
        server.answer(load(name)["http_status"], load(name)["body"])
    return Account(external_id="clinic-demo", credentials=SECRETS, base_url=server.url)


def outbound(**fields: Any) -> OutboundMessage:
    return OutboundMessage(**{"recipient": ANA_DIGITS, "reference": "m-1", "text": "Hello", **fields})


# Sending --------------------------------------------------------------------------------------------------------------


def test_text_is_sent_in_the_format_of_the_server(server):
    wanted = load("api_send_text_request")
    message = outbound(text=wanted["body"]["text"], reply_to=wanted["body"]["quoted"]["key"]["id"])
    sent = EVOLUTION.send(message, answers(server, "api_send_text_created"), HTTP)

    assert sent.external_id == "3EB05DD80892943653DB3A"
    assert (server.last.method, server.last.path) == (wanted["method"], wanted["path"])
    assert server.last.headers["apikey"] == wanted["headers"]["apikey"]
    assert server.last.body == {name: value for name, value in wanted["body"].items() if name != "delay"}


PICTURE = {"media_url": "https://desk.example.test/a.png", "mime_type": "image/png", "file_name": "a.png"}


@pytest.mark.parametrize(
    ("message", "path", "body"),
    [
        (
            outbound(text="Which?", buttons=(Button(payload="a", title="Monday"), Button(payload="b", title="Friday"))),
            "sendText",
            {"number": "15550100111", "text": "Which?\n\n1. Monday\n2. Friday", "linkPreview": False},
        ),
        (outbound(recipient=LID), "sendText", {"number": LID.value, "text": "Hello", "linkPreview": False}),
        (outbound(recipient=GROUP), "sendText", {"number": GROUP.value, "text": "Hello", "linkPreview": False}),
        (
            outbound(kind=Kind.IMAGE, reply_to="Q", **PICTURE),
            "sendMedia",
            {
                "number": "15550100111",
                "mediatype": "image",
                "media": PICTURE["media_url"],
                "mimetype": "image/png",
                "fileName": "a.png",
                "caption": "Hello",
                "quoted": {"key": {"id": "Q"}},
            },
        ),
        (
            outbound(kind=Kind.VOICE, text="", media_url="https://desk.example.test/a.ogg"),
            "sendWhatsAppAudio",
            {"number": "15550100111", "audio": "https://desk.example.test/a.ogg"},
        ),
        (
            outbound(kind=Kind.REACTION, text="👍", reply_to="Q"),
            "sendReaction",
            {"key": {"id": "Q", "remoteJid": "15550100111@s.whatsapp.net", "fromMe": False}, "reaction": "👍"},
        ),
    ],
)
def test_other_kinds_are_sent_in_the_format_of_the_server(server, message, path, body):
    EVOLUTION.send(message, answers(server, "api_send_text_created"), HTTP)

    assert (server.last.path, server.last.body) == (f"/message/{path}/clinic-demo", body)


@pytest.mark.parametrize("kind", [Kind.TEMPLATE, Kind.LOCATION, Kind.CONTACTS, Kind.POLL])
def test_a_kind_that_cannot_be_sent_is_refused_before_the_call(server, kind):
    with pytest.raises(ProviderError) as error:
        EVOLUTION.send(outbound(kind=kind), answers(server, "api_send_text_created"), HTTP)

    assert (error.value.outcome, server.calls) == (Outcome.PERMANENT, [])


REFUSALS = {
    "api_send_text_not_on_whatsapp": (Outcome.PERMANENT, "400 not on WhatsApp", False),
    "api_send_text_invalid_body": (Outcome.PERMANENT, "400", False),
    "api_send_text_internal_type_error": (Outcome.RETRY, "400 session", True),
    "api_unauthorized": (Outcome.AUTH, "401", False),
    "api_instance_not_found": (Outcome.AUTH, "404 instance", False),
    "api_name_in_use": (Outcome.PERMANENT, "403", False),
    "api_license_required": (Outcome.AUTH, "LICENSE_REQUIRED", False),
}


def refusal(server: LocalServer, message: OutboundMessage | None = None) -> ProviderError:
    account = Account(external_id="clinic-demo", credentials=SECRETS, base_url=server.url)
    with pytest.raises(ProviderError) as error:
        EVOLUTION.send(message or outbound(), account, HTTP)
    return error.value


@pytest.mark.parametrize("name", REFUSALS)
def test_captured_refusals_have_their_outcomes(server, name):
    answers(server, name)
    error = refusal(server)

    assert (error.outcome, error.code, error.whole_channel) == REFUSALS[name]
    assert "15550100199" not in error.reason


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, {"response": {"message": ["Error: Connection Closed"]}}, Outcome.RETRY),
        (400, {"response": {"message": "Timed Out"}}, Outcome.RETRY),
        (404, {"response": {"message": ["Cannot PUT /message/sendText"]}}, Outcome.PERMANENT),
        (500, {"response": {"message": "x"}}, Outcome.UNCERTAIN),
        (502, b"<html>", Outcome.UNCERTAIN),
        (503, b"", Outcome.UNCERTAIN),
        (504, [], Outcome.UNCERTAIN),
        (201, b"not json", Outcome.UNCERTAIN),
        (201, {"key": None}, Outcome.UNCERTAIN),
        (200, b"[" * 100_000, Outcome.UNCERTAIN),
        (302, b"", Outcome.PERMANENT),
    ],
)
def test_other_answers_have_their_outcomes(server, status, body, outcome):
    server.answer(status, body)

    assert refusal(server).outcome == outcome


def test_too_many_requests_hold_the_whole_channel(server):
    server.answer(429, {}, retry_after="7")
    error = refusal(server)

    assert (error.outcome, error.retry_after, error.whole_channel) == (Outcome.RETRY, 7.0, True)


# Typing, read marks and files -----------------------------------------------------------------------------------------


def test_typing_and_read_marks_are_sent(server):
    account = answers(server, "api_connection_state")
    EVOLUTION.show_typing(conversation=PHONE, last_inbound="X", account=account, http=HTTP)
    EVOLUTION.mark_read(conversation=PHONE, external_id="X", account=account, http=HTTP)
    EVOLUTION.mark_read(conversation=LID, external_id="X", account=account, http=HTTP)

    assert [(call.path, call.body) for call in server.calls] == [
        ("/chat/sendPresence/clinic-demo", {"number": PHONE.external_id, "delay": 1500, "presence": "composing"}),
        (
            "/chat/markMessageAsRead/clinic-demo",
            {"readMessages": [{"id": "X", "remoteJid": PHONE.external_id, "fromMe": False}]},
        ),
    ]


def fetch(account: Account, max_bytes: int = 1000, **media: Any) -> Any:
    file = Media(mime_type="image/png", reference="3A00", **media)
    return EVOLUTION.fetch_media(media=file, account=account, http=HTTP, max_bytes=max_bytes)


def test_a_file_inside_the_webhook_needs_no_call(server):
    assert fetch(answers(server, "api_get_base64"), inline_base64=PNG).content == base64.b64decode(PNG)
    assert server.calls == []


def test_a_file_in_the_object_store_is_fetched_without_our_key(server):
    account = answers(server)
    server.answer(200, b"file", content_type="image/png")

    assert fetch(account, url=f"{server.url}/stored.png").content == b"file"
    assert "apikey" not in server.last.headers


def test_a_file_is_fetched_from_the_server(server):
    found = fetch(answers(server, "api_get_base64"))

    assert (found.content, found.mime_type) == (base64.b64decode(PNG), "image/png")
    assert found.file_name == "3A00000000000000000000.png"
    assert server.last.path == "/chat/getBase64FromMediaMessage/clinic-demo"
    assert server.last.body == {"message": {"key": {"id": "3A00"}}, "convertToMp4": False}


def test_an_expired_link_falls_back_to_the_server(server):
    server.answer(403, b"expired")

    assert fetch(answers(server, "api_get_base64"), url=f"{server.url}/stored.png").content == base64.b64decode(PNG)


@pytest.mark.parametrize("media", [{"inline_base64": PNG}, {"inline_base64": "!"}, {}])
def test_files_too_large_or_broken_are_refused(server, media):
    with pytest.raises(ProviderError):
        fetch(answers(server, "api_get_base64"), max_bytes=10, **media)


# Setting up -----------------------------------------------------------------------------------------------------------


def register(account: Account) -> str:
    return EVOLUTION.register_webhook(url="https://desk.example.test/w", account=account, http=HTTP)


def test_the_webhook_is_set_nested_with_the_secret_as_a_header(server):
    register(answers(server, "api_webhook_set_created"))
    wanted = load("api_webhook_set_request")["body"]["webhook"]
    [call] = server.calls
    found = call.body["webhook"]

    assert call.path == "/webhook/set/clinic-demo"
    assert found.keys() == wanted.keys()
    assert found["headers"] == {"X-Webhook-Secret": "hush-hush"}
    assert (found["enabled"], found["byEvents"], found["base64"]) == (True, False, True)
    assert set(wanted["events"]) < set(found["events"])


def test_a_version_1_server_gets_the_flat_webhook_body(server):
    server.answer(400, {"status": 400, "response": {"message": [['instance requires property "url"']]}})
    server.answer(400, {"status": 400, "response": {"message": [['instance requires property "url"']]}})
    said = register(answers(server, "api_webhook_set_created"))

    assert server.last.body.keys() == load("api_webhook_set_request_v1")["body"].keys()
    assert "no secret" in said


@pytest.mark.parametrize("name", ["api_unauthorized", "api_instance_not_found", "api_webhook_set_flat_rejected"])
def test_a_refused_registration_raises(server, name):
    with pytest.raises(ProviderError):
        register(answers(server, name))


def test_the_state_and_the_qr_code_are_fetched(server):
    account = answers(server, "api_connection_state", "api_connect_qr", "api_connect_already_open")

    assert EVOLUTION.check_account(account=account, http=HTTP) == "open"
    assert EVOLUTION.fetch_qr(account=account, http=HTTP) == f"data:image/png;base64,{PNG}"
    assert not EVOLUTION.fetch_qr(account=account, http=HTTP)


def test_an_error_with_status_200_is_an_error(server):
    with pytest.raises(ProviderError):
        EVOLUTION.fetch_qr(account=answers(server, "api_connect_error_200"), http=HTTP)


def test_a_server_that_is_down_is_tried_again():
    account = Account(external_id="clinic-demo", credentials=SECRETS, base_url=refusing_url())
    with pytest.raises(ProviderError) as error:
        EVOLUTION.check_account(account=account, http=HTTP)

    assert error.value.outcome == Outcome.RETRY
