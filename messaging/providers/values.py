"""What goes into a wire and what comes out of it: value classes in our words.

Plain Python: nothing here knows Django, a tenant or a row. Nothing behind a provider knows `wamid`, `remoteJid` or
`MessageSid`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

NOTE_TO_SELF = "a note to self"  # why the owner's words in the chat with the own number are ignored


class Kind(StrEnum):
    """What a message is, in our words."""

    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"
    STICKER = "sticker"
    LOCATION = "location"
    CONTACTS = "contacts"
    REACTION = "reaction"  # text is the emoji, "" takes it back; reply_to is the message reacted to
    BUTTON = "button"  # a tap; data = {"payload": ...}, text = the label
    LIST = "list"  # a choice; data = {"payload": ..., "description"?}, text = the label
    FLOW = "flow"  # a filled form; data = {"response": ...}
    ORDER = "order"
    POLL = "poll"
    TEMPLATE = "template"  # only outwards
    SYSTEM = "system"  # a notice of the network inside a chat; never answered
    UNSUPPORTED = "unsupported"  # a person wrote something we cannot read: kept and shown, never answered by a guess


class AddressKind(StrEnum):
    """How a person or a group is named on a wire."""

    PHONE = "phone"  # value is E.164 with a plus sign
    BSUID = "bsuid"  # WhatsApp business-scoped user id: never a phone
    LID = "lid"  # WhatsApp linked id: never a phone
    EMAIL = "email"
    GROUP = "group"


class Delivery(StrEnum):
    """How far a message we sent has come; see RANK for the order."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    PLAYED = "played"
    FAILED = "failed"


# Statuses only go up. FAILED beats what came before the phone had it, never what came after.
RANK = {
    Delivery.ACCEPTED: 1,
    Delivery.SENT: 2,
    Delivery.FAILED: 3,
    Delivery.DELIVERED: 4,
    Delivery.READ: 5,
    Delivery.PLAYED: 6,
}


@dataclass(frozen=True)
class Address:
    """One name of a person: `value` is for matching, `external_id` is what the provider wants as a recipient."""

    kind: AddressKind
    value: str
    external_id: str


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who wrote, by every name that the provider gave (the first address is the one to answer to)."""

    addresses: tuple[Address, ...]
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Media:
    """A file that came with a message, by reference or (base64) inside the webhook."""

    mime_type: str
    reference: str = ""  # the provider's id of the file, or an address for a wire that has only addresses
    url: str = ""
    file_name: str = ""
    sha256: str = ""
    size: int | None = None
    seconds: int | None = None
    inline_base64: str = ""
    transcript: str = ""


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """A message somebody sent us, the same whichever provider carried it."""

    external_id: str
    channel: str  # external id of the channel it came in on, as the body names it
    sender: Person  # the customer, also when from_owner: then it is the customer the owner wrote to
    kind: Kind = Kind.TEXT
    text: str = ""  # what the person wrote, caption, label or transcript; "" when there is none
    sent_at: datetime | None = None  # by the provider's clock, aware
    from_owner: bool = False  # written by the business itself on its own phone
    group: Address | None = None  # set when it was written in a group
    media: Media | None = None
    more_media: tuple[Media, ...] = ()  # further files of the same message (MMS)
    data: Mapping[str, Any] = field(default_factory=dict)  # location, contacts, order, referral, forwarded, album ...
    reply_to: str = ""  # external id of the quoted message
    is_mention: bool = False  # the message names us (groups)
    is_history: bool = False  # replayed history: kept, never answered


@dataclass(frozen=True, kw_only=True)
class StatusUpdate:
    """The provider's word on how far one of our messages has come."""

    external_id: str  # of the message we sent
    channel: str
    status: Delivery
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
    is_unreadable: bool = False  # edited, and the new words are encrypted
    text: str = ""
    from_owner: bool = False
    chat: Person | None = None  # where the target must be
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SentEcho:
    """The provider shows us a message that its API sent for us (Evolution `send.message`): proof of a send."""

    external_id: str
    channel: str
    recipient: Person
    text: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ContactUpdate:
    """A person's names changed: link the new addresses to whom the old ones belong, or note a preference."""

    external_id: str
    channel: str
    person: Person  # the person as known so far
    new_addresses: tuple[Address, ...] = ()
    opted_out: bool | None = None  # of marketing; True = stop, False = resume
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class ChannelUpdate:
    """The line itself changed: connected, logged out, a QR code to scan, an account or template notice."""

    external_id: str
    channel: str  # "" when the body names only the account; then `account` is set
    account: str = ""
    topic: str = ""  # connection | qr | template | quality | account | call | other
    state: str = ""  # open | connecting | close | refused | ... as the wire says
    qr: str = ""  # a data URL; a login credential, never logged
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ignored:
    """Something understood that needs nothing done; the reason is kept."""

    external_id: str
    channel: str
    reason: str


Item = InboundMessage | StatusUpdate | MessageChange | SentEcho | ContactUpdate | ChannelUpdate | Ignored


@dataclass(frozen=True, kw_only=True)
class RawItem:
    """One piece of a webhook body, cut out but not yet understood: what is kept and replayed when parsing fails."""

    external_id: str  # unique per channel and thing: message id, or "<message id>:<status>", or a hash of the piece
    channel: str  # external id of the channel the body names, "" when it names none
    account: str = ""  # WABA id, account sid: for bodies that name no channel
    data: Mapping[str, Any] = field(default_factory=dict)  # JSON-able, all that parse() needs


@dataclass(frozen=True, kw_only=True)
class WebhookRequest:
    """What came in, before anything in it is believed."""

    method: str
    url: str  # the public address with query, as the sender knows it
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Credentials(Mapping[str, str]):
    """The secrets of one channel; each may have a second value that is valid during rotation."""

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
        """All values now valid for `name`, newest first; [] when it is not set."""
        return self._values.get(name, [])

    def __repr__(self) -> str:
        return f"Credentials({', '.join(sorted(self._values))})"


@dataclass(frozen=True, kw_only=True)
class Account:
    """What a provider needs to act for one channel."""

    external_id: str
    credentials: Credentials
    base_url: str  # without a trailing slash
    version: str = ""  # of the provider's API, where it has one
    messaging_url: str = ""  # Twilio's second host
    content_url: str = ""  # Twilio's third host


@dataclass(frozen=True, kw_only=True)
class Button:
    """A choice offered under a message; `payload` comes back when it is tapped."""

    payload: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Template:
    """An approved template; `variables` in order, `payloads` of its quick replies in order."""

    name: str
    language: str = "en"
    variables: tuple[str, ...] = ()
    payloads: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    """A message on its way out."""

    recipient: Address
    reference: str  # our own id of the message: put into every request that can echo it
    kind: Kind = Kind.TEXT
    text: str = ""
    media_url: str = ""
    media_id: str = ""  # the provider's own id of a file that was handed to it before
    content: bytes = b""  # the file itself, for wires that take it
    mime_type: str = ""
    file_name: str = ""
    buttons: tuple[Button, ...] = ()
    template: Template | None = None
    reply_to: str = ""
    status_url: str = ""  # where this message's statuses are to go (Twilio)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The provider took the message; its id is missing on wires that give none."""

    external_id: str = ""
    known_as: tuple[Address, ...] = ()  # by which the provider knows whom it was sent to, where it says so
    data: Mapping[str, Any] = field(default_factory=dict)
