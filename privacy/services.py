"""Export or erase what all apps store of a person; each app names its own data in its `apps.py`."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from django.db import transaction

from messaging.models import Contact
from tenants.declarations import PERSONAL_DATA


def export(*, contact: Contact) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return all that the apps store of a person, by app."""
    return {name: app.export(contact) for name, app in _apps()}


@transaction.atomic
def erase(*, contact: Contact) -> int:
    """Erase a person in all apps; returns how many rows changed or were deleted."""
    return sum(app.erase(contact) for _, app in _apps())


def listed_models() -> set[type[Any]]:
    """Return the models that the apps list."""
    return {model for _, app in _apps() for model in app.MODELS}


def _apps() -> Iterator[tuple[str, ModuleType]]:
    for name in PERSONAL_DATA:
        yield name.partition(".")[0], import_module(name)
