"""Queries that several entry points share: the reply window, a channel's credentials, links to files and webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.utils import timezone

from common.text.language import nearest_language
from messaging.models import Channel, Contact, Conversation, MediaFile
from messaging.models import ContactAddress as ContactAddress
from messaging.models import Direction as Direction
from messaging.providers import PROVIDERS
from messaging.providers.base import Account, Address, AddressKind, Credentials, Provider
from tenants.models import Tenant

FILE_SALT = "messaging.file"
FILE_SECONDS = 6 * 3600


class WindowMode(StrEnum):
    """What may be sent in a conversation now."""

    FREE = "free"
    TEMPLATE = "template"
    NOTHING = "nothing"


@dataclass(frozen=True)
class ReplyWindow:
    """What may be sent in a conversation, and until when (None: without an end)."""

    mode: WindowMode
    until: datetime | None = None


def reply_window(conversation: Conversation) -> ReplyWindow:
    """Return what may be sent now and until when. All code uses this function to decide it (DESIGN section 3)."""
    provider = provider_of(conversation.channel)
    hours = provider.window_hours(conversation.recipient)
    if hours is None:
        return ReplyWindow(WindowMode.FREE)
    if conversation.last_inbound_at is not None:
        until = conversation.last_inbound_at + timedelta(hours=hours)
        if until > timezone.now():
            return ReplyWindow(WindowMode.FREE, until)
    has_template = provider.can_send_template and conversation.channel.reopen_template.get("name")
    return ReplyWindow(WindowMode.TEMPLATE if has_template else WindowMode.NOTHING)


def language_for(contact: Contact, tenant: Tenant, *, else_in: str = "") -> str:
    """Return the language to address a contact in: their own, else `else_in`, else the tenant's.

    It is one of `common.text.language.LANGUAGES`.
    """
    return nearest_language(contact.language, else_in, tenant.language)


def provider_of(channel: Channel) -> Provider:
    """Return the provider of a channel."""
    return PROVIDERS[channel.provider]


def credentials_of(channel: Channel) -> Credentials:
    """Return the channel's secrets. Those that its row does not have come from the settings."""
    own = channel.credentials
    values = {name: own.every(name) for name in own}
    shared = credentials_of_installation(provider_of(channel))
    return Credentials({name: shared.every(name) for name in shared} | values)


def credentials_of_installation(provider: Provider) -> Credentials:
    """Return the secrets of a provider that stand in the settings, for channels that have none of their own."""
    given = {name: str(getattr(settings, setting)) for name, setting in provider.credential_settings.items()}
    return Credentials({name: secret_values(value) for name, value in given.items() if value})


def address_at(provider: Provider, address: str) -> Address:
    """Return a person's address, "+" and digits or an e-mail address, as the provider writes it."""
    if "@" in address:
        return Address(kind=AddressKind.EMAIL, value=address, external_id=address)
    return Address(kind=AddressKind.PHONE, value=address, external_id=provider.external_address(address))


def secret_values(setting: str) -> list[str]:
    """Return the values of a secret setting, which may be two, separated by a comma, while the secret is rotated."""
    return [value.strip() for value in setting.split(",") if value.strip()]


def account_of(channel: Channel) -> Account:
    """Return what a provider needs to make calls for this channel."""
    credentials = credentials_of(channel)
    provider = provider_of(channel)
    base_url = (
        str(getattr(settings, provider.base_url_setting))
        if provider.base_url_setting
        else credentials.get(provider.base_url_credential, "")
    )
    return Account(
        external_id=channel.external_id,
        credentials=credentials,
        base_url=base_url.rstrip("/"),
        version=settings.WHATSAPP_API_VERSION,
        messaging_url=settings.TWILIO_MESSAGING_URL,
        content_url=settings.TWILIO_CONTENT_URL,
    )


def media_link(media: MediaFile) -> str:
    """Return the signed URL where a provider fetches a file that we send. It is valid for FILE_SECONDS."""
    return f"{settings.PUBLIC_URL}/files/{sign_file(media, salt=FILE_SALT)}"


def sign_file(media: MediaFile, *, salt: str) -> str:
    """Return a ticket that names a file; `salt` says for which entry point."""
    return signing.dumps(media.pk, salt=salt)


def file_of(ticket: str, *, salt: str = FILE_SALT, seconds: int = FILE_SECONDS) -> MediaFile | None:
    """Return the file that a ticket names; None for a forged or too old one, and for a file that is not stored."""
    try:
        pk = signing.loads(ticket, salt=salt, max_age=seconds)
    except signing.BadSignature:
        return None
    found: MediaFile | None = MediaFile.objects.select_related("message").filter(pk=pk).exclude(file="").first()
    return found


def webhook_url(channel: Channel) -> str:
    """Return the URL where the provider must post this channel's webhooks."""
    return f"{settings.PUBLIC_URL}/webhooks/{channel.provider}/{channel.token}"
