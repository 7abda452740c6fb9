"""Encrypt all stored secrets again with the first encryption key."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from common.progress import progress
from config import secret_store


class Command(BaseCommand):
    help = (
        "Encrypt every stored secret anew with the first of FIELD_ENCRYPTION_KEYS. Put the new key first, keep the old "
        "one behind it, restart, run this, then remove the old key. It may be run any number of times."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rotated, unreadable = 0, []
        for secret in progress(secret_store.stored_secrets(), total=secret_store.count_secrets(), word="secrets"):
            try:
                rotated += secret_store.encrypt_again(secret)
            except InvalidToken:
                unreadable.append(f"{secret.column.label} {secret.pk}")
        self.stdout.write(f"{rotated} secrets encrypted with the first key")
        if unreadable:
            raise CommandError(
                f"{len(unreadable)} secrets cannot be read with any key ({', '.join(unreadable[:5])}): add the key "
                "they were written with to FIELD_ENCRYPTION_KEYS, or set them anew"
            )
