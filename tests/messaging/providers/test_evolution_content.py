"""Evolution: words and files are found in every wrapper and kind, and contents that no person wrote are ignored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.providers._words import MAX_LENGTH, words_of
from messaging.providers.base import Address, AddressKind, Ignored, InboundMessage, Kind, MessageChange
from messaging.providers.evolution import Evolution

EVOLUTION = Evolution()
UPSERT = Path(__file__).parents[2] / "payloads" / "evolution" / "upsert_text.json"
PNG = "iVBORw0KGgo="


def parsed(message: dict[str, Any], **key: Any) -> Any:
    body = json.loads(UPSERT.read_bytes())
    body["data"]["message"] = message
    body["data"]["key"] |= key
    [item] = EVOLUTION.split(json.dumps(body).encode())
    return EVOLUTION.parse(item)


def wrapped(name: str, inner: dict[str, Any]) -> dict[str, Any]:
    return {name: {"message": inner}}


# Contents with words that a person or another business wrote, by kind. Each contains the word "pineapple".
WORDS: dict[str, dict[str, Any]] = {
    "conversation": {"conversation": "pineapple?"},
    "extendedTextMessage": {"extendedTextMessage": {"text": "pineapple?"}},
    "poll": {"pollCreationMessage": {"name": "pineapple?", "options": [{"optionName": "yes"}, {"optionName": "no"}]}},
    "poll 3": {"pollCreationMessageV3": {"name": "Which?", "options": [{"optionName": "pineapple"}]}},
    "poll 4": {"pollCreationMessageV4": {"message": {"pollCreationMessage": {"name": "pineapple?", "options": []}}}},
    "poll 9": {"pollCreationMessageV9": {"name": "pineapple?", "options": [{"optionName": "yes"}]}},
    "event": {"eventMessage": {"name": "Tasting", "startTime": "1796000000", "description": "pineapple"}},
    "interactive": {"interactiveMessage": {"body": {"text": "Your pineapple is on its way"}}},
    "interactive with buttons": {
        "interactiveMessage": {
            "header": {"title": "Fruit"},
            "nativeFlowMessage": {
                "buttons": [{"name": "cta_url", "buttonParamsJson": '{"display_text": "See the pineapple"}'}]
            },
        }
    },
    "template": {"templateMessage": {"hydratedTemplate": {"hydratedContentText": "Your pineapple", "templateId": "7"}}},
    "list": {"listMessage": {"title": "Menu", "sections": [{"title": "Fruit", "rows": [{"title": "pineapple"}]}]}},
    "buttons": {"buttonsMessage": {"contentText": "pineapple?", "buttons": [{"buttonText": {"displayText": "Yes"}}]}},
    "order": {"orderMessage": {"orderId": "1", "itemCount": 2, "message": "one pineapple please"}},
    "product": {"productMessage": {"product": {"productId": "1", "title": "pineapple", "priceAmount1000": 3000}}},
    "invitation": {"groupInviteMessage": {"groupName": "Fruit", "caption": "the pineapple group"}},
    "payment": {"requestPaymentMessage": {"noteMessage": {"extendedTextMessage": {"text": "for the pineapple"}}}},
    "live location": {
        "liveLocationMessage": {"degreesLatitude": 1, "degreesLongitude": 2, "caption": "at the pineapple"}
    },
    "button": {"buttonsResponseMessage": {"selectedButtonId": "x", "selectedDisplayText": "pineapple"}},
    "list answer": {"listResponseMessage": {"title": "pineapple", "singleSelectReply": {"selectedRowId": "x"}}},
    "kind of tomorrow": {"holoMessage": {"layers": [{"title": "pineapple"}], "seed": 4}},
    "deep kind of tomorrow": {"holoMessage": {"outer": {"inner": [{"card": {"body": {"text": "pineapple"}}}]}}},
}
FILES: dict[str, dict[str, Any]] = {
    name: {name: {"mimetype": mime_type, "caption": "pineapple"}}
    for name, mime_type in {
        "imageMessage": "image/jpeg",
        "videoMessage": "video/mp4",
        "ptvMessage": "video/mp4",
        "audioMessage": "audio/ogg; codecs=opus",
        "documentMessage": "application/pdf",
        "stickerMessage": "image/webp",
    }.items()
}
FILES["header of a template"] = {
    "interactiveMessage": {"header": {"imageMessage": {"mimetype": "image/png"}}, "body": {"text": "pineapple"}}
}
FILES["file in a kind of tomorrow"] = {"holoMessage": {"cover": {"videoMessage": {"mimetype": "video/mp4"}}}}
WRAPPERS = (
    "ephemeralMessage", "viewOnceMessage", "viewOnceMessageV2", "viewOnceMessageV2Extension", "editedMessage",
    "documentWithCaptionMessage", "associatedChildMessage", "groupMentionedMessage", "botInvokeMessage",
    "lottieStickerMessage", "deviceSentMessage", "spoilerMessage", "wrapperOfTomorrow",
)  # fmt: skip
NOT_WRITTEN: dict[str, dict[str, Any]] = {
    "pinInChatMessage": {"key": {"id": "AA", "fromMe": True}, "type": "PIN_FOR_ALL"},
    "keepInChatMessage": {"key": {"id": "AA"}, "keepType": 1},
    "encReactionMessage": {"targetMessageKey": {"id": "AA"}, "encPayload": "x"},
    "encEventResponseMessage": {"eventCreationMessageKey": {"id": "AA"}},
    "callLogMesssage": {"isVideo": False, "callOutcome": "MISSED"},
    "requestPhoneNumberMessage": {"contextInfo": {}},
    "protocolMessage": {"type": "EPHEMERAL_SETTING"},
    "senderKeyDistributionMessage": {"groupId": "x"},
    "scheduledCallEditMessage": {"key": {"id": "AA"}},
    "messageHistoryBundle": {"mimetype": "application/zip"},
    "albumMessage": {"expectedImageCount": 2},
    "groupStatusMentionMessage": {"message": {"conversation": "pineapple"}},
    "secretEncryptedMessage": {"targetMessageKey": {"id": "AA"}, "secretEncType": 1},
}
NESTS = st.lists(st.sampled_from(WRAPPERS), max_size=6)


def nest(names: list[str], inner: dict[str, Any]) -> dict[str, Any]:
    for name in names:
        inner = wrapped(name, inner)
    return inner


@settings(max_examples=400, deadline=None)
@given(names=NESTS, kind=st.sampled_from(sorted(WORDS)))
def test_words_are_found_in_all_nested_wrappers(names, kind):
    found = parsed(nest(names, WORDS[kind]))

    assert isinstance(found, InboundMessage)
    assert "pineapple" in found.text


@settings(max_examples=400, deadline=None)
@given(names=NESTS, kind=st.sampled_from(sorted(FILES)), outside=st.booleans())
def test_files_are_found_in_all_nested_wrappers(names, kind, outside):
    inner = FILES[kind] if outside else {**FILES[kind], "base64": PNG}
    message = nest(names, inner) | ({"base64": PNG} if outside else {})

    found = parsed({**message, "messageContextInfo": {"deviceListMetadata": {}}})

    assert found.media is not None
    assert (found.media.inline_base64, found.media.reference) == (PNG, found.external_id)
    assert found.media.mime_type in json.dumps(FILES[kind])
    assert found.kind not in (Kind.TEXT, Kind.UNSUPPORTED)


@settings(max_examples=200, deadline=None)
@given(names=NESTS, kind=st.sampled_from(sorted(NOT_WRITTEN)))
def test_contents_that_no_person_wrote_are_ignored_in_all_wrappers(names, kind):
    assert isinstance(parsed(nest(names, {kind: NOT_WRITTEN[kind]})), Ignored)


def test_a_picture_of_an_album_names_the_album():
    tie = {"associationType": "MEDIA_ALBUM", "parentMessageKey": {"id": "AL1"}}
    picture = {"imageMessage": {"mimetype": "image/jpeg", "caption": "o exame", "fileLength": "95"}}
    beside = {"messageContextInfo": {"messageAssociation": tie}, "base64": PNG}

    found = parsed(wrapped("associatedChildMessage", picture) | beside)

    assert (found.kind, found.text, found.media.inline_base64) == (Kind.IMAGE, "o exame", PNG)
    assert found.data == {"album": "AL1"}


def test_a_poll_keeps_its_question_and_its_choices():
    poll = {"name": "Qual dia para a consulta?", "options": [{"optionName": "Segunda"}, {"optionName": "Terca"}]}

    found = parsed({"pollCreationMessageV3": poll})

    assert (found.kind, found.text) == (Kind.POLL, "Qual dia para a consulta?\n- Segunda\n- Terca")
    assert found.data == {"question": "Qual dia para a consulta?", "choices": ["Segunda", "Terca"]}


def test_an_event_keeps_its_name_and_time():
    found = parsed({"eventMessage": {"name": "Consulta", "startTime": "1796000000", "description": "Trazer exames"}})

    assert (found.kind, found.text) == (Kind.TEXT, "Consulta\n2026-11-30 00:53 UTC\nTrazer exames")


@pytest.mark.parametrize("kind", [2, "2", "MESSAGE_EDIT"])
def test_an_encrypted_edit_marks_its_target(kind):
    secret = {"targetMessageKey": {"remoteJid": "x", "fromMe": True, "id": "EDIT0002"}, "secretEncType": kind}

    found = parsed({"secretEncryptedMessage": secret, "messageContextInfo": {}})

    assert isinstance(found, MessageChange)
    assert (found.target, found.is_unreadable, found.text, found.from_owner) == ("EDIT0002", True, "", False)


@pytest.mark.parametrize(
    ("message", "text", "is_deleted"),
    [
        (
            {"protocolMessage": {"key": {"id": "T"}, "type": 14, "editedMessage": {"conversation": "at 15h"}}},
            "at 15h",
            False,
        ),
        (
            wrapped(
                "editedMessage",
                {
                    "protocolMessage": {
                        "key": {"id": "T"},
                        "type": "MESSAGE_EDIT",
                        "editedMessage": wrapped(
                            "documentWithCaptionMessage", {"documentMessage": {"caption": "at 15h"}}
                        ),
                    }
                },
            ),
            "at 15h",
            False,
        ),
        ({"protocolMessage": {"key": {"id": "T"}, "type": "REVOKE"}}, "", True),
        ({"protocolMessage": {"key": {"id": "T"}, "type": 0}}, "", True),
    ],
)
def test_an_edit_or_deletion_may_come_as_a_message(message, text, is_deleted):
    found = parsed(message)

    assert (found.target, found.text, found.is_deleted) == ("T", text, is_deleted)
    assert found.chat is not None


@pytest.mark.parametrize(
    ("key", "addresses"),
    [
        (
            {"remoteJid": "15550300012@hosted", "remoteJidAlt": None},
            [("phone", "+15550300012", "15550300012@s.whatsapp.net")],
        ),
        (
            {"remoteJid": "131100000013@hosted.lid", "remoteJidAlt": "15550300013@hosted"},
            [
                ("phone", "+15550300013", "15550300013@s.whatsapp.net"),
                ("lid", "131100000013@lid", "131100000013@lid"),
            ],
        ),
        (
            {"remoteJid": "15550300012@c.us", "remoteJidAlt": None},
            [("phone", "+15550300012", "15550300012@s.whatsapp.net")],
        ),
        ({"remoteJid": "77@interop", "remoteJidAlt": None}, [("lid", "77@interop", "77@interop")]),
    ],
)
def test_hosted_accounts_and_unknown_domains_are_people(key, addresses):
    found = parsed({"conversation": "oi, quanto custa?"}, **key)

    assert [(each.kind, each.value, each.external_id) for each in found.sender.addresses] == addresses


def test_a_hosted_member_of_a_group_is_a_person():
    found = parsed({"conversation": "oi"}, remoteJid="1203@g.us", remoteJidAlt=None, participant="15550300012@hosted")

    assert found.sender.addresses == (Address(AddressKind.PHONE, "+15550300012", "15550300012@s.whatsapp.net"),)


@pytest.mark.parametrize("domain", ["bot", "broadcast", "newsletter"])
def test_bots_stories_and_channels_are_ignored(domain):
    assert parsed({"conversation": "hi"}, remoteJid=f"867051314767696@{domain}").reason == f"chat {domain}"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["text", "title", "x", "key"]), inner),
    max_leaves=40,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_words_of_any_piece_are_limited(piece):
    assert len(words_of(piece)) <= MAX_LENGTH + 1


def test_words_of_huge_and_deep_pieces_are_limited():
    deep: Any = {"text": "bottom"}
    for _ in range(5000):
        deep = {"x": deep}

    assert words_of(deep) == ""
    assert len(words_of([{"text": f"line {number} " * 50} for number in range(10_000)])) <= MAX_LENGTH + 1
    assert words_of({"contextInfo": {"quotedMessage": {"conversation": "what was quoted"}}}) == ""
