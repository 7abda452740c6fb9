"""The contract between the product and a wire, and the errors that carry a decision.

The value classes that go in and come out stand in values.py and are named here too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol

from messaging.providers.values import (
    NOTE_TO_SELF,
    RANK,
    Account,
    Address,
    AddressKind,
    Button,
    ChannelUpdate,
    ContactUpdate,
    Credentials,
    Delivery,
    Ignored,
    InboundMessage,
    Item,
    Kind,
    Media,
    MessageChange,
    OutboundMessage,
    Person,
    RawItem,
    Sent,
    SentEcho,
    StatusUpdate,
    Template,
    WebhookRequest,
)

__all__ = [
    "NOTE_TO_SELF",
    "RANK",
    "Account",
    "Address",
    "AddressKind",
    "Answer",
    "BadBody",
    "Button",
    "ChannelUpdate",
    "ContactUpdate",
    "Credentials",
    "Delivery",
    "Download",
    "Http",
    "HttpResponse",
    "Ignored",
    "InboundMessage",
    "InvalidSignature",
    "Item",
    "Kind",
    "Media",
    "MediaRule",
    "MessageChange",
    "MissingSecret",
    "OutboundMessage",
    "Outcome",
    "Person",
    "Provider",
    "ProviderError",
    "RawItem",
    "Sent",
    "SentEcho",
    "StatusUpdate",
    "Template",
    "Unparsable",
    "WebhookRequest",
]


class Outcome(StrEnum):
    """What an answer of a provider means for the next step (RELIABILITY O3)."""

    RETRY = "retry"  # refused for now, surely not sent
    PERMANENT = "permanent"  # refused for good
    AUTH = "auth"  # our credential is bad or the account is locked: hold the channel, tell a person
    UNCERTAIN = "uncertain"  # time-out, reset, or 5xx after the body went out: it may have been sent


class ProviderError(Exception):
    """A send that did not succeed; the provider decides what it means, the service obeys.

    `whole_channel` marks a refusal that concerns the line and not this message (rate limits); `closes_window` one that
    says the reply window is shut; `opted_out` one that says the person wants no more messages.
    """

    def __init__(
        self,
        reason: str,
        *,
        outcome: Outcome,
        code: str = "",
        retry_after: float | None = None,
        whole_channel: bool = False,
        closes_window: bool = False,
        opted_out: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.outcome = outcome
        self.code = code
        self.retry_after = retry_after
        self.whole_channel = whole_channel
        self.closes_window = closes_window
        self.opted_out = opted_out


class InvalidSignature(Exception):
    """The proof is missing, wrong or stale: answered 401."""


class MissingSecret(Exception):
    """The channel has no secret to check against: answered 503, nothing kept."""


class BadBody(Exception):
    """The body is not what this wire sends (not JSON, not a form): answered 400."""


class Unparsable(Exception):
    """An item that cannot be understood; it dies alone with this reason."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a wire's page wants to hear back."""

    body: str = ""
    content_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class MediaRule:
    """Which files of a kind a wire carries; no types: all."""

    max_bytes: int
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Download:
    """A fetched file."""

    content: bytes
    mime_type: str
    file_name: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovedTemplate:
    """A template that the provider would send now; `text` holds {{1}}, {{2}} where something is filled in."""

    name: str
    language: str
    text: str
    title: str = ""  # for people, where the name is an id


class HttpResponse(Protocol):
    """The part of an answer that providers read (see common.http.client.Response)."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...

    def json(self) -> Any: ...


class Http(Protocol):
    """The one HTTP client (common.http.client.Client), handed in so that a provider never makes its own."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str | Sequence[str]] | None = None,
        content: bytes | None = None,
        timeout: float = 15.0,
        max_bytes: int = 2_000_000,
        follow: int = 0,
    ) -> HttpResponse: ...


class Provider(ABC):
    """One wire. Capabilities are class attributes; secrets come in with the call."""

    name: ClassVar[str]
    max_body_bytes: ClassVar[int] = 3 * 1024 * 1024
    checks_secret_before_body: ClassVar[bool] = False  # a header proof: refuse before reading a large body
    status_mark: ClassVar[bytes] = b""  # bodies that only tell how far messages have come hold this
    message_mark: ClassVar[bytes] = b""  # and not this
    has_reference_echo: ClassVar[bool] = False  # statuses or callbacks carry our reference
    honours_reference: ClassVar[bool] = False  # the same reference twice is one message: a resend is safe
    can_send_media: ClassVar[bool] = False
    takes_files: ClassVar[bool] = False  # the file itself goes along; else the provider fetches it from an address
    file_paths: ClassVar[tuple[str, ...]] = ()  # below which the server itself keeps files: it may be a private one
    media_rules: ClassVar[Mapping[Kind, MediaRule]] = {}
    keeps_files_hours: ClassVar[float] = 7 * 24  # of customers; after that no try helps
    # Seconds between the tries to fetch one; the last counts for all further ones.
    file_pauses: ClassVar[tuple[float, ...]] = (5, 15, 40, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600)
    can_quote: ClassVar[bool] = False
    can_send_buttons: ClassVar[bool] = False
    can_show_typing: ClassVar[bool] = False
    can_mark_read: ClassVar[bool] = False
    typing_marks_read: ClassVar[bool] = False  # the call that shows typing marks the message as read too
    can_send_template: ClassVar[bool] = False
    can_register_webhook: ClassVar[bool] = False
    can_list_templates: ClassVar[bool] = False
    reply_window_hours: ClassVar[int | None] = None  # None: free text at any time
    max_text: ClassVar[int] = 4096
    messages_per_second: ClassVar[float] = 20.0
    credential_names: ClassVar[tuple[str, ...]] = ()
    required_credentials: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Return if the request is proven to come from the provider; raises InvalidSignature or MissingSecret."""

    @abstractmethod
    def split(self, body: bytes) -> list[RawItem]:
        """Cut a body into its items (all entries, changes, messages, statuses); raises BadBody."""

    @abstractmethod
    def parse(self, item: RawItem) -> Item:
        """Understand one item; raises Unparsable (or anything: the item dies alone)."""

    @abstractmethod
    def send(self, message: OutboundMessage, account: Account, http: Http) -> Sent:
        """Hand one message to the provider; raises ProviderError."""

    def tells_statuses_only(self, body: bytes) -> bool:
        """Whether a body seems to hold statuses and nothing else; a glance that decides how urgent it is."""
        if not self.status_mark or self.status_mark not in body:
            return False
        return not (self.message_mark and self.message_mark in body)

    def channels_named(self, body: bytes) -> set[str]:
        """External ids of all channels that the body names; raises BadBody."""
        return {item.channel for item in self.split(body) if item.channel}

    def answer(self) -> Answer:
        """The body that the provider wants with a 200."""
        return Answer()

    def show_typing(self, *, conversation: Address, last_inbound: str, account: Account, http: Http) -> None:
        """Show the person that an answer is being written; failures are the caller's to swallow."""

    def mark_read(self, *, conversation: Address, external_id: str, account: Account, http: Http) -> None:
        """Mark one inbound message as read."""

    def fetch_media(
        self, *, media: Media, account: Account, http: Http, max_bytes: int, message_id: str = ""
    ) -> Download:
        """Download a file that came with a message; raises ProviderError."""
        raise ProviderError("this wire carries no files", outcome=Outcome.PERMANENT)

    def register_webhook(self, *, url: str, account: Account, http: Http) -> str:
        """Tell the provider where to send webhooks; returns a sentence for the operator; raises ProviderError."""
        raise ProviderError("this wire is registered in its own dashboard", outcome=Outcome.PERMANENT)

    def list_templates(self, *, account: Account, http: Http) -> list[ApprovedTemplate]:
        """The approved templates that a person can fill in; where `can_list_templates`; raises ProviderError."""
        raise NotImplementedError

    def check_account(self, *, account: Account, http: Http) -> str:
        """Ask the provider whether the account works; returns a short state such as "open"; raises ProviderError."""
        return "unknown"

    def sample_webhook(self, *, account: Account, url: str, text: str, person: str, message_id: str) -> WebhookRequest:
        """A genuine signed webhook with one text message: what doctor and the test button post to ourselves."""
        raise NotImplementedError
