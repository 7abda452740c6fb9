"""What Meta and those who pass its Cloud API on have in common: bodies, sending, courtesies, files.

Source: wire page "Meta WhatsApp Cloud API" section 8; "360dialog" section 1 lists what differs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from common.http.client import HttpError
from messaging.providers import _cloud, _cloud_send
from messaging.providers._cloud_errors import failure, sent
from messaging.providers._errors import answer_object, call, fetch, file_error
from messaging.providers._foreign import text
from messaging.providers._media import WHATSAPP, multipart
from messaging.providers.base import (
    Account,
    Address,
    Download,
    Http,
    HttpResponse,
    Item,
    Media,
    OutboundMessage,
    Outcome,
    Provider,
    ProviderError,
    RawItem,
    Sent,
)


class CloudWire(Provider):
    """A wire that speaks the Cloud API; who it is and where it lives is the subclass's to say."""

    # Changes of both kinds are of the field "messages": only messages have a list of that name.
    status_mark, message_mark = b'"statuses":', b'"messages":'
    has_reference_echo = True
    can_send_media = True
    takes_files = True
    media_rules = WHATSAPP
    file_paths = ("/",)  # the base is a server of the installation's: the real one or one that stands in
    can_quote = True
    can_send_buttons = True
    can_show_typing = True
    can_mark_read = True
    typing_marks_read = True
    can_send_template = True
    can_register_webhook = True
    reply_window_hours = 24
    max_text = 4096
    messages_per_second = 80.0

    @abstractmethod
    def authorization(self, account: Account) -> dict[str, str]:
        """The header that carries our credential; raises ProviderError when there is none."""

    @abstractmethod
    def number_url(self, account: Account) -> str:
        """The address below which the number's calls lie."""

    @abstractmethod
    def lookup_url(self, reference: str, account: Account) -> str:
        """Where to ask for a file's address."""

    @abstractmethod
    def file_request(self, url: str, account: Account) -> tuple[str, Mapping[str, str]]:
        """From where, and with which headers, a file is fetched: the credential goes to known hosts alone."""

    def split(self, body: bytes) -> list[RawItem]:
        """All messages, echoes, statuses, errors, preferences and notices of all entries."""
        return _cloud.split(body)

    def channels_named(self, body: bytes) -> set[str]:
        """The numbers of all entries."""
        return _cloud.channels(body)

    def parse(self, item: RawItem) -> Item:
        """Understand one of them."""
        return _cloud.parse(item)

    def send(self, message: OutboundMessage, account: Account, http: Http) -> Sent:
        """POST .../messages; a file is handed over first."""
        if message.content:
            message = replace(message, media_id=self._upload(message, account, http))
        return sent(self.post(http, account, "messages", _cloud_send.body(message)), wire=self.name)

    def show_typing(self, *, conversation: Address, last_inbound: str, account: Account, http: Http) -> None:
        """A read mark with a typing indicator; it lasts until the answer, at most 25 s."""
        if last_inbound:
            mark = _cloud_send.read_mark(last_inbound, with_typing=True)
            self.accepted(self.post(http, account, "messages", mark))

    def mark_read(self, *, conversation: Address, external_id: str, account: Account, http: Http) -> None:
        """Mark this message and all before it as read."""
        self.accepted(self.post(http, account, "messages", _cloud_send.read_mark(external_id)))

    def fetch_media(
        self, *, media: Media, account: Account, http: Http, max_bytes: int, message_id: str = ""
    ) -> Download:
        """Ask for the file's address, which lives five minutes, and get it."""
        url, mime_type = media.url, media.mime_type
        if media.reference:
            address, headers = self.lookup_url(media.reference, account), self.authorization(account)
            answer = fetch(http, address, wire=self.name, headers=headers)
            if answer.status == 404:  # for a moment after the webhook (chatwoot 15504), or its week is over
                raise file_error(answer.status, wire=self.name)
            if answer.status != 200:
                raise failure(answer, wire=self.name)
            found = answer_object(answer)
            url, mime_type = text(found.get("url")) or url, mime_type or text(found.get("mime_type"))
        if not url:
            raise ProviderError(f"{self.name}: no address for the file", outcome=Outcome.PERMANENT)
        url, file_headers = self.file_request(url, account)
        got = fetch(http, url, wire=self.name, headers=file_headers, timeout=60.0, max_bytes=max_bytes, follow=3)
        if got.status != 200:
            raise file_error(got.status, wire=self.name)
        mime_type = mime_type or got.headers.get("content-type", "")
        return Download(content=got.content, mime_type=mime_type, file_name=media.file_name)

    def post(self, http: Http, account: Account, path: str, body: dict[str, Any]) -> HttpResponse:
        """One call of the number."""
        url = f"{self.number_url(account)}/{path}"
        return call(http, "POST", url, wire=self.name, headers=self.authorization(account), json=body)

    def _upload(self, message: OutboundMessage, account: Account, http: Http) -> str:
        """POST .../media. Nothing has reached the person by then, so that trouble here is tried again."""
        fields = {"messaging_product": "whatsapp", "type": message.mime_type}
        content, content_type = multipart(
            fields, name=message.file_name, mime_type=message.mime_type, content=message.content
        )
        headers = {**self.authorization(account), "content-type": content_type}
        try:
            answer = http.request("POST", f"{self.number_url(account)}/media", headers=headers, content=content)
        except HttpError as error:
            raise ProviderError(f"{self.name}: the file was not taken ({error})", outcome=Outcome.RETRY) from error
        found = text(answer_object(answer).get("id")) if 200 <= answer.status < 300 else ""
        if found:
            return found
        reason = f"{self.name}: the file was not taken"
        refusal = (
            ProviderError(reason, outcome=Outcome.RETRY) if answer.status < 300 else failure(answer, wire=self.name)
        )
        if refusal.outcome is Outcome.UNCERTAIN:
            refusal.outcome = Outcome.RETRY
        raise refusal

    def accepted(self, answer: HttpResponse) -> None:
        """Return for a 2xx; raises ProviderError with what the answer means."""
        if not 200 <= answer.status < 300:
            raise failure(answer, wire=self.name)
