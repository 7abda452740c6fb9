"""What stands in `message`: one content key, in wrappers or not, in the encodings of all versions.

Source: wire page "Evolution API", section 4 "Content keys" (Evolution API 1.8 to 2.4.0-rc2 prepareMessage, Baileys
WAProto). Up to 2.3.5 bytes are base64 and long numbers are texts, from 2.3.6 bytes are objects of index and value and
long numbers are `{low, high, unsigned}`: no type is trusted here. WhatsApp adds wrappers and kinds every few months
(fazer-ai/chatwoot 345): a wrapper is whatever holds a `message`, and a kind that nobody knows keeps its words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from messaging.providers._evolution_identity import bare
from messaging.providers._evolution_kinds import MEDIA, READERS, Change, Content, Piece, media, unsupported
from messaging.providers._foreign import items, mapping, text
from messaging.providers._words import first_dict, words_of
from messaging.providers.base import Kind

MAX_WRAPPERS = 16
# Beside the content key, never the content itself.
BESIDE = {"messageContextInfo", "base64", "mediaUrl", "speechToText", "contextInfo"}
# Nothing that a person wrote to us: no message, no unread, nobody waits (whatsmeow 809, wppconnect-server 1202).
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


def read(data: Mapping[str, Any], *, message_id: str) -> Content:
    """Understand the `data` of one message event."""
    message, beside, flags = _unwrap(mapping(data.get("message")))
    name = _content_key(message)
    if not name:
        return Content(silent="no content")
    if name in SILENT:
        # An album is a counter only: its pictures follow one by one.
        reason = "album announcement" if name == "albumMessage" else name
        return Content(silent=reason, change=_change(name, mapping(message[name])))
    value = message[name]
    content = _read(Piece(name=name, value=value, data=data), beside, message_id)
    if content == Content():
        return Content(silent="empty text")
    context = _context(data, value)
    content.data = {**content.data, **flags, **_marks(context), **_album(beside)}
    content.reply_to = content.reply_to or text(context.get("stanzaId"))
    content.mentioned = [bare(jid) for jid in items(context.get("mentionedJid"))]
    return content


def edited_text(message: Any) -> str:
    """The new text of an edit: a text, the caption of a file, or whatever words it holds."""
    inner, _, _ = _unwrap(mapping(message))
    for name, value in inner.items():
        found = value if isinstance(value, str) else mapping(value).get("text") or mapping(value).get("caption")
        if found and name not in BESIDE:
            return text(found)
    return words_of({name: value for name, value in inner.items() if name not in BESIDE})


def _read(piece: Piece, beside: Mapping[str, Any], message_id: str) -> Content:
    if piece.name in MEDIA:
        return media(piece.name, mapping(piece.value), beside, message_id)
    content = READERS.get(piece.name, unsupported)(piece)
    if content.kind in (Kind.TEXT, Kind.UNSUPPORTED) and isinstance(piece.value, dict):
        _add_file(content, piece, beside, message_id)
    return content


def _add_file(content: Content, piece: Piece, beside: Mapping[str, Any], message_id: str) -> None:
    """The file in the header of another business's message, or somewhere in a kind that nobody knows."""
    holder = first_dict(piece.value, lambda each: any(isinstance(each.get(name), dict) for name in MEDIA))
    if holder is None:
        return
    name = next(name for name in MEDIA if isinstance(holder.get(name), dict))
    found = media(name, holder[name], {**beside, **{key: holder[key] for key in BESIDE if key in holder}}, message_id)
    content.kind, content.media = found.kind, found.media
    content.text = content.text or found.text


def _unwrap(message: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any], dict[str, Any]]:
    """(the innermost content, what stands beside it and beside its wrappers, flags of the wrappers)."""
    flags: dict[str, Any] = {}
    beside = _beside(message)
    for _ in range(MAX_WRAPPERS):
        name = _wrapper(message)
        if not name:
            break
        if name in FLAGS:
            flags[FLAGS[name]] = True
        message = mapping(mapping(message[name]).get("message"))
        beside |= _beside(message)
    return message, beside, flags


def _wrapper(message: Mapping[str, Any]) -> str:
    """The key of a wrapper: whatever holds a `message` of its own, or would hold one and is empty."""
    if any(name in MEDIA or name in READERS for name in message if not _inside(message[name])):
        return ""  # the content itself stands here
    for name, value in message.items():
        if name not in BESIDE and name not in SILENT and (_inside(value) or name in FLAGS):
            return name
    return ""


def _inside(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("message"), dict)


def _beside(message: Mapping[str, Any]) -> dict[str, Any]:
    return {name: message[name] for name in BESIDE if message.get(name) is not None}


def _content_key(message: Mapping[str, Any]) -> str:
    names = [key for key, value in message.items() if key not in BESIDE and value is not None]
    loud = [key for key in names if key not in SILENT]  # a group's first message carries its key distribution beside it
    known = [key for key in loud if key in MEDIA or key in READERS]
    return (known or loud or names or [""])[0]


def _change(name: str, value: Mapping[str, Any]) -> Change | None:
    """What a silent content does to an earlier message; None when it does nothing.

    An edit may come encrypted (evolution-api 2545): the gateway cannot read it, but it names its target.
    """
    if name == "secretEncryptedMessage":
        target = text(mapping(value.get("targetMessageKey")).get("id"))
        is_edit = text(value.get("secretEncType")) in SECRET_EDIT_TYPES
        return Change(target=target, is_unreadable=True) if is_edit and target else None
    target, kind = text(mapping(value.get("key")).get("id")), text(value.get("type"))
    if name != "protocolMessage" or not target:
        return None
    if kind in REVOKE_TYPES:
        return Change(target=target, is_deleted=True)
    found = edited_text(value.get("editedMessage")) if kind in EDIT_TYPES else ""
    return Change(target=target, text=found) if found else None


def _album(beside: Mapping[str, Any]) -> dict[str, str]:
    """Which album a picture belongs to."""
    tie = mapping(mapping(beside.get("messageContextInfo")).get("messageAssociation"))
    album = text(mapping(tie.get("parentMessageKey")).get("id"))
    return {"album": album} if album and text(tie.get("associationType")) in {"1", "MEDIA_ALBUM"} else {}


def _context(data: Mapping[str, Any], value: Any) -> dict[str, Any]:
    """2.3 puts the quote beside the message, 1.x and 2.4 inside the content key."""
    inner = mapping(mapping(value).get("contextInfo"))
    beside = {key: found for key, found in mapping(data.get("contextInfo")).items() if found}
    return {**inner, **beside}


def _marks(context: Mapping[str, Any]) -> dict[str, Any]:
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
