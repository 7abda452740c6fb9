"""Credentials of people."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from common.crypto import EncryptedTextField
from tenants.models.core import User


class LoginAttempt(models.Model):
    """A log-in attempt that failed, or is being checked: enough of them lock the name or the address."""

    at = models.DateTimeField(db_default=Now())
    name_key = models.CharField(max_length=64)
    address = models.CharField(max_length=50)

    class Meta:
        indexes = [
            models.Index(fields=["name_key", "at"], name="login_of_name"),
            models.Index(fields=["address", "at"], name="login_from_address"),
            models.Index(fields=["at"], name="login_at"),
        ]

    def __str__(self) -> str:
        return f"try from {self.address}"


class SecondFactor(models.Model):
    """The secret from which a person's authenticator app makes codes."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = EncryptedTextField(editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """A code for when the phone is lost: works once, stored as a hash."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    code_hash = models.CharField(max_length=64, editable=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="one_recovery_code")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"
