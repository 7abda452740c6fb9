"""What all apps keep of a person: handed out, or forgotten. Each app says it for itself: see PERSONAL_DATA."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from django.conf import settings
from django.db import transaction

from messaging.models import Contact


def export(*, contact: Contact) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """All that the apps keep of a person, by app."""
    return {name: app.export(contact) for name, app in _apps()}


@transaction.atomic
def erase(*, contact: Contact) -> int:
    """Have the apps forget a person; returns how many rows changed or went."""
    return sum(app.erase(contact) for _, app in _apps())


def kept() -> set[type[Any]]:
    """The models that the apps account for."""
    return {model for _, app in _apps() for model in app.MODELS}


def _apps() -> Iterator[tuple[str, ModuleType]]:
    for name in settings.PERSONAL_DATA:
        yield name.partition(".")[0], import_module(name)
