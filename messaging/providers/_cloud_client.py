"""The client of the Cloud API that Meta and 360dialog share: webhook bodies, sending, read marks, typing and files.

Source: provider notes "Meta WhatsApp Cloud API", section 8; "360dialog", section 1, lists the differences.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from common.http.client import HttpError
from common.http.multipart import multipart
from common.text.marks import gettext_noop as _
from messaging.providers import _cloud, _cloud_send
from messaging.providers._cloud_errors import failure, sent
from messaging.providers._errors import answer_object, call, fetch, file_error
from messaging.providers._foreign import text
from messaging.providers._media import WHATSAPP
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

# What the external id of a channel is.
PHONE_NUMBER_ID = _("the phone number id, digits that are not the number")


class CloudClient(Provider):
    """A provider with the format of the Cloud API. Subclasses add the credentials and the URLs."""

    # Messages and statuses both come in changes of the field "messages". Only messages come in a list of that name.
    status_mark, message_mark = b'"statuses":', b'"messages":'
    has_reference_echo = True
    can_send_media = True
    takes_files = True
    media_rules = WHATSAPP
    file_paths = ("/",)  # the base URL comes from the settings: the real service or a simulator
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
    has_handshake = True
    external_id_setting = "WHATSAPP_PHONE_NUMBER_ID"

    def clean_external_id(self, typed: str) -> str:
        """Return the phone number id. Raise ValueError for anything else than digits."""
        found = super().clean_external_id(typed)
        if not found.isdecimal():
            raise ValueError(_("This is no phone number id: it has digits only, and WhatsApp, API setup shows it."))
        return found

    @abstractmethod
    def authorization(self, account: Account) -> dict[str, str]:
        """Return the header with our credential. Raise ProviderError when the channel has none."""

    @abstractmethod
    def number_url(self, account: Account) -> str:
        """Return the base URL for calls of the channel's number."""

    @abstractmethod
    def lookup_url(self, reference: str, account: Account) -> str:
        """Return the URL that answers with the URL of a file."""

    @abstractmethod
    def file_request(self, url: str, account: Account) -> tuple[str, Mapping[str, str]]:
        """Return the URL and the headers to fetch a file with. Only known hosts get the credential."""

    def split(self, body: bytes) -> list[RawItem]:
        """Split a body into the messages, echoes, statuses, errors, preferences and notices of all its entries."""
        return _cloud.split(body)

    def channels_named(self, body: bytes) -> set[str]:
        """Return the phone number ids of all entries."""
        return _cloud.channels(body)

    def parse(self, item: RawItem) -> Item:
        """Turn one piece of a body into a value class. Raise Unparsable."""
        return _cloud.parse(item)

    def send(self, message: OutboundMessage, account: Account, http: Http) -> Sent:
        """Send one message with POST .../messages. A file is uploaded before."""
        if message.content:
            message = replace(message, media_id=self._upload(message, account, http))
        return sent(self.post(http, account, "messages", _cloud_send.body(message)), provider=self.name)

    def show_typing(self, *, conversation: Address, last_inbound: str, account: Account, http: Http) -> None:
        """Send a read mark with a typing indicator, which lasts until the answer and at most 25 s."""
        if last_inbound:
            mark = _cloud_send.read_mark(last_inbound, with_typing=True)
            self.accepted(self.post(http, account, "messages", mark))

    def mark_read(self, *, conversation: Address, external_id: str, account: Account, http: Http) -> None:
        """Mark this message and all messages before it as read."""
        self.accepted(self.post(http, account, "messages", _cloud_send.read_mark(external_id)))

    def fetch_media(
        self, *, media: Media, account: Account, http: Http, max_bytes: int, message_id: str = ""
    ) -> Download:
        """Ask for the file's URL, which is valid for five minutes, and fetch the file. Raise ProviderError."""
        url, mime_type = media.url, media.mime_type
        if media.reference:
            address, headers = self.lookup_url(media.reference, account), self.authorization(account)
            answer = fetch(http, address, provider=self.name, headers=headers)
            # 404 comes for a moment after the webhook (chatwoot 15504), and when the file's week is over.
            if answer.status == 404:
                raise file_error(answer.status, provider=self.name)
            if answer.status != 200:
                raise failure(answer, provider=self.name)
            found = answer_object(answer)
            url, mime_type = text(found.get("url")) or url, mime_type or text(found.get("mime_type"))
        if not url:
            raise ProviderError(f"{self.name}: no address for the file", outcome=Outcome.PERMANENT)
        url, file_headers = self.file_request(url, account)
        file_answer = fetch(
            http, url, provider=self.name, headers=file_headers, timeout=60.0, max_bytes=max_bytes, follow=3
        )
        if file_answer.status != 200:
            raise file_error(file_answer.status, provider=self.name)
        mime_type = mime_type or file_answer.headers.get("content-type", "")
        return Download(content=file_answer.content, mime_type=mime_type, file_name=media.file_name)

    def post(self, http: Http, account: Account, path: str, body: dict[str, Any]) -> HttpResponse:
        """Make one POST call for the channel's number. Raise ProviderError when no response comes."""
        url = f"{self.number_url(account)}/{path}"
        return call(http, "POST", url, provider=self.name, headers=self.authorization(account), json=body)

    def _upload(self, message: OutboundMessage, account: Account, http: Http) -> str:
        """Upload the file with POST .../media and return its id. Raise ProviderError.

        Nothing has reached the person at this point, so a failure whose outcome is unknown can be tried again.
        """
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
            ProviderError(reason, outcome=Outcome.RETRY) if answer.status < 300 else failure(answer, provider=self.name)
        )
        if refusal.outcome is Outcome.UNCERTAIN:
            refusal.outcome = Outcome.RETRY
        raise refusal

    def accepted(self, answer: HttpResponse) -> None:
        """Check that the answer has a 2xx status. Raise ProviderError with the meaning of any other answer."""
        if not 200 <= answer.status < 300:
            raise failure(answer, provider=self.name)
