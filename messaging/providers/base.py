"""The contract between the product and a provider, and the errors that a provider raises.

The value classes that a provider receives and returns are defined in values.py and exported here too.
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
    DeliveryStatus,
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
    "BadBody",
    "Button",
    "ChannelUpdate",
    "ContactUpdate",
    "Credentials",
    "DeliveryStatus",
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
    "WebhookResponse",
]


class Outcome(StrEnum):
    """What must happen after a provider refused or did not answer (RELIABILITY O3)."""

    RETRY = "retry"  # refused for now and certainly not sent: try again later
    PERMANENT = "permanent"  # refused for good: do not try again
    AUTH = "auth"  # our credential is wrong or the account is locked: hold the channel and tell a person
    UNCERTAIN = "uncertain"  # time-out, reset, or 5xx after the body was sent: the message may have been sent


class ProviderError(Exception):
    """A call that did not succeed. The provider says in `outcome` what must happen next, and the service does it.

    `whole_channel` is set when the refusal concerns all messages of the channel and not this one alone (rate limits),
    `closes_window` when it says that the reply window is closed, `opted_out` when it says that the person wants no
    more messages.
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
    """The signature or secret is missing, wrong or too old. The webhook is answered with 401."""


class MissingSecret(Exception):
    """The channel has no secret to check the request with. The webhook is answered with 503 and not stored."""


class BadBody(Exception):
    """The body is not in the format of this provider (JSON or a form). The webhook is answered with 400."""


class Unparsable(Exception):
    """An item cannot be parsed. This item alone fails, with this reason; the others of the body go on."""


@dataclass(frozen=True, kw_only=True)
class WebhookResponse:
    """The response that a provider expects to its webhook."""

    body: str = ""
    content_type: str = "text/plain"
    status: int = 200


@dataclass(frozen=True, kw_only=True)
class MediaRule:
    """Which files of one kind a provider can send. An empty `types` allows every media type."""

    max_bytes: int
    types: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file that was fetched from a provider."""

    content: bytes
    mime_type: str
    file_name: str = ""


@dataclass(frozen=True, kw_only=True)
class ApprovedTemplate:
    """A template that the provider would send now. `text` has {{1}}, {{2}} in the places to fill in."""

    name: str
    language: str
    text: str
    title: str = ""  # for people, where the name is an id


class HttpResponse(Protocol):
    """The part of an HTTP response that providers use (see common.http.client.Response)."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...
    @property
    def retry_after(self) -> float | None: ...

    def json(self) -> Any: ...


class Http(Protocol):
    """The HTTP client (common.http.client.Client). The caller passes it in, so that no provider creates its own."""

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


@dataclass(frozen=True, kw_only=True)
class ConnectGuide:
    """The steps to connect a channel: what to get at the provider, what to paste there. Its texts are marked."""

    external_id: str  # what the external id of a channel is
    fetch: tuple[str, ...]
    paste: tuple[str, ...]
    own_secret: str = ""  # the secret that we generate and give to the provider
    own_secret_label: str = ""
    header: str = ""  # the header in which the provider sends it back


class Provider(ABC):
    """One outside messaging service. Its capabilities are class attributes; each call passes the secrets in."""

    name: ClassVar[str]
    label: ClassVar[str]  # how people call it
    network: ClassVar[str] = "whatsapp"  # the network that its messages reach people in
    max_body_bytes: ClassVar[int] = 3 * 1024 * 1024
    checks_secret_before_body: ClassVar[bool] = False  # the proof is a header: it is checked before the body is read
    status_mark: ClassVar[bytes] = b""  # a body with delivery statuses alone contains these bytes
    message_mark: ClassVar[bytes] = b""  # and does not contain these
    has_reference_echo: ClassVar[bool] = False  # statuses or callbacks contain our reference
    honours_reference: ClassVar[bool] = False  # the provider sends a reference once: sending again is safe
    can_send_media: ClassVar[bool] = False
    takes_files: ClassVar[bool] = False  # we send the file itself; otherwise the provider fetches it from a URL
    # Paths under the base URL where the server itself has files. They may be fetched from a private address.
    file_paths: ClassVar[tuple[str, ...]] = ()
    media_rules: ClassVar[Mapping[Kind, MediaRule]] = {}
    keeps_files_hours: ClassVar[float] = 7 * 24  # how long a customer's file can be fetched
    # Seconds between the attempts to fetch a file. The last value is used for all further attempts.
    file_pauses: ClassVar[tuple[float, ...]] = (5, 15, 40, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600)
    can_quote: ClassVar[bool] = False
    can_send_buttons: ClassVar[bool] = False
    can_show_typing: ClassVar[bool] = False
    can_mark_read: ClassVar[bool] = False
    typing_marks_read: ClassVar[bool] = False  # the call that shows typing also marks the message as read
    can_send_template: ClassVar[bool] = False
    can_register_webhook: ClassVar[bool] = False
    can_list_templates: ClassVar[bool] = False
    reply_window_hours: ClassVar[int | None] = None  # None: free text may be sent at any time
    max_text: ClassVar[int] = 4096
    messages_per_second: ClassVar[float] = 20.0
    credential_names: ClassVar[tuple[str, ...]] = ()
    required_credentials: ClassVar[tuple[str, ...]] = ()
    # Settings of the installation, by credential, for channels that have none of their own.
    credential_settings: ClassVar[Mapping[str, str]] = {}
    base_url_setting: ClassVar[str] = ""  # the setting with the address of its API
    base_url_credential: ClassVar[str] = ""  # or the credential that holds it, where each customer runs a server
    external_id_setting: ClassVar[str] = ""  # the setting with the external id of the installation's first channel
    owner_setting: ClassVar[str] = ""  # the setting with the owner's address, for the first channel
    proofs: ClassVar[tuple[str, ...]]  # the credentials that verify its webhooks, one of which is enough
    may_lack_proof: ClassVar[bool] = False  # without one, the unguessable address of a channel is the only proof
    has_handshake: ClassVar[bool] = False  # it asks by GET for the verify token before it sends webhooks
    get_signature_header: ClassVar[str] = ""  # it may send webhooks by GET, signed in this header
    signs_query: ClassVar[bool] = False  # the query of the address is part of the body: it holds our reference
    # Addresses that all channels of the installation share, each with the view of `messaging.webhooks` that serves it.
    shared_routes: ClassVar[Mapping[str, str]] = {}
    accepts_email: ClassVar[bool] = False  # a person's address may be an e-mail address
    question_settings: ClassVar[tuple[str, str]] = ("WA_BUCKET_CAPACITY", "WA_BUCKET_REFILL_PER_MIN")
    guide: ClassVar[ConnectGuide]

    @abstractmethod
    def verify(self, request: WebhookRequest, credentials: Credentials) -> None:
        """Check that the request comes from the provider. Raise InvalidSignature or MissingSecret."""

    @abstractmethod
    def split(self, body: bytes) -> list[RawItem]:
        """Split a body into its items (all entries, changes, messages, statuses). Raise BadBody."""

    @abstractmethod
    def parse(self, item: RawItem) -> Item:
        """Turn one item into a value class. Raise Unparsable; any other exception also fails this item alone."""

    @abstractmethod
    def send(self, message: OutboundMessage, account: Account, http: Http) -> Sent:
        """Send one message through the provider and return its id there. Raise ProviderError."""

    def window_hours(self, recipient: str) -> int | None:
        """Return how many hours after a person's message free text may be sent to them; None: at any time."""
        return self.reply_window_hours

    def external_address(self, number: str) -> str:
        """Return a number, written as "+" and digits, as the provider writes it."""
        return number.removeprefix("+")

    def clean_external_id(self, typed: str) -> str:
        """Return the external id of a channel as it must be stored. Raise ValueError with a text marked for people."""
        return "".join(typed.split())

    def has_only_statuses(self, body: bytes) -> bool:
        """Return True when a body seems to contain statuses and nothing else.

        This looks only for the marks above and parses nothing. The answer decides in which queue the body waits.
        """
        if not self.status_mark or self.status_mark not in body:
            return False
        return not (self.message_mark and self.message_mark in body)

    def channels_named(self, body: bytes) -> set[str]:
        """Return the external ids of all channels that the body names. Raise BadBody."""
        return {item.channel for item in self.split(body) if item.channel}

    def answer(self) -> WebhookResponse:
        """Return the response that the provider expects when its webhook was accepted."""
        return WebhookResponse()

    def show_typing(self, *, conversation: Address, last_inbound: str, account: Account, http: Http) -> None:
        """Show the person that an answer is being written. The caller ignores failures."""

    def mark_read(self, *, conversation: Address, external_id: str, account: Account, http: Http) -> None:
        """Mark one inbound message as read at the provider."""

    def fetch_media(
        self, *, media: Media, account: Account, http: Http, max_bytes: int, message_id: str = ""
    ) -> Download:
        """Fetch a file that came with a message. Raise ProviderError."""
        raise ProviderError("this provider carries no files", outcome=Outcome.PERMANENT)

    def register_webhook(self, *, url: str, account: Account, http: Http) -> str:
        """Tell the provider where to send webhooks and return a sentence for the operator. Raise ProviderError."""
        raise ProviderError("this provider is registered in its own dashboard", outcome=Outcome.PERMANENT)

    def list_templates(self, *, account: Account, http: Http) -> list[ApprovedTemplate]:
        """Return the approved templates that a person can fill in. Raise ProviderError.

        Only providers with `can_list_templates` have this.
        """
        raise NotImplementedError

    def check_account(self, *, account: Account, http: Http) -> str:
        """Ask the provider whether the account works and return a short state such as "open". Raise ProviderError."""
        return "unknown"

    def sample_webhook(self, *, account: Account, url: str, text: str, person: str, message_id: str) -> WebhookRequest:
        """Return a signed webhook with one text message, as the provider would send it.

        The command `doctor` and the test button post it to our own route.
        """
        raise NotImplementedError
