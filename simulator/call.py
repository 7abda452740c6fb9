"""A request to a simulated service and the answer to it, free of Django."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from simulator.config import Channel
from simulator.people import person_key


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message the product sent and a service accepted."""

    channel: Channel
    id: str
    to: str
    kind: str = "text"
    text: str = ""
    reference: str = ""
    callback: str = ""
    reply_to: str = ""
    choices: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Note:
    """What to write into the record of a request that is no message."""

    kind: str
    to: str = ""
    text: str = ""
    id: str = ""
    reference: str = ""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer; `body` is JSON, or bytes or text to send as they are."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    sent: Sent | None = None
    note: Note | None = None
    again: bool = False  # an idempotent repeat: answered, but nothing new happened


class RefusedError(Exception):
    """The service refuses a request, in its own words."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status}")
        self.reply = reply


class CutError(Exception):
    """The connection breaks without an answer."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request as a service sees it; `path` begins after the service's prefix."""

    service: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str  # the address of this service on the simulator

    @cached_property
    def readable(self) -> str:
        """The body as text, for matching."""
        return self.body.decode("utf-8", "replace")

    @cached_property
    def json(self) -> Any:
        """The body as JSON, None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """The body as a form."""
        return parse_qs(self.readable, keep_blank_values=True)

    @property
    def is_form(self) -> bool:
        """Tell whether the body says it is a form."""
        return self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")

    @cached_property
    def addressee(self) -> str:
        """Whom the request is for, on any wire; empty when it is for nobody."""
        if self.is_form:
            return person_key(self.form.get("To", [""])[0])
        data = self.json if isinstance(self.json, dict) else {}
        return person_key(str(data.get("to") or data.get("recipient") or data.get("number") or ""))

    @property
    def bearer(self) -> str:
        """The bearer token of the request."""
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else ""
