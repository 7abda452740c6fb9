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
from messaging.providers.base import Account, Credentials, Provider
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
    if provider.reply_window_hours is None or is_sms(conversation):
        return ReplyWindow(WindowMode.FREE)
    if conversation.last_inbound_at is not None:
        until = conversation.last_inbound_at + timedelta(hours=provider.reply_window_hours)
        if until > timezone.now():
            return ReplyWindow(WindowMode.FREE, until)
    has_template = provider.can_send_template and conversation.channel.reopen_template.get("name")
    return ReplyWindow(WindowMode.TEMPLATE if has_template else WindowMode.NOTHING)


def is_sms(conversation: Conversation) -> bool:
    """Return True when the conversation runs over SMS, which has no reply window."""
    return conversation.channel.provider == "twilio" and not conversation.recipient.startswith("whatsapp:")


def language_for(contact: Contact, tenant: Tenant, *, else_in: str = "") -> str:
    """Return the language to address a contact in: their own, else `else_in`, else the tenant's.

    It is one of `common.text.language.LANGUAGES`.
    """
    return nearest_language(contact.language, else_in, tenant.language)


def provider_of(channel: Channel) -> Provider:
    """Return the provider of a channel."""
    return PROVIDERS[channel.provider]


# The settings of the installation are used for credentials that a channel's row does not have (DESIGN section 10).
FALLBACKS = {
    "meta": {
        "access_token": "WHATSAPP_ACCESS_TOKEN",
        "app_secret": "WHATSAPP_APP_SECRET",
        "verify_token": "WHATSAPP_VERIFY_TOKEN",
    },
    "dialog360": {"api_key": "WHATSAPP_API_KEY", "webhook_secret": "WHATSAPP_WEBHOOK_SECRET"},
    "evolution": {
        "server_url": "EVOLUTION_SERVER_URL",
        "api_key": "EVOLUTION_API_KEY",
        "webhook_secret": "EVOLUTION_WEBHOOK_SHARED_SECRET",
    },
    "twilio": {"account_sid": "TWILIO_ACCOUNT_SID", "auth_token": "TWILIO_AUTH_TOKEN"},
    "imessage": {
        "base_url": "PHOTON_BASE_URL",
        "api_key": "PHOTON_API_KEY",
        "webhook_secret": "PHOTON_WEBHOOK_SECRET",
    },
}


def credentials_of(channel: Channel) -> Credentials:
    """Return the channel's secrets. Those that its row does not have come from the settings."""
    own = channel.credentials
    values = {name: own.every(name) for name in own}
    for name, setting in FALLBACKS[channel.provider].items():
        if name not in values and getattr(settings, setting):
            values[name] = secret_values(getattr(settings, setting))
    return Credentials(values)


def secret_values(setting: str) -> list[str]:
    """Return the values of a secret setting, which may be two, separated by a comma, while the secret is rotated."""
    return [value.strip() for value in setting.split(",") if value.strip()]


def account_of(channel: Channel) -> Account:
    """Return what a provider needs to make calls for this channel."""
    credentials = credentials_of(channel)
    base_urls = {
        "meta": settings.META_GRAPH_URL,
        "dialog360": settings.DIALOG360_URL,
        "evolution": credentials.get("server_url", ""),
        "twilio": settings.TWILIO_API_URL,
        "imessage": credentials.get("base_url", ""),
    }
    return Account(
        external_id=channel.external_id,
        credentials=credentials,
        base_url=base_urls[channel.provider].rstrip("/"),
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
