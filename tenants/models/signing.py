"""The secret that signs a tenant's decisions and hand-offs: its own, so that no tenant can sign for another."""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedTextField
from tenants.models.core import Tenant, TenantModel

LEAST_LETTERS, LEAST_BYTES = 32, 24


def new_secret() -> str:
    """Return a new signing secret in the form of Standard Webhooks: 32 random bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def check_secret(secret: str) -> None:
    """Raise ValueError, with the reason, for text that is no signing secret: base64 or hex of 24 bytes at least."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, binascii.Error):
        raise ValueError("it must be base64 (Standard Webhooks), or hex") from None
    if len(secret) < LEAST_LETTERS or len(key) < LEAST_BYTES:
        raise ValueError(f"it must have {LEAST_LETTERS} characters and hold {LEAST_BYTES} bytes at least")


def installations_secrets() -> list[str]:
    """Return the secrets in WEBHOOK_SIGNING_SECRET; two during a rotation."""
    return [secret.strip() for secret in settings.WEBHOOK_SIGNING_SECRET.split(",") if secret.strip()]


class SigningSecret(TenantModel):
    """A tenant's own secret, which signs its callbacks of approvals and its hand-offs to n8n."""

    secret = EncryptedTextField(default=new_secret, editable=False)
    # The old secret signs as well until this time, so that the receiver can change over without a gap.
    previous_secret = EncryptedTextField(blank=True, default="", editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    shown_at = models.DateTimeField(null=True, blank=True, editable=False)  # null: nobody knows it yet

    class Meta:
        verbose_name = _("signing secret")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant"], name="one_signing_secret_per_tenant")
        ]

    def __str__(self) -> str:
        return f"signing secret {self.pk}"

    def secrets(self) -> list[str]:
        """Return the secrets that sign now."""
        with_old = self.previous_secret and self.previous_until and self.previous_until > timezone.now()
        return [self.secret, self.previous_secret] if with_old else [self.secret]


def signing_secrets(tenant_id: int) -> list[str]:
    """Return the secrets that sign a tenant's callbacks and hand-offs now.

    These are its own. Without one, the tenant that was created first uses WEBHOOK_SIGNING_SECRET, as the guides with a
    single business do, which may be empty; any other tenant gets a secret of its own here, stored in its row.
    """
    own = SigningSecret.objects.filter(tenant=tenant_id).first()
    if own is None and not Tenant.objects.filter(pk__lt=tenant_id).exists():
        return installations_secrets()
    if own is None:
        own, _is_new = SigningSecret.objects.get_or_create(tenant_id=tenant_id)
    return list(own.secrets())
