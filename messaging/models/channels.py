"""A channel: one number or account of a tenant at one provider."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedJSONField, EncryptedTextField
from messaging.providers import PROVIDERS
from messaging.providers.base import Credentials
from tenants.models import TenantModel


def new_token() -> str:
    """Return a random token of 32 bytes for the channel's own webhook URL."""
    return secrets.token_urlsafe(32)


def provider_choices() -> list[tuple[str, str]]:
    """Return the providers that a channel can belong to, with how people call them."""
    return [(provider.name, provider.label) for provider in PROVIDERS.values()]


class Channel(TenantModel):
    """A phone number, an instance or an address under which customers reach the business."""

    provider = models.CharField(max_length=20, choices=provider_choices)
    name = models.CharField(max_length=100)
    external_id = models.CharField(max_length=128, help_text=_("Phone number id, instance name, number or address."))
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    credentials_store = EncryptedJSONField(editable=False)
    owner_addresses = models.JSONField(
        default=list,
        blank=True,
        help_text=_("The owner's private numbers or addresses. Commands are accepted from these."),
    )
    is_enabled = models.BooleanField(default=True)
    outbound_enabled = models.BooleanField(default=True, help_text=_("Off: messages are held until this is on again."))
    problem = models.CharField(
        max_length=300,
        blank=True,
        help_text=_("Why nothing is sent, for example a revoked token; empty when all is well."),
    )
    connection_state = models.CharField(max_length=30, blank=True)
    qr = EncryptedTextField(blank=True, default="", editable=False)
    qr_at = models.DateTimeField(null=True, blank=True, editable=False)
    shows_typing = models.BooleanField(default=True)
    marks_read = models.BooleanField(default=True)
    messages_per_second = models.FloatField(null=True, blank=True, help_text=_("Empty: the provider's own rate."))
    reopen_template = models.JSONField(
        default=dict,
        blank=True,
        help_text=_('Sent when the reply window is closed: {"name": ..., "language": ..., "variables": ["{name}"]}.'),
    )
    allowed_links = models.JSONField(default=list, blank=True, help_text=_("Hosts the assistant may link to."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "external_id"], name="one_channel_per_external_id"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.provider})"

    @property
    def credentials(self) -> Credentials:
        """Return the secrets that are valid now. The former value of a rotated secret is valid until its time is up."""
        now = timezone.now()
        return Credentials({name: _valid_values(entry, now) for name, entry in self.credentials_store.items()})


def _valid_values(entry: dict[str, Any], now: datetime) -> list[str]:
    values = [entry["value"]]
    if entry.get("previous") and datetime.fromisoformat(entry["previous_until"]) > now:
        values.append(entry["previous"])
    return values
