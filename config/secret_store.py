"""All encrypted columns of the installation: whether they can be decrypted, and by which key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import connection

from common.crypto import EncryptedJSONField, EncryptedTextField

BATCH = 500


@dataclass(frozen=True, kw_only=True)
class EncryptedColumn:
    """One encrypted field of a model."""

    label: str
    table: str
    key: str
    name: str


@dataclass(frozen=True)
class StoredSecret:
    """One encrypted value in the database."""

    column: EncryptedColumn
    pk: int
    token: str


def encrypted_columns() -> list[EncryptedColumn]:
    """Return every encrypted field of every model."""
    return [
        EncryptedColumn(
            label=f"{model._meta.label_lower}.{field.name}",
            table=model._meta.db_table,
            key=model._meta.pk.column or "",
            name=field.column or "",
        )
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, (EncryptedTextField, EncryptedJSONField))
    ]


def count_secrets() -> int:
    """Return how many secrets are stored."""
    total = 0
    for column in encrypted_columns():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM {_quoted(column.table)} WHERE {_quoted(column.name)} <> ''")  # noqa: S608 - our own column names
            total += int(cursor.fetchone()[0])
    return total


def stored_secrets() -> Iterator[StoredSecret]:
    """Yield every stored secret as ciphertext, loaded in batches by primary key."""
    for column in encrypted_columns():
        table, key, name = _quoted(column.table), _quoted(column.key), _quoted(column.name)
        query = f"SELECT {key}, {name} FROM {table} WHERE {key} > %s AND {name} <> '' ORDER BY {key} LIMIT {BATCH}"  # noqa: S608 - our own column names
        last = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(query, [last])
                rows = cursor.fetchall()
            for pk, token in rows:
                yield StoredSecret(column, pk, token)
            if len(rows) < BATCH:
                break
            last = rows[-1][0]


def undecryptable_secrets() -> list[StoredSecret]:
    """Return the secrets that none of FIELD_ENCRYPTION_KEYS decrypts."""
    keys = _keys()
    return [secret for secret in stored_secrets() if not _opens(keys, secret.token)]


def encrypt_again(secret: StoredSecret) -> bool:
    """Encrypt one secret again with the first key; returns False when it was so already or changed meanwhile.

    Raises InvalidToken when no key decrypts it.
    """
    if _opens(Fernet(settings.FIELD_ENCRYPTION_KEYS[0]), secret.token):
        return False
    fresh = _keys().rotate(secret.token.encode()).decode()
    table, key, name = (_quoted(part) for part in (secret.column.table, secret.column.key, secret.column.name))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {name} = %s WHERE {key} = %s AND {name} = %s",  # noqa: S608 - our own column names
            [fresh, secret.pk, secret.token],
        )
        return bool(cursor.rowcount)


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS])


def _opens(keys: Fernet | MultiFernet, token: str) -> bool:
    try:
        keys.decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
