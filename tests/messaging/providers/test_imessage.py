"""iMessage, webhooks: the three forms of incoming messages are parsed as expected."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.providers.base import (
    Address,
    AddressKind,
    BadBody,
    DeliveryStatus,
    Ignored,
    InboundMessage,
    Item,
    Kind,
    Media,
    Person,
    SentEcho,
    StatusUpdate,
    Unparsable,
)
from messaging.providers.imessage import IMessage
from tests.messaging.providers.mutations import mutated

PAYLOADS = Path(__file__).parents[2] / "payloads" / "photon"
IMESSAGE = IMessage()
WEBHOOKS = sorted(p.stem for p in PAYLOADS.glob("*webhook*.json") if "headers" not in p.stem)
GUID = "2A6C0E6F-0000-4000-8000-00000000000"
SPECTRUM = "spc-msg-00000000-0000-4000-8000-00000000000"
ANA = Address(AddressKind.PHONE, "+15550100111", "+15550100111")
OWNER = Address(AddressKind.EMAIL, "owner@company.example", "owner@company.example")
TEAM = Address(AddressKind.GROUP, "chat000000000000000001", "group:chat000000000000000001")


def load(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_bytes())


def only(body: Any) -> Any:
    [item] = items(body)
    return item


def items(body: Any) -> list[Any]:
    return [IMESSAGE.parse(item) for item in IMESSAGE.split(json.dumps(body).encode())]


def message(key: str, text: str = "", kind: Kind = Kind.TEXT, second: int = 0, **fields: Any) -> InboundMessage:
    at = datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC)
    person = Person(addresses=(ANA,))
    return InboundMessage(external_id=key, channel="", sender=person, kind=kind, text=text, sent_at=at, **fields)


JPEG = Media(mime_type="image/jpeg", reference=f"at_0_{GUID}4", file_name="IMG_0001.jpeg", size=48213)
HEIC = Media(
    mime_type="image/heic",
    reference="1A2B3C4D-0001-4ABC-9DEF-000000000001",
    file_name="IMG_0001.HEIC",
    size=1365240,
)
EXPECTED: dict[str, Item] = {
    "webhook_new_message": message(f"{GUID}1", "approve 2"),
    "webhook_new_message_from_me": SentEcho(
        external_id=f"{GUID}2",
        channel="",
        recipient=Person(addresses=(ANA,)),
        text="Frontdesk: publish this post? Reply 1 approve / 2 reject",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    ),
    "webhook_tapback": message(f"{GUID}3", "👍", Kind.REACTION, reply_to=f"{GUID}2"),
    "webhook_attachment": message(f"{GUID}4", "", Kind.IMAGE, media=JPEG),
    "webhook_group": message(f"{GUID}5", "hello all", group=TEAM),
    "webhook_no_text": message(f"{GUID}6", "", Kind.UNSUPPORTED, data={"type": "empty"}),
    "webhook_tapback_removed": message(f"{GUID}7", "", Kind.REACTION, reply_to=f"{GUID}2"),
    "spectrum_webhook_text": message(f"{SPECTRUM}1", "approve 2"),
    "spectrum_webhook_reaction": message(
        f"{SPECTRUM}2:reaction:1:0", "👍", Kind.REACTION, second=10, reply_to=f"{SPECTRUM}1"
    ),
    "spectrum_webhook_album": message(f"p:0/{SPECTRUM}3", "", Kind.IMAGE, second=20, media=HEIC),
    "kit_v2_webhook_new_message": message(f"{GUID}1", "approve 2"),
}


@pytest.mark.parametrize("name", WEBHOOKS)
def test_captured_webhook(name):
    assert only(load(name)) == EXPECTED[name]


def test_every_captured_webhook_has_its_expected_meaning():
    assert sorted(EXPECTED) == WEBHOOKS


def changed(name: str = "webhook_new_message", event: str = "new-message", **data: Any) -> Any:
    """Return the body of the plain message with other fields."""
    body = load(name)
    return {**body, "event": event, "data": {**body["data"], **data}}


@pytest.mark.parametrize(("kind", "emoji"), list(enumerate(("❤️", "👍", "👎", "😂", "‼️", "❓"))))
def test_tapbacks_and_their_removal_are_reactions(kind, emoji):
    given_to = {"associatedMessageGuid": "p:0/TARGET"}

    for association, text in ((f"200{kind}", emoji), (f"300{kind}", ""), (int(f"200{kind}"), emoji)):
        found = only(changed(associatedMessageType=association, **given_to))
        assert (found.kind, found.text, found.reply_to) == (Kind.REACTION, text, "TARGET")


@pytest.mark.parametrize("association", ["4000", "2009", "1000", "x"])
def test_other_associations_are_not_texts(association):
    assert only(changed(associatedMessageType=association, associatedMessageGuid="p:0/T")).kind == Kind.UNSUPPORTED


def test_several_files_become_several_messages():
    files = [{"guid": "a", "mimeType": "image/png"}, {"guid": "b", "mimeType": "video/mp4"}, {"guid": "c"}]
    found = items(changed(text="two \ufffc\ufffc", attachments=files))

    assert [(m.external_id, m.text, m.kind, m.media.reference) for m in found] == [
        (f"{GUID}1", "two", Kind.IMAGE, "a"),
        (f"{GUID}1#1", "", Kind.VIDEO, "b"),
        (f"{GUID}1#2", "", Kind.DOCUMENT, "c"),
    ]


def test_each_item_of_an_album_becomes_a_message():
    body = load("spectrum_webhook_album")
    parts = body["message"]["content"]["items"]
    parts += [{"id": "second", "content": {"type": "text", "text": "look"}}, 7]

    assert [(m.external_id, m.kind, m.text) for m in items(body)] == [
        (f"p:0/{SPECTRUM}3", Kind.IMAGE, ""),
        ("second", Kind.TEXT, "look"),
        (f"{SPECTRUM}3#2", Kind.UNSUPPORTED, ""),
    ]


@pytest.mark.parametrize("field", ["threadOriginatorGuid", "replyToGuid"])
def test_inline_replies_name_the_message(field):
    assert only(changed(**{field: "p:0/FIRST"})).reply_to == "FIRST"


@pytest.mark.parametrize(
    ("handle", "address"),
    [
        ({"address": "Owner@Company.example"}, OWNER),
        ({"address": "mailto:owner@company.example"}, OWNER),
        ({"address": "tel:+15550100111"}, ANA),
        ({"address": "(555) 010-0111", "country": "us"}, ANA),
    ],
)
def test_addresses_of_people_are_parsed(handle, address):
    assert only(changed(handle=handle)).sender.addresses == (address,)


@pytest.mark.parametrize("address", ["12345", "unknown", "", None, 7])
def test_senders_that_cannot_be_answered_are_ignored(address):
    assert isinstance(only(changed(handle={"address": address})), Ignored)


def test_our_own_messages_in_a_group_are_ignored():
    assert only(changed("webhook_group", isFromMe=True)).reason == "our own message"


@pytest.mark.parametrize("event", ["updated-message", "typing-indicator", "group-name-change", "", "x"])
def test_other_events_are_ignored(event):
    assert only(changed(event=event)).reason == f"event {event}"


def test_a_send_error_is_a_failed_status():
    assert only(changed(event="message-send-error", error=22)) == StatusUpdate(
        external_id=f"{GUID}1",
        channel="",
        status=DeliveryStatus.FAILED,
        error_code="22",
        error_text="Messages could not send it",
    )


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_event_is_refused(body):
    with pytest.raises(BadBody):
        IMESSAGE.split(body)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(WEBHOOKS))
def test_a_mutated_body_is_split_or_refused(data, name):
    body = json.dumps(data.draw(mutated(load(name)))).encode()
    with contextlib.suppress(BadBody):
        for piece in IMESSAGE.split(body):
            json.dumps(dict(piece.data), allow_nan=False)
            with contextlib.suppress(Unparsable):
                IMESSAGE.parse(piece)
