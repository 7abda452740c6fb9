"""A request to a simulated service and the response to it, without Django."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from simulator.config import ChannelEntry
from simulator.people import person_key


@dataclass(frozen=True, kw_only=True)
class AcceptedMessage:
    """A message the product sent and a service accepted."""

    channel: ChannelEntry
    id: str
    to: str
    kind: str = "text"
    text: str = ""
    reference: str = ""
    callback: str = ""
    reply_to: str = ""
    choices: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class RequestNote:
    """What the record says about a request that sends no message."""

    kind: str
    to: str = ""
    text: str = ""
    id: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceResponse:
    """The response of a service; `body` is JSON, or bytes or text that are sent unchanged."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    sent: AcceptedMessage | None = None
    note: RequestNote | None = None
    again: bool = False  # an idempotent repeat: the response is the same, and nothing new happened


class RefusedError(Exception):
    """A service refuses a request; `reply` is its error response."""

    def __init__(self, reply: ServiceResponse) -> None:
        super().__init__(f"{reply.status}")
        self.reply = reply


class CutError(Exception):
    """The connection is broken without a response."""


@dataclass(frozen=True, kw_only=True)
class ServiceRequest:
    """A request to a service; `path` begins after the prefix of the service."""

    service: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str  # the address of this service on the simulator

    @cached_property
    def readable(self) -> str:
        """Return the body as text, for failure rules that match its content."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """Return the body as JSON, or None when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """Return the body as form fields."""
        return parse_qs(self.readable, keep_blank_values=True)

    @property
    def is_form(self) -> bool:
        """Return whether the content type says that the body is a form."""
        return self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")

    @cached_property
    def addressee(self) -> str:
        """Return the person the request is for, whichever service it is; "" when there is none."""
        if self.is_form:
            return person_key(self.form.get("To", [""])[0])
        data = self.json if isinstance(self.json, dict) else {}
        return person_key(str(data.get("to") or data.get("recipient") or data.get("number") or ""))

    @property
    def bearer(self) -> str:
        """Return the bearer token, "" when there is none."""
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""
