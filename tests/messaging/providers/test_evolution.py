"""Evolution, webhooks: every captured body is parsed as expected, in the encodings of all versions."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.providers.base import BadBody, ChannelUpdate, ContactUpdate, Ignored, Kind, Person, Unparsable
from messaging.providers.evolution import Evolution
from tests.messaging.providers.evolution_expected import ANA, EXPECTED, GROUP, LID, PHONE
from tests.messaging.providers.mutations import mutated

PAYLOADS = Path(__file__).parents[2] / "payloads" / "evolution"
EVOLUTION = Evolution()
WEBHOOKS = sorted(path.stem for path in PAYLOADS.glob("*.json") if not path.stem.startswith("api_"))


def load(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def items(body: Any) -> list[Any]:
    return [EVOLUTION.parse(item) for item in EVOLUTION.split(json.dumps(body).encode())]


def only(body: Any) -> Any:
    [item] = items(body)
    return item


def upsert(message: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the plain text webhook with another content and other fields of `data` or `key`."""
    body = load("upsert_text")
    body["data"]["message"] = message
    body["data"]["key"] |= changes.pop("key", {})
    body["data"] |= changes
    return body


def test_every_captured_webhook_has_its_expected_meaning():
    assert sorted(EXPECTED) == WEBHOOKS


@pytest.mark.parametrize("name", WEBHOOKS)
def test_captured_webhook(name):
    found = only(load(name))

    has_own_id = isinstance(found, Ignored | ChannelUpdate)  # a hash of the body: it is stable but not known by hand
    assert (replace(found, external_id="") if has_own_id else found) == EXPECTED[name]


@pytest.mark.parametrize("name", WEBHOOKS)
def test_secrets_and_keys_of_a_body_are_not_stored(name):
    kept = json.dumps([dict(item.data) for item in EVOLUTION.split((PAYLOADS / f"{name}.json").read_bytes())])

    for secret in (
        "INSTANCE-TOKEN-EXAMPLE",
        "GLOBAL-KEY-EXAMPLE",
        "mediaKey",
        "jpegThumbnail",
        "2@EXAMPLE",
        "server_url",
    ):
        assert secret not in kept


@pytest.mark.parametrize(
    ("name", "item_id"),
    [
        ("upsert_text", "3A628B49D96DCDE97A43"),
        ("send_message_text", "3EB05DD80892943653DB3A:echo"),
        ("update_read", "3EB05FBFD18E200285A019:READ"),
        ("update_v1", "3EB0DF6C46D0096E9A3782:READ"),
        ("messages_delete", "3A628B49D96DCDE97A43:deleted"),
        ("call_offer", "call:A1B2C3D4E5F60718293A4B5C6D7E8F90:offer"),
    ],
)
def test_item_ids_say_what_the_item_is(name, item_id):
    assert [item.external_id for item in EVOLUTION.split((PAYLOADS / f"{name}.json").read_bytes())] == [item_id]


def test_the_same_event_on_another_day_is_another_item():
    body = load("connection_open")
    again = {**body, "date_time": "2026-01-02T00:00:01.000Z"}

    assert only(body) == only(body)
    assert only(body).external_id != only(again).external_id


def test_history_is_split_into_messages_and_never_answered():
    body = load("upsert_text")
    second = {**body["data"], "key": {**body["data"]["key"], "id": "SECOND"}}
    found = items({**body, "event": "MESSAGES_SET", "data": [body["data"], second], "isLatest": True})

    assert [(item.external_id, item.is_history) for item in found] == [("3A628B49D96DCDE97A43", True), ("SECOND", True)]


def test_a_bad_piece_fails_alone():
    body = load("upsert_text")
    pieces = EVOLUTION.split(json.dumps({**body, "event": "messages.set", "data": [7, body["data"]]}).encode())

    with pytest.raises(Unparsable):
        EVOLUTION.parse(pieces[0])
    assert EVOLUTION.parse(pieces[1]).text == "Hello, do you have an appointment tomorrow at 10?"


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"7", b'{"a":', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_event_is_refused(body):
    with pytest.raises(BadBody):
        EVOLUTION.split(body)


@pytest.mark.parametrize(
    "wrapper", ["ephemeralMessage", "viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension"]
)
def test_wrappers_are_opened(wrapper):
    assert only(upsert({wrapper: {"message": {"extendedTextMessage": {"text": "inside"}}}})).text == "inside"


@pytest.mark.parametrize(
    "stamp", [1767225641, "1767225641", 1767225641000, {"low": 1767225641, "high": 0, "unsigned": True}]
)
def test_times_in_all_encodings_are_parsed(stamp):
    assert only(upsert({"conversation": "hi"}, messageTimestamp=stamp)).sent_at == EXPECTED["upsert_text"].sent_at


@pytest.mark.parametrize("length", [48213, "48213", {"low": 48213, "high": 0, "unsigned": True}])
def test_lengths_in_all_encodings_are_parsed(length):
    assert only(upsert({"imageMessage": {"fileLength": length}})).media.size == 48213


def test_a_device_suffix_is_no_part_of_the_address():
    found = only(
        upsert({"conversation": "hi"}, key={"remoteJid": "15550100111:12@s.whatsapp.net", "remoteJidAlt": None})
    )

    assert found.sender.addresses == (PHONE,)


@pytest.mark.parametrize("jid", ["15550100111", "x@s.whatsapp.net", "x@hosted", None, 7])
def test_a_key_without_a_person_fails(jid):
    with pytest.raises(Unparsable):
        only(upsert({"conversation": "hi"}, key={"remoteJid": jid, "remoteJidAlt": None}))


def test_the_owners_number_is_never_used_as_the_customers():
    key = {"remoteJid": LID.value, "remoteJidAlt": None, "senderPn": "15550100100@s.whatsapp.net", "fromMe": True}

    assert only(upsert({"conversation": "hi"}, key=key)).sender == Person(addresses=(LID,))


def test_a_message_of_the_owner_in_a_group_belongs_to_the_group():
    key = {"remoteJid": GROUP.value, "participant": "15550100100@s.whatsapp.net", "fromMe": True}
    found = only(upsert({"conversation": "hi"}, key=key))

    assert (found.sender.addresses, found.group, found.from_owner) == ((GROUP,), GROUP, True)


@pytest.mark.parametrize(("named", "is_mention"), [("15550100100@s.whatsapp.net", True), (PHONE.external_id, False)])
def test_a_mention_of_us_in_a_group_is_found(named, is_mention):
    body = load("upsert_group_text")
    body["data"]["contextInfo"] = {"mentionedJid": [named]}

    assert only(body).is_mention is is_mention


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"protocolMessage": {"type": "REVOKE"}}, "protocolMessage"),
        ({"senderKeyDistributionMessage": {}}, "senderKeyDistributionMessage"),
        ({"editedMessage": {"message": {"protocolMessage": {}}}}, "protocolMessage"),
        ({}, "no content"),
    ],
)
def test_contents_that_no_person_wrote_are_ignored(content, reason):
    assert only(upsert(content)).reason == reason


def test_a_key_distribution_next_to_a_text_does_not_hide_the_text():
    assert only(upsert({"senderKeyDistributionMessage": {}, "conversation": "hi"})).text == "hi"


def test_the_owners_reaction_is_ignored():
    reaction = {"reactionMessage": {"key": {"id": "X"}, "text": "👍"}}

    assert only(upsert(reaction, key={"fromMe": True})).reason == "reaction by the owner"


def test_unknown_content_becomes_unsupported():
    found = only(upsert({"paymentInviteMessage": {}}))

    assert (found.kind, found.data, found.sender) == (Kind.UNSUPPORTED, {"type": "paymentInviteMessage"}, ANA)


@pytest.mark.parametrize(
    ("params", "kind", "data"),
    [
        ("{not json", Kind.BUTTON, {"payload": "", "raw": "{not json"}),
        ("[1]", Kind.BUTTON, {"payload": "", "raw": "[1]"}),
        ('{"day":"Mon"}', Kind.FLOW, {"response": {"day": "Mon"}}),
    ],
)
def test_interactive_answers_with_odd_parameters(params, kind, data):
    answer = {"body": {"text": "Sent"}, "nativeFlowResponseMessage": {"paramsJson": params}}
    found = only(upsert({"interactiveResponseMessage": answer}))

    assert (found.kind, found.text, found.data) == (kind, "Sent", data)


def test_an_ad_without_details_is_a_referral():
    found = only(upsert({"conversation": "hi"}, contextInfo={"conversionSource": "FB_Ads", "conversionData": "AA=="}))

    assert found.data == {"referral": {"source_type": "ad", "source": "FB_Ads"}}


def test_a_contact_with_both_addresses_links_them():
    body = load("contacts_update_list")
    body["data"][0]["remoteJidAlt"] = LID.value
    found = only(body)

    assert isinstance(found, ContactUpdate)
    assert (found.person.addresses, found.new_addresses) == ((PHONE,), (LID,))


def test_event_names_of_forks_are_understood():
    assert only({**load("upsert_text"), "event": "MESSAGES_UPSERT"}) == EXPECTED["upsert_text"]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(WEBHOOKS))
def test_a_mutated_item_does_not_harm_the_other_item(data, name):
    good = load("upsert_text")["data"]
    bad = data.draw(mutated(load(name)["data"]))
    body = {
        **load(name),
        "event": data.draw(st.sampled_from(["messages.set", load(name)["event"]])),
        "data": [bad, good],
    }
    pieces = EVOLUTION.split(json.dumps(body).encode())

    assert len(pieces) == 2
    json.dumps([dict(piece.data) for piece in pieces], allow_nan=False).encode()
    if body["event"] == "messages.set":
        assert EVOLUTION.parse(pieces[1]).text == "Hello, do you have an appointment tomorrow at 10?"
    with contextlib.suppress(Unparsable):
        EVOLUTION.parse(pieces[0])


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(WEBHOOKS))
def test_a_mutated_envelope_is_split_or_refused(data, name):
    body = json.dumps(data.draw(mutated(load(name)))).encode()
    try:
        pieces = EVOLUTION.split(body)
    except BadBody:
        return
    for piece in pieces:
        assert piece.external_id
        with contextlib.suppress(Unparsable):
            EVOLUTION.parse(piece)
