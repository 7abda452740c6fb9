"""Split and parse the webhooks of Evolution; a body holds one event.

Source: provider notes "Evolution API", sections 3 (envelope), 4 (messages) and 5 (other events), versions 1.8 to
2.4.0-rc2. `date_time` is the server's local time written with a Z, and `sender` is our own JID, so neither describes
the customer's message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from messaging.providers import _evolution_channel, _evolution_content, _evolution_identity
from messaging.providers._evolution_channel import ignored
from messaging.providers._evolution_kinds import ContentChange
from messaging.providers._foreign import fingerprint, load, mapping, moment, store_fields, text
from messaging.providers.base import (
    NOTE_TO_SELF,
    Address,
    ContactUpdate,
    DeliveryStatus,
    InboundMessage,
    Item,
    Kind,
    MessageChange,
    Person,
    RawItem,
    SentEcho,
    StatusUpdate,
    Unparsable,
)

# Fields that are not stored: credentials of the server, login credentials, keys of encrypted files, and thumbnails.
NOT_KEPT = {
    "apikey", "api_key", "server_url", "jwt_key", "token", "hash", "pairingCode", "code", "mediaKey", "jpegThumbnail",
    "mediaKeyTimestamp", "fileEncSha256", "directPath", "deviceListMetadata", "messageSecret", "encPayload", "encIv",
    "waveform", "disconnectionObject",
}  # fmt: skip
MESSAGES = {"messages.upsert", "messages.set", "send.message"}
STATUSES = {
    "PENDING": DeliveryStatus.ACCEPTED,
    "SERVER_ACK": DeliveryStatus.SENT,
    "DELIVERY_ACK": DeliveryStatus.DELIVERED,
    "READ": DeliveryStatus.READ,
    "PLAYED": DeliveryStatus.PLAYED,
    "ERROR": DeliveryStatus.FAILED,
}


def split(body: bytes) -> list[RawItem]:
    """Split one event into its items. Raise BadBody."""
    envelope = load(body)
    event = text(envelope.get("event")).strip().lower().replace("_", ".")
    data = envelope.get("data")
    pieces = data if isinstance(data, list) else [data]
    return [_build_item(event, envelope, piece) for piece in pieces]


def instances(body: bytes) -> set[str]:
    """Return the instance that a body names, without splitting the body. Raise BadBody."""
    named = store_fields(text(load(body).get("instance")))
    return {named} if named else set()


def _build_item(event: str, envelope: Mapping[str, Any], piece: Any) -> RawItem:
    piece = store_fields(piece, without=NOT_KEPT)
    data = {"event": store_fields(event), "data": piece}
    key = mapping(mapping(piece).get("key")) or mapping(piece)  # version 1 flattens the key of a deletion
    if _evolution_identity.is_group(key.get("remoteJid")) or key.get("fromMe") is True:
        # The account's own JID is needed to find out whether the message mentions us, and whether it is a note to self.
        data["own"] = store_fields(_evolution_identity.bare(envelope.get("sender")))
    name = _item_id(event, mapping(piece))
    if not name:
        # The time makes equal events at different times two items. A repeated webhook has the time of the first one.
        name = f"{event[:100]}:{fingerprint(piece, text(envelope.get('date_time')))}"
    return RawItem(
        external_id=store_fields(name) if len(name) < 200 else fingerprint(name),
        channel=store_fields(text(envelope.get("instance"))),
        data=data,
    )


def _item_id(event: str, piece: Mapping[str, Any]) -> str:
    key_id = text(mapping(piece.get("key")).get("id"))
    if event in MESSAGES and key_id:
        return f"{key_id}:echo" if event == "send.message" else key_id
    if event == "messages.update" and _update_id(piece):
        return f"{_update_id(piece)}:{text(piece.get('status')) or 'none'}"
    if event == "messages.edited" and key_id:
        return f"{key_id}:edited:{text(piece.get('timestampMs')) or fingerprint(piece)}"
    if event == "messages.delete" and _update_id(piece):
        return f"{_update_id(piece)}:deleted"
    if event == "call" and text(piece.get("id")):
        return f"call:{text(piece.get('id'))}:{text(piece.get('status'))}"
    return ""


def _update_id(piece: Mapping[str, Any]) -> str:
    """Return WhatsApp's id of the message that is updated, or "".

    It is `keyId` (`messageId` is the id of a row of Evolution); version 1 has the fields of `key` directly in the data.
    """
    return text(piece.get("keyId")) or text(piece.get("id")) or text(mapping(piece.get("key")).get("id"))


def parse(item: RawItem) -> Item:
    """Turn one item into a value class. Raise Unparsable."""
    event = text(item.data.get("event"))
    reader = READERS.get(event)
    if reader is None:
        return ignored(item, f"event {event}"[:100])
    if item.data.get("data") is not None and not isinstance(item.data["data"], dict):
        raise Unparsable(f"{event}: not an object")
    return reader(item, mapping(item.data.get("data")))


def _parse_message(item: RawItem, data: Mapping[str, Any]) -> Item:
    key = mapping(data.get("key"))
    chat, key_id = key.get("remoteJid"), text(key.get("id"))
    if _evolution_identity.is_unanswerable(chat):
        return ignored(item, f"chat {_evolution_identity.domain_of(chat)}")
    if not key_id:
        # Every message of WhatsApp has an id. One without it was posted by hand, such as the test in the guides, and is
        # not reported as a failure.
        return ignored(item, "a message without an id")
    if _evolution_identity.is_own_chat(text(item.data.get("own")), key):
        return ignored(item, NOTE_TO_SELF)
    found = _evolution_content.read(data, message_id=key_id)
    from_owner = key.get("fromMe") is True
    if found.change is not None:
        return _build_nested_change(item, key, found.change, at=moment(data.get("messageTimestamp")))
    if found.silent or (from_owner and found.kind == Kind.REACTION):
        return ignored(item, found.silent or "reaction by the owner")
    group = _evolution_identity.address(chat) if _evolution_identity.is_group(chat) else None
    return InboundMessage(
        external_id=key_id,
        channel=item.channel,
        sender=_find_person(key, group, from_owner=from_owner, name=text(data.get("pushName"))),
        kind=found.kind,
        text=found.text,
        sent_at=moment(data.get("messageTimestamp")),
        from_owner=from_owner,
        group=group,
        media=found.media,
        data=found.data,
        reply_to=found.reply_to,
        is_mention=_evolution_identity.is_named(text(item.data.get("own")), found.mentioned),
        is_history=item.data["event"] == "messages.set",
    )


def _build_nested_change(item: RawItem, key: Mapping[str, Any], change: ContentChange, *, at: datetime | None) -> Item:
    """Return an edit or a deletion that came as a message.

    The change is limited to the chat that it came from: the target id in it could name a message of another chat.
    """
    group = (
        _evolution_identity.address(key.get("remoteJid"))
        if _evolution_identity.is_group(key.get("remoteJid"))
        else None
    )
    from_owner = key.get("fromMe") is True
    who = Person(addresses=(group,)) if group else _find_person(key, None, from_owner=from_owner, name="")
    return MessageChange(
        external_id=item.external_id,
        channel=item.channel,
        target=change.target,
        is_deleted=change.is_deleted,
        is_unreadable=change.is_unreadable,
        text=change.text,
        from_owner=from_owner,
        at=at,
        chat=who,
    )


def _find_person(key: Mapping[str, Any], group: Address | None, *, from_owner: bool, name: str) -> Person:
    """Return the customer; in a group the member who wrote, or the group itself when the owner wrote."""
    if from_owner:  # `pushName` is the name of the owner then, so it is not used
        return Person(addresses=(group,) if group else _evolution_identity.customer({**key, "fromMe": True}))
    return Person(addresses=_evolution_identity.member(key) if group else _evolution_identity.customer(key), name=name)


def _parse_echo(item: RawItem, data: Mapping[str, Any]) -> Item:
    key = mapping(data.get("key"))
    chat, key_id = key.get("remoteJid"), text(key.get("id"))
    if _evolution_identity.is_unanswerable(chat):
        return ignored(item, f"chat {_evolution_identity.domain_of(chat)}")
    if not key_id:
        raise Unparsable("an echo without key.id")
    group = _evolution_identity.address(chat) if _evolution_identity.is_group(chat) else None
    return SentEcho(
        external_id=key_id,
        channel=item.channel,
        recipient=_find_person(key, group, from_owner=True, name=""),
        text=_evolution_content.read(data, message_id=key_id).text,
        at=moment(data.get("messageTimestamp")),
    )


def _parse_status(item: RawItem, data: Mapping[str, Any]) -> Item:
    status = text(data.get("status")).upper()
    if data.get("fromMe") is False:
        return ignored(item, "status of an inbound message")
    # The status is missing, or DELETED after an edit. The events messages.edited and messages.delete are used for that.
    if status not in STATUSES:
        return ignored(item, f"status {status or 'missing'}"[:100])
    key_id = _update_id(data)
    if not key_id:
        raise Unparsable("a status without keyId")
    failed = status == "ERROR"
    return StatusUpdate(
        external_id=key_id,
        channel=item.channel,
        status=STATUSES[status],
        at=moment(data.get("datetime")),
        error_code="ERROR" if failed else "",
        error_text="WhatsApp refused the message" if failed else "",
    )


def _parse_edit(item: RawItem, data: Mapping[str, Any]) -> Item:
    key = mapping(data.get("key"))
    return _build_change(
        item, key, text=_evolution_content.edited_text(data.get("editedMessage")), at=moment(data.get("timestampMs"))
    )


def _parse_deletion(item: RawItem, data: Mapping[str, Any]) -> Item:
    return _build_change(item, data if data.get("id") else mapping(data.get("key")), is_deleted=True)


def _build_change(item: RawItem, key: Mapping[str, Any], **fields: Any) -> Item:
    if not text(key.get("id")):
        raise Unparsable("a change without the id of its message")
    if _evolution_identity.is_own_chat(text(item.data.get("own")), key):
        return ignored(item, NOTE_TO_SELF)
    return MessageChange(
        external_id=item.external_id,
        channel=item.channel,
        target=text(key.get("id")),
        from_owner=key.get("fromMe") is True,
        **fields,
    )


def _parse_contact(item: RawItem, data: Mapping[str, Any]) -> Item:
    names = _evolution_identity.pair(data)
    if len(names) < 2:
        return ignored(item, "contact without a second address")
    person = Person(addresses=names[:1], name=text(data.get("pushName")) or text(data.get("name")))
    return ContactUpdate(external_id=item.external_id, channel=item.channel, person=person, new_addresses=names[1:])


READERS: dict[str, Callable[[RawItem, Mapping[str, Any]], Item]] = {
    "messages.upsert": _parse_message,
    "messages.set": _parse_message,
    "send.message": _parse_echo,
    "messages.update": _parse_status,
    "messages.edited": _parse_edit,
    "messages.delete": _parse_deletion,
    "contacts.update": _parse_contact,
    "contacts.upsert": _parse_contact,
    "contacts.set": _parse_contact,
    "connection.update": _evolution_channel.connection,
    "status.instance": _evolution_channel.connection,
    "logout.instance": _evolution_channel.connection,
    "remove.instance": _evolution_channel.connection,
    "qrcode.updated": _evolution_channel.qr,
    "call": _evolution_channel.call,
    "error": _evolution_channel.error,
}
