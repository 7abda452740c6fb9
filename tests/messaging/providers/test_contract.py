"""The contract that every provider must fulfil, because webhook views, tasks and services rely on it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from common.http.client import Client
from messaging.providers import PROVIDERS
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
    OutboundMessage,
    Outcome,
    Provider,
    ProviderError,
    StatusUpdate,
    WebhookRequest,
)
from tests.messaging.providers.local_server import local_server, refusing_url

PAYLOADS = Path(__file__).parents[2] / "payloads"
FOLDERS = {"imessage": "photon"}  # the other folders have the name of their provider
URL = "https://desk.example.test/webhooks/x/token"
PERSON = "+15550100111"
# The name of the secret that verifies a webhook, where it is not webhook_secret.
CHANNELS = {"evolution": "clinic-demo", "twilio": "+15550100100", "imessage": "desk@company.example"}
# Providers that are verified by a header, which does not cover the body.
UNCOVERED = {"evolution", "dialog360"}
# Bodies in another format, or beyond the limits of RELIABILITY S5.
REFUSED = {
    "empty": b"",
    "bytes": b"\xff\xfe\x00",
    "xml": b"<xml/>",
    "deep": b"[" * 50_000,
    "wide": b'{"object": [' + b"0," * 600_000 + b"0]}",
}
# Capability flags and their methods. A provider with the flag must define the method itself.
OPTIONAL = {
    "can_show_typing": "show_typing",
    "can_mark_read": "mark_read",
    "can_register_webhook": "register_webhook",
}


def secret_name(name: str) -> str:
    return PROVIDERS[name].proofs[0]


def credentials(name: str, *secrets: str) -> Credentials:
    values: dict[str, Any] = dict.fromkeys(PROVIDERS[name].credential_names, "value-for-tests")
    return Credentials({**values, secret_name(name): list(secrets or ("current-secret",))})


def account(name: str, *secrets: str, base_url: str = "http://127.0.0.1:9") -> Account:
    """Return a channel's account with all its credentials. Twilio's other hosts are the same host here."""
    return Account(
        external_id=CHANNELS.get(name, "106540352242922"),
        credentials=credentials(name, *secrets),
        **dict.fromkeys(("base_url", "messaging_url", "content_url"), base_url),
        version="v23.0",
    )


def sample(name: str, *secrets: str, message_id: str = "contract-1") -> WebhookRequest:
    return PROVIDERS[name].sample_webhook(
        account=account(name, *secrets), url=URL, text="Hello, world", person=PERSON, message_id=message_id
    )


def outbound(**fields: Any) -> OutboundMessage:
    recipient = Address(AddressKind.PHONE, PERSON, PERSON)
    return OutboundMessage(**{"recipient": recipient, "reference": "reference-4711", "text": "Hello", **fields})


def captured() -> list[Any]:
    """Return every webhook body in tests/payloads as its provider sends it."""
    return [
        pytest.param(name, body_of(name, path), id=f"{name}-{path.stem}")
        for name in PROVIDERS
        for path in sorted((PAYLOADS / FOLDERS.get(name, name)).glob("*.json"))
        if is_webhook(path)
    ]


def is_webhook(path: Path) -> bool:
    """Return True for webhook bodies. Files of API calls are named `api_*`, files of headers and queries after them."""
    return not path.stem.startswith("api_") and not path.stem.endswith(("_headers", "_query"))


def body_of(name: str, path: Path) -> bytes:
    """Return the bytes of a body. Twilio's files contain the form as a JSON object."""
    if name != "twilio":
        return path.read_bytes()
    return urlencode(json.loads(path.read_text()), doseq=True).encode()


every_provider = pytest.mark.parametrize("name", PROVIDERS)


# Verification ---------------------------------------------------------------------------------------------------------


@every_provider
def test_its_own_sample_is_accepted_and_parsed(name):
    provider, request = PROVIDERS[name], sample(name)
    provider.verify(request, credentials(name))
    [message] = [provider.parse(item) for item in provider.split(request.body)]

    assert isinstance(message, InboundMessage)
    assert (message.external_id, message.text, message.kind) == ("contract-1", "Hello, world", Kind.TEXT)
    assert PERSON in [address.value for address in message.sender.addresses]
    assert message.channel in {"", account(name).external_id}
    assert provider.channels_named(request.body) <= {account(name).external_id}


@every_provider
def test_an_unsigned_body_is_refused(name):
    with pytest.raises(InvalidSignature):
        PROVIDERS[name].verify(replace(sample(name), headers={}), credentials(name))


@every_provider
def test_another_secret_is_refused(name):
    with pytest.raises(InvalidSignature):
        PROVIDERS[name].verify(sample(name, "of-somebody-else"), credentials(name))


@pytest.mark.parametrize("name", [name for name in PROVIDERS if name not in UNCOVERED])
def test_a_body_with_one_changed_byte_is_refused(name):
    request = sample(name)
    middle = len(request.body) // 2
    changed = bytearray(request.body)
    changed[middle] ^= 1

    with pytest.raises(InvalidSignature):
        PROVIDERS[name].verify(replace(request, body=bytes(changed)), credentials(name))


@every_provider
@pytest.mark.parametrize("signed_with", ["current-secret", "former-secret"])
def test_two_secrets_are_valid_during_rotation(name, signed_with):
    PROVIDERS[name].verify(sample(name, signed_with), credentials(name, "current-secret", "former-secret"))


@every_provider
def test_a_channel_without_a_secret_raises_missing_secret(name):
    with pytest.raises(MissingSecret):
        PROVIDERS[name].verify(sample(name), Credentials({}))


# Parsing --------------------------------------------------------------------------------------------------------------


@every_provider
@pytest.mark.parametrize("body", list(REFUSED.values()), ids=list(REFUSED))
def test_a_body_in_another_format_is_refused(name, body):
    with pytest.raises(BadBody):
        PROVIDERS[name].split(body)
    with pytest.raises(BadBody):
        PROVIDERS[name].channels_named(body)


@pytest.mark.parametrize(("name", "body"), captured())
def test_captured_bodies_are_parsed(name, body):
    provider: Provider = PROVIDERS[name]
    raw = provider.split(body)
    found = [provider.parse(item) for item in raw]

    assert found
    for item in found:
        assert item.external_id
        assert not isinstance(item, Ignored) or item.reason
        if isinstance(item, InboundMessage):
            assert item.sender.addresses
            assert item.sent_at is None or item.sent_at.tzinfo
        if isinstance(item, StatusUpdate):
            assert item.status


@pytest.mark.parametrize(("name", "body"), captured())
def test_the_channels_of_a_body_are_those_of_its_items(name, body):
    assert PROVIDERS[name].channels_named(body) == {item.channel for item in PROVIDERS[name].split(body)} - {""}


@pytest.mark.parametrize(("name", "body"), captured())
def test_ids_are_stable_and_items_storable(name, body):
    first, second = PROVIDERS[name].split(body), PROVIDERS[name].split(body)

    assert [item.external_id for item in first] == [item.external_id for item in second]
    assert all(0 < len(item.external_id) <= 255 for item in first)
    for item in first:
        stored = replace(item, data=json.loads(json.dumps(dict(item.data), allow_nan=False)))
        assert PROVIDERS[name].parse(stored) == PROVIDERS[name].parse(item)


@pytest.mark.parametrize(("name", "body"), captured())
def test_items_of_a_body_share_an_id_only_when_they_are_the_same(name, body):
    items = PROVIDERS[name].split(body)
    shared = [key for key, times in Counter((item.channel, item.external_id) for item in items).items() if times > 1]

    for key in shared:
        same = {json.dumps(dict(i.data), sort_keys=True) for i in items if (i.channel, i.external_id) == key}
        assert len(same) == 1


# Capabilities ---------------------------------------------------------------------------------------------------------


@every_provider
def test_capabilities_have_their_methods(name):
    provider = type(PROVIDERS[name])

    assert provider.name == name
    assert set(provider.required_credentials) <= set(provider.credential_names)
    assert {flag: getattr(provider, flag) for flag in OPTIONAL} == {
        flag: getattr(provider, method) is not getattr(Provider, method) for flag, method in OPTIONAL.items()
    }
    assert provider.messages_per_second > 0
    assert provider.max_text > 0
    assert provider.max_body_bytes >= 256 * 1024


@every_provider
def test_each_provider_gets_the_answer_that_it_expects(name):
    answer = PROVIDERS[name].answer()

    assert (answer.status, bool(answer.content_type)) == (200, True)


# Sending --------------------------------------------------------------------------------------------------------------


class Impatient(Client):
    """A client with a short time-out in place of half a minute."""

    def request(self, method: str, url: str, **options: Any) -> Any:
        return super().request(method, url, **{**options, "timeout": 2.0})


def outcome_of(name: str, base_url: str, *, client: type[Client] = Client, **fields: Any) -> Outcome:
    with pytest.raises(ProviderError) as error:
        PROVIDERS[name].send(outbound(**fields), account(name, base_url=base_url), client(allow_private=True))
    return error.value.outcome


@every_provider
def test_a_refused_connection_is_tried_again(name):
    assert outcome_of(name, refusing_url()) == Outcome.RETRY


@every_provider
@pytest.mark.parametrize("body", [{}, b"", b"<html>", [1], None])
def test_an_error_of_the_server_leaves_it_uncertain(name, body):
    with local_server() as server:
        assert outcome_of(name, server.answer(500, body).url) == Outcome.UNCERTAIN
        assert len(server.calls) == 1


@every_provider
@pytest.mark.parametrize("fault", ["hangs_up", "waits"])
def test_a_lost_answer_leaves_it_uncertain(name, fault):
    with local_server() as server:
        setattr(server, fault, True)
        client = Impatient if fault == "waits" else Client
        assert outcome_of(name, server.url, client=client) == Outcome.UNCERTAIN
        assert len(server.calls) == 1


@every_provider
def test_an_answer_in_another_format_is_no_success(name):
    with local_server() as server:
        assert outcome_of(name, server.answer(200, b"<html>").url) in {Outcome.UNCERTAIN, Outcome.PERMANENT}


@every_provider
def test_the_reference_is_in_the_request_when_the_provider_uses_it(name):
    provider = PROVIDERS[name]
    with local_server() as server:
        outcome_of(name, server.answer(500, {}).url, status_url=f"{URL}/status?reference=reference-4711")
        call = server.last
    seen = "reference-4711" in json.dumps([call.path, call.headers, call.content.decode()])

    assert seen is (provider.has_reference_echo or provider.honours_reference)
