"""Base classes of the simulated services: the routes they answer, and the webhooks that messaging services post."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from simulator.config import ChannelEntry
from simulator.exchange import AcceptedMessage, RefusedError, ServiceRequest, ServiceResponse
from simulator.media import Medium
from simulator.poster import Webhook

PAYLOADS = Path(__file__).resolve().parent.parent / "payloads"
TEMPLATES = {path.stem: path.read_text(encoding="utf-8") for path in PAYLOADS.glob("*.json")}


def payload(name: str) -> Any:
    """A fresh copy of a captured payload, to be filled in."""
    return json.loads(TEMPLATES[name])


def compact(data: Any) -> bytes:
    """JSON as JavaScript writes it: UTF-8, no blanks."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, kw_only=True)
class PersonMessage:
    """Something a person, or the owner from their own phone, does on the simulated phone."""

    id: str
    person: str
    kind: str
    at: int
    text: str = ""
    name: str = ""
    reply_to: str = ""
    medium: Medium | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def detail(self, name: str, default: Any = "") -> Any:
        """An extra the control API was given."""
        return self.details.get(name, default)


class Service:
    """One outside service: a table of routes and the format of its errors."""

    name: ClassVar[str]
    routes: tuple[tuple[str, str, str], ...]  # method, pattern of the whole path, name of the method

    def __init_subclass__(cls) -> None:
        cls._compiled = [(method, re.compile(pattern), name) for method, pattern, name in getattr(cls, "routes", ())]

    _compiled: ClassVar[list[tuple[str, re.Pattern[str], str]]] = []

    def error(self, status: int, text: str = "") -> ServiceResponse:
        """The service's own error body for an HTTP status."""
        raise NotImplementedError

    def perform(self, call: ServiceRequest) -> ServiceResponse:
        """Answer a call, or refuse it."""
        other_method = False
        for method, pattern, name in self._compiled:
            found = pattern.fullmatch(call.path)
            if found and method == call.method:
                reply: ServiceResponse = getattr(self, name)(call, **found.groupdict())
                return reply
            other_method = other_method or bool(found)
        text = f"Unknown path components or method: {call.method} {call.path}"
        raise RefusedError(self.error(405 if other_method else 404, text))


class MessagingService(Service):
    """A service that carries messages, with the webhooks it posts to the product."""

    repeats: ClassVar[int] = 0  # how often it posts a webhook again
    status_names: ClassVar[tuple[str, ...]] = ("sent", "delivered", "read")
    media_kinds: ClassVar[tuple[str, ...]] = ("image", "audio", "voice", "document", "video", "sticker")

    def new_id(self, kind: str = "text") -> str:
        """An id as this service makes them for a message from a person."""
        raise NotImplementedError

    def inbound(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        """The payload of a person's message."""
        raise NotImplementedError

    def owner(self, channel: ChannelEntry, said: PersonMessage) -> Any:
        """The payload of what the owner writes from their own phone."""
        raise NotImplementedError

    def status(self, sent: AcceptedMessage, status: str, error: str = "") -> Any:
        """The payload of a status, None when the service reports none."""
        raise NotImplementedError

    def status_url(self, sent: AcceptedMessage) -> str:
        """Where statuses of a message go."""
        return sent.channel.webhook_url

    def sign(self, channel: ChannelEntry, content: Any, url: str) -> tuple[bytes, dict[str, str]]:
        """Turn a payload (or finished text) into the bytes and headers this service posts."""
        raise NotImplementedError

    def webhook(self, channel: ChannelEntry, content: Any, *, url: str = "", **about: str) -> Webhook:
        """A signed webhook, ready to post."""
        url = url or channel.webhook_url
        body, headers = self.sign(channel, content, url)
        return Webhook(
            service=self.name, url=url, body=body, headers=headers, repeats=self.repeats, readable=content, **about
        )
