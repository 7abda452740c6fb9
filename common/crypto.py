"""Encrypted model fields: Fernet with several keys; the first encrypts, all of them decrypt."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class DecryptionFailed(Exception):
    """None of FIELD_ENCRYPTION_KEYS decrypts this value: a key is missing."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    if not keys:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS is empty")
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise ImproperlyConfigured("FIELD_ENCRYPTION_KEYS must hold Fernet keys (32 bytes, base64)") from None


def encrypt(text: str) -> str:
    """Encrypt with the first key."""
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Decrypt with any of the keys; raises DecryptionFailed."""
    return _opened(token, tuple(settings.FIELD_ENCRYPTION_KEYS))


@lru_cache(maxsize=500)
def _opened(token: str, keys: tuple[str, ...]) -> str:
    """Decrypt one token; cached, so that the secrets of a busy channel are decrypted once."""
    try:
        return _fernet(keys).decrypt(token.encode()).decode()
    except InvalidToken:
        raise DecryptionFailed("a stored secret cannot be read with FIELD_ENCRYPTION_KEYS") from None


class EncryptedTextField(models.TextField):
    """Text that is stored encrypted. "" is stored as ""."""

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(str(value)) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return decrypt(value) if value else value


class EncryptedJSONField(models.TextField):
    """A JSON object that is stored encrypted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", dict)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value: Any) -> Any:
        return encrypt(json.dumps(value, separators=(",", ":"))) if value else ""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        return json.loads(decrypt(value)) if value else {}
