"""From a message's row to what a provider gets."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from common.http.client import Client, foreign_client, operator_client
from common.text.plain import clean
from messaging.models import MediaFile, Message
from messaging.providers._text import numbered
from messaging.providers.base import (
    Address,
    AddressKind,
    Button,
    Http,
    HttpResponse,
    Kind,
    OutboundMessage,
    Outcome,
    ProviderError,
    Template,
)
from messaging.queries import media_link, provider_of, webhook_url

FILES = (Kind.IMAGE, Kind.VIDEO, Kind.AUDIO, Kind.VOICE, Kind.DOCUMENT, Kind.STICKER)


class DeadlineHttp:
    """An HTTP client that limits all calls for a message to the time left of its claim."""

    def __init__(self, http: Http, seconds: float) -> None:
        self.http = http
        self.until = time.monotonic() + seconds

    def request(self, method: str, url: str, *, timeout: float = 15.0, **more: Any) -> HttpResponse:
        """Like Http.request, with a shorter timeout."""
        left = max(0.1, self.until - time.monotonic())
        return self.http.request(method, url, timeout=min(timeout, left), **more)


class UntrustedUrlHttp:
    """An HTTP client for addresses from webhook bodies, which a stranger may have written.

    Only the provider's own server may be private, and of it only the paths below which it stores files: the same host
    may serve other things. This is checked again for every redirect.
    """

    def __init__(self, base_url: str, paths: Sequence[str]) -> None:
        base = urlsplit(base_url)
        self._server = (base.scheme, base.netloc.lower())
        self._places = tuple(f"{base.path.rstrip('/')}{path}" for path in paths)

    def request(self, method: str, url: str, **more: Any) -> HttpResponse:
        """Like Http.request, through the client that each address requires."""
        return foreign_client().request(method, url, by_hop=self._client_for, **more)

    def _client_for(self, url: str) -> Client:
        found = urlsplit(url)
        is_plain = not any(sign in found.path.lower() for sign in ("..", "\\", "%2e", "%2f", "%5c"))
        is_own = (found.scheme, found.netloc.lower()) == self._server and found.path.startswith(self._places)
        return operator_client() if is_plain and is_own else foreign_client()


def outbound_message(message: Message) -> OutboundMessage:
    """Return the message in the form its provider can send, with our reference and the status address.

    Raises ProviderError for a text that the provider cannot send whole: nobody would notice what is missing.
    """
    provider = provider_of(message.channel)
    if len(message.text) > provider.max_text and message.kind != Kind.TEMPLATE:
        reason = f"the text has {len(message.text)} characters and the provider accepts {provider.max_text}"
        raise ProviderError(reason, outcome=Outcome.PERMANENT)
    conversation = message.conversation
    data = message.data
    template = data.get("template")
    media = MediaFile.objects.filter(message=message).exclude(file="").first() if message.kind in FILES else None
    return OutboundMessage(
        recipient=Address(
            kind=AddressKind(conversation.recipient_kind),
            value=conversation.recipient,
            external_id=conversation.recipient,
        ),
        reference=str(message.pk),
        kind=Kind(message.kind),
        text=message.text,
        media_url=media_link(media) if media and not provider.takes_files else data.get("media_url", ""),
        content=_content(media) if media and provider.takes_files else b"",
        mime_type=media.mime_type if media else data.get("mime_type", ""),
        file_name=media.file_name if media else data.get("file_name", ""),
        buttons=_buttons(message),
        template=_template(template) if template else None,
        reply_to=message.reply_to,
        status_url=f"{webhook_url(message.channel)}/status?m={message.pk}",
    )


def is_written(message: Message, text: str) -> bool:
    """Return whether a text that a provider reports can be this message's: alone or with its choices below it.

    Spaces around it are ignored, because some providers remove them.
    """
    shown = clean(text).strip()
    return shown in {message.text.strip(), numbered(message.text, _buttons(message)).strip()}


def _buttons(message: Message) -> tuple[Button, ...]:
    return tuple(Button(payload=entry["payload"], title=entry["title"]) for entry in message.data.get("buttons", ()))


def _template(chosen: Mapping[str, Any]) -> Template:
    return Template(
        name=chosen["name"], language=chosen["language"], variables=tuple(chosen["variables"]),
        payloads=tuple(chosen.get("payloads", ())),
    )  # fmt: skip


def _content(media: MediaFile) -> bytes:
    with media.file.open("rb") as opened:
        return bytes(opened.read())
