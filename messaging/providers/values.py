"""The value classes that providers receive and return, the same for every provider.

This is plain Python: nothing here knows Django, a tenant or a row. Code outside the providers uses these classes and
never sees a provider's own names such as `wamid`, `remoteJid` or `MessageSid`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

NOTE_TO_SELF = "a note to self"  # the reason why what the owner writes in the chat with their own number is ignored


class Kind(StrEnum):
    """The kinds of a message, the same for every provider."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    REACTION = "reaction"  # text is the emoji, "" removes the reaction; reply_to is the message reacted to
    BUTTON = "button"  # a tap; data = {"payload": ...}, text = the label
    LIST = "list"  # a choice; data = {"payload": ..., "description"?}, text = the label
    FLOW = "flow"  # a filled form; data = {"response": ...}
    ORDER = "order"
    POLL = "poll"
    TEMPLATE = "template"  # only in outgoing messages
    SYSTEM = "system"  # a notice of the network inside a chat; never answered
    UNSUPPORTED = "unsupported"  # a person sent something we cannot parse: stored and shown, its content never guessed


class AddressKind(StrEnum):
    """The kinds of name that a provider has for a person or a group."""

    PHONE = "phone"  # value is E.164 with a plus sign
    BSUID = "bsuid"  # WhatsApp business-scoped user id: never a phone
    LID = "lid"  # WhatsApp linked id: never a phone
    EMAIL = "email"
    GROUP = "group"


class DeliveryStatus(StrEnum):
    """The delivery states of a message that we sent; RANK has their order."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"


# A status replaces only one with a lower rank. FAILED ranks above the states before the phone had the message and below
# those after it, so that a late failure does not hide a delivery.
RANK = {
    DeliveryStatus.ACCEPTED: 1,
    DeliveryStatus.SENT: 2,
    DeliveryStatus.FAILED: 3,
    DeliveryStatus.DELIVERED: 4,
    DeliveryStatus.READ: 5,
    DeliveryStatus.PLAYED: 6,
}


@dataclass(frozen=True)
class Address:
    """One name of a person: `value` is used to compare, `external_id` is what the provider expects as recipient."""

    kind: AddressKind
    value: str
    external_id: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """The person who wrote, with every address that the provider gave. Answers go to the first address."""

    addresses: tuple[Address, ...]
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Media:
    """A file that came with a message, as a reference or (in base64) inside the webhook."""

    mime_type: str
    reference: str = ""  # the provider's id of the file, or its URL where the provider has only URLs
    url: str = ""
    file_name: str = ""
    sha256: str = ""
    size: int | None = None
    seconds: int | None = None
    inline_base64: str = ""
    transcript: str = ""


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """A message that somebody sent us, the same for every provider."""

    external_id: str
    channel: str  # external id of the channel it came in on, as the body names it
    sender: Person  # the customer, also when from_owner: then it is the customer the owner wrote to
    kind: Kind = Kind.TEXT
    text: str = ""  # what the person wrote, caption, label or transcript; "" when there is none
    sent_at: datetime | None = None  # by the provider's clock, aware
    from_owner: bool = False  # the owner wrote it on their own phone
    group: Address | None = None  # set when it was written in a group
    media: Media | None = None
    more_media: tuple[Media, ...] = ()  # further files of the same message (MMS)
    data: Mapping[str, Any] = field(default_factory=dict)  # location, contacts, order, referral, forwarded, album ...
    reply_to: str = ""  # external id of the quoted message
    is_mention: bool = False  # the message names us (groups)
    is_history: bool = False  # replayed history: stored and never answered


@dataclass(frozen=True, kw_only=True)
class StatusUpdate:
    """The provider reports the delivery state of one of our messages."""

    external_id: str  # of the message we sent
    channel: str
    status: DeliveryStatus
    reference: str = ""  # our own reference, echoed
    at: datetime | None = None
    error_code: str = ""
    error_text: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)  # pricing and the like


@dataclass(frozen=True, kw_only=True)
class MessageChange:
    """Somebody edited or deleted an earlier message."""

    external_id: str  # of this event
    channel: str
    target: str  # external id of the message that changes
    is_deleted: bool = False
    is_unreadable: bool = False  # the message was edited, and the new text is encrypted
    text: str = ""
    from_owner: bool = False
    chat: Person | None = None  # where the target must be
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SentEcho:
    """The provider reports a message that its API sent for us (Evolution `send.message`), which proves the send."""

    external_id: str
    channel: str
    recipient: Person
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ContactUpdate:
    """A person has new addresses, which belong to the contact with the old ones, or a new marketing preference."""

    external_id: str
    channel: str
    person: Person  # the person as known so far
    new_addresses: tuple[Address, ...] = ()
    opted_out: bool | None = None  # of marketing; True = stop, False = resume
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ChannelUpdate:
    """Something changed on the channel: connected, logged out, a QR code to scan, an account or template notice."""

    external_id: str
    channel: str  # "" when the body names only the account; then `account` is set
    account: str = ""
    topic: str = ""  # connection | qr | template | quality | account | call | other
    state: str = ""  # open | connecting | close | refused | ... as the provider names it
    qr: str = ""  # a data URL; it is a login credential and never logged
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """An item that was parsed and needs no action; `reason` says why."""

    external_id: str
    channel: str
    reason: str


Item = InboundMessage | StatusUpdate | MessageChange | SentEcho | ContactUpdate | ChannelUpdate | Ignored


@dataclass(frozen=True, kw_only=True)
class RawItem:
    """One item of a webhook body before it is parsed. It is stored, and parsed again later, when parsing fails."""

    external_id: str  # unique in its channel: a message id, or "<message id>:<status>", or a hash of the item
    channel: str  # external id of the channel the body names, "" when it names none
    account: str = ""  # WABA id, account sid: for bodies that name no channel
    data: Mapping[str, Any] = field(default_factory=dict)  # JSON-able, all that parse() needs


@dataclass(frozen=True, kw_only=True)
class WebhookRequest:
    """An incoming webhook request. Nothing in it is trusted yet."""

    method: str
    url: str  # the public address with query, as the sender knows it
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Credentials(Mapping[str, str]):
    """The secrets of one channel. Each may have a second value that stays valid while the secret is rotated."""

    def __init__(self, values: Mapping[str, str | Sequence[str]]) -> None:
        self._values = {
            name: [value] if isinstance(value, str) else list(value) for name, value in values.items() if value
        }

    def __getitem__(self, name: str) -> str:
        return self._values[name][0]

    def __iter__(self) -> Any:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def every(self, name: str) -> list[str]:
        """Return all values that are valid now for `name`, newest first, or [] when it is not set."""
        return self._values.get(name, [])

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self._values))})"


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a provider needs to make calls for one channel."""

    external_id: str
    credentials: Credentials
    base_url: str  # without a trailing slash
    version: str = ""  # of the provider's API, where it has one
    messaging_url: str = ""  # Twilio's second host
    content_url: str = ""  # Twilio's third host


@dataclass(frozen=True, kw_only=True)
class Button:
    """A choice offered under a message. `payload` comes back when the person taps it."""

    payload: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Template:
    """An approved template with its variables and the payloads of its quick replies, both in order."""

    name: str
    language: str = "en"
    variables: tuple[str, ...] = ()
    payloads: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    """A message to send."""

    recipient: Address
    reference: str  # our own id of the message; it goes into every request whose provider returns it
    kind: Kind = Kind.TEXT
    text: str = ""
    media_url: str = ""
    media_id: str = ""  # the provider's id of a file that was uploaded to it before
    content: bytes = b""  # the file itself, for providers with `takes_files`
    mime_type: str = ""
    file_name: str = ""
    buttons: tuple[Button, ...] = ()
    template: Template | None = None
    reply_to: str = ""
    status_url: str = ""  # where this message's statuses are to go (Twilio)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The provider accepted the message. `external_id` is empty where the provider returns no id."""

    external_id: str = ""
    known_as: tuple[Address, ...] = ()  # the recipient's addresses as the provider names them, where it does
    data: Mapping[str, Any] = field(default_factory=dict)
