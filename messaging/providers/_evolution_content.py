"""Parse the object `message` of an Evolution event: one content key, perhaps inside wrappers, in all versions.

Source: provider notes "Evolution API", section 4 "Content keys" (Evolution API 1.8 to 2.4.0-rc2 prepareMessage, Baileys
WAProto). Up to 2.3.5 bytes are base64 and long numbers are texts. From 2.3.6 bytes are objects of index and value, and
long numbers are `{low, high, unsigned}`. So no type is trusted here. WhatsApp adds wrappers and kinds every few months
(fazer-ai/chatwoot 345). Therefore every object that holds a `message` is taken as a wrapper, and of an unknown kind the
words that it contains are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.providers._evolution_identity import bare
from messaging.providers._evolution_kinds import (
    MEDIA,
    READERS,
    ContentChange,
    ContentPiece,
    EvolutionContent,
    media,
    unsupported,
)
from messaging.providers._foreign import items, mapping, text
from messaging.providers._words import first_dict, words_of
from messaging.providers.base import Kind

MAX_WRAPPERS = 16
# Keys that stand next to the content key and are never the content itself.
BESIDE = {"messageContextInfo", "base64", "mediaUrl", "speechToText", "contextInfo"}
# Contents that no person wrote to us. They create no message, and nothing is unread or waits for an answer
# (whatsmeow 809, wppconnect-server 1202).
SILENT = {
    "protocolMessage", "senderKeyDistributionMessage", "fastRatchetKeySenderKeyDistributionMessage", "albumMessage",
    "pinInChatMessage", "keepInChatMessage", "encReactionMessage", "encCommentMessage", "encEventResponseMessage",
    "eventResponseMessage", "secretEncryptedMessage", "callLogMesssage", "callLogMessage", "call", "bcallMessage",
    "scheduledCallEditMessage", "requestPhoneNumberMessage", "chat", "initialSecurityNotificationSettingSync",
    "deviceSyncMessage", "stickerSyncRmrMessage", "messageHistoryBundle", "messageHistoryNotice", "placeholderMessage",
    "cancelPaymentRequestMessage", "declinePaymentRequestMessage", "pollResultSnapshotMessage", "limitSharingMessage",
    "statusMentionMessage", "statusNotificationMessage", "statusAddYours", "groupStatusMessage",
    "groupStatusMessageV2", "groupStatusMentionMessage", "botTaskMessage", "newsletterFollowerInviteMessage",
}  # fmt: skip
FLAGS = {
    "ephemeralMessage": "ephemeral",
    "viewOnceMessage": "view_once",
    "viewOnceMessageV2": "view_once",
    "viewOnceMessageV2Extension": "view_once",
}
EDIT_TYPES = {"14", "MESSAGE_EDIT"}
REVOKE_TYPES = {"0", "REVOKE"}
SECRET_EDIT_TYPES = {"2", "MESSAGE_EDIT"}


def read(data: Mapping[str, Any], *, message_id: str) -> EvolutionContent:
    """Return the content in the `data` of one message event. `silent` is set when there is nothing to store."""
    message, beside, flags = _unwrap(mapping(data.get("message")))
    name = _find_content_key(message)
    if not name:
        return EvolutionContent(silent="no content")
    if name in SILENT:
        # An album only announces how many pictures come. Each picture follows as a message of its own.
        reason = "album announcement" if name == "albumMessage" else name
        return EvolutionContent(silent=reason, change=_parse_change(name, mapping(message[name])))
    value = message[name]
    content = _parse_piece(ContentPiece(name=name, value=value, data=data), beside, message_id)
    if content == EvolutionContent():
        return EvolutionContent(silent="empty text")
    context = _merge_context(data, value)
    content.data = {**content.data, **flags, **_parse_origin(context), **_find_album(beside)}
    content.reply_to = content.reply_to or text(context.get("stanzaId"))
    content.mentioned = [bare(jid) for jid in items(context.get("mentionedJid"))]
    return content


def edited_text(message: Any) -> str:
    """Return the new text of an edit: its text, the caption of a file, or whatever words it contains."""
    inner, _, _ = _unwrap(mapping(message))
    for name, value in inner.items():
        found = value if isinstance(value, str) else mapping(value).get("text") or mapping(value).get("caption")
        if found and name not in BESIDE:
            return text(found)
    return words_of({name: value for name, value in inner.items() if name not in BESIDE})


def _parse_piece(piece: ContentPiece, beside: Mapping[str, Any], message_id: str) -> EvolutionContent:
    if piece.name in MEDIA:
        return media(piece.name, mapping(piece.value), beside, message_id)
    content = READERS.get(piece.name, unsupported)(piece)
    if content.kind in (Kind.TEXT, Kind.UNSUPPORTED) and isinstance(piece.value, dict):
        _add_file(content, piece, beside, message_id)
    return content


def _add_file(content: EvolutionContent, piece: ContentPiece, beside: Mapping[str, Any], message_id: str) -> None:
    """Add the file from the header of another business's message, or from anywhere in an unknown kind."""
    holder = first_dict(piece.value, lambda each: any(isinstance(each.get(name), dict) for name in MEDIA))
    if holder is None:
        return
    name = next(name for name in MEDIA if isinstance(holder.get(name), dict))
    found = media(name, holder[name], {**beside, **{key: holder[key] for key in BESIDE if key in holder}}, message_id)
    content.kind, content.media = found.kind, found.media
    content.text = content.text or found.text


def _unwrap(message: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any], dict[str, Any]]:
    """Return (the innermost content, the keys next to it and next to its wrappers, the flags of its wrappers)."""
    flags: dict[str, Any] = {}
    beside = _keys_beside(message)
    for _ in range(MAX_WRAPPERS):
        name = _find_wrapper(message)
        if not name:
            break
        if name in FLAGS:
            flags[FLAGS[name]] = True
        message = mapping(mapping(message[name]).get("message"))
        beside |= _keys_beside(message)
    return message, beside, flags


def _find_wrapper(message: Mapping[str, Any]) -> str:
    """Return the key of a wrapper, or "".

    A wrapper is an object that holds a `message`, or an empty object under a key that is known as a wrapper.
    """
    if any(name in MEDIA or name in READERS for name in message if not _is_wrapper(message[name])):
        return ""  # the content itself is at this level
    for name, value in message.items():
        if name not in BESIDE and name not in SILENT and (_is_wrapper(value) or name in FLAGS):
            return name
    return ""


def _is_wrapper(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("message"), dict)


def _keys_beside(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: message[name] for name in BESIDE if message.get(name) is not None}


def _find_content_key(message: Mapping[str, Any]) -> str:
    names = [key for key, value in message.items() if key not in BESIDE and value is not None]
    written = [key for key in names if key not in SILENT]  # in groups a key distribution may stand next to the message
    known = [key for key in written if key in MEDIA or key in READERS]
    return (known or written or names or [""])[0]


def _parse_change(name: str, value: Mapping[str, Any]) -> ContentChange | None:
    """Return the edit or deletion of an earlier message that a silent content makes, or None.

    An edit may be encrypted (evolution-api 2545). The gateway cannot read it then, but it names its target.
    """
    if name == "secretEncryptedMessage":
        target = text(mapping(value.get("targetMessageKey")).get("id"))
        is_edit = text(value.get("secretEncType")) in SECRET_EDIT_TYPES
        return ContentChange(target=target, is_unreadable=True) if is_edit and target else None
    target, kind = text(mapping(value.get("key")).get("id")), text(value.get("type"))
    if name != "protocolMessage" or not target:
        return None
    if kind in REVOKE_TYPES:
        return ContentChange(target=target, is_deleted=True)
    found = edited_text(value.get("editedMessage")) if kind in EDIT_TYPES else ""
    return ContentChange(target=target, text=found) if found else None


def _find_album(beside: Mapping[str, Any]) -> dict[str, str]:
    """Return the id of the album that a picture belongs to, or {}."""
    association = mapping(mapping(beside.get("messageContextInfo")).get("messageAssociation"))
    album = text(mapping(association.get("parentMessageKey")).get("id"))
    return {"album": album} if album and text(association.get("associationType")) in {"1", "MEDIA_ALBUM"} else {}


def _merge_context(data: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """Return the context with the quoted message. Version 2.3 has it next to the message, 1.x and 2.4 inside it."""
    inner = mapping(mapping(value).get("contextInfo"))
    beside = {key: found for key, found in mapping(data.get("contextInfo")).items() if found}
    return {**inner, **beside}


def _parse_origin(context: Mapping[str, Any]) -> dict[str, Any]:
    marks: dict[str, Any] = {}
    if context.get("isForwarded") is True:
        marks["forwarded"] = True
    ad = mapping(context.get("externalAdReply"))
    names = {"sourceId": "source_id", "sourceUrl": "source_url", "sourceType": "source_type", "title": "headline"}
    names |= {"body": "body", "ctwaClid": "ctwa_clid"}
    if any(ad.get(key) for key in ("sourceId", "sourceType", "ctwaClid")):
        marks["referral"] = {ours: text(ad[theirs]) for theirs, ours in names.items() if ad.get(theirs)}
    elif context.get("conversionData") or context.get("ctwaPayload"):
        marks["referral"] = {"source_type": "ad", "source": text(context.get("conversionSource"))}
    return marks
