"""Secrets are ciphertext in the database, read with any key and written with the first."""

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from common.crypto import DecryptionFailed, decrypt, encrypt
from messaging.models import Channel


def test_what_is_stored_is_not_what_is_read(clinic, make_channel):
    channel = make_channel(clinic, "evolution")

    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials_store FROM messaging_channel WHERE id = %s", [channel.pk])
        (stored,) = cursor.fetchone()

    assert "evolution-key" not in stored
    assert Channel.objects.get(pk=channel.pk).credentials["api_key"] == "evolution-key"


def test_an_older_key_still_reads(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    token = encrypt("hush")
    settings.FIELD_ENCRYPTION_KEYS = [new, old]

    assert decrypt(token) == "hush"
    assert Fernet(new).decrypt(encrypt("hush").encode()) == b"hush"


def test_without_its_key_a_secret_is_lost_and_says_so(settings):
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    token = encrypt("hush")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(DecryptionFailed, match="FIELD_ENCRYPTION_KEYS"):
        decrypt(token)


@pytest.mark.parametrize("keys", [[], ["too-short"]])
def test_bad_keys_are_named(settings, keys):
    settings.FIELD_ENCRYPTION_KEYS = keys

    with pytest.raises(ImproperlyConfigured, match="FIELD_ENCRYPTION_KEYS"):
        encrypt("hush")
