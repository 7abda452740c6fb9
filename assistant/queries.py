"""Reads of the assistant: what is written down, and how a tenant's assistant is set up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from assistant.matching.finding import Found, Kind, entry_about, find, ranked
from assistant.matching.index import Index, Written
from assistant.models import AssistantProfile, KnowledgeEntry, ModelGate
from common.prepared import Prepared, Slot
from tenants.models import Tenant

MAX_ENTRIES = 2000
MAX_INDEXES = 100  # tenants whose entries a process keeps ready
_ENTRIES: Prepared[KnowledgeEntry] = Prepared(
    lambda: KnowledgeEntry.objects.filter(tenant=Slot("tenant"), is_active=True).order_by("pk")[:MAX_ENTRIES]
)
_VERSIONS: Prepared[KnowledgeEntry] = Prepared(
    lambda: (
        KnowledgeEntry.objects.filter(tenant=Slot("tenant"), is_active=True)
        .order_by("pk")
        .only("pk", "updated_at")[:MAX_ENTRIES]
    )
)
_INDEXES: dict[int, tuple[tuple[Any, ...], Index]] = {}
_PROFILE: Prepared[AssistantProfile] = Prepared(lambda: AssistantProfile.objects.filter(tenant=Slot("tenant")))


def profile_of(tenant: Tenant) -> AssistantProfile:
    """The tenant's settings of the assistant; an unsaved one with defaults when it has none."""
    if "assistant" not in tenant._state.fields_cache:
        found = _PROFILE.first(tenant=tenant.pk)
        if found is not None:
            found.tenant = tenant  # which remembers it for the next time
        return found or AssistantProfile(tenant=tenant)
    try:
        return tenant.assistant
    except AssistantProfile.DoesNotExist:
        return AssistantProfile(tenant=tenant)


def search(*, tenant: Tenant, text: str, language: str = "", limit: int = 3) -> list[KnowledgeEntry]:
    """The entries that fit the words of `text` best, for a language model that judges them; [] when none fits.

    `language` is the conversation's; without one it is the tenant's.
    """
    if not text.strip():
        return []
    return entries_of(tenant, ranked(text, index_of(tenant), language or tenant.language, limit=limit))


def find_answer(*, tenant: Tenant, text: str, language: str, before: str = "") -> Found:
    """The ids of the entries that answer `text` surely enough to be said, or to be chosen from: `matching.finding`."""
    return find(text, index_of(tenant), language, before=before) if text.strip() else Found(Kind.UNKNOWN)


def emergency_entry(*, tenant: Tenant, language: str) -> KnowledgeEntry | None:
    """What is written down for an emergency, if anything is."""
    found = entry_about("EMERGENCY", index_of(tenant), language)
    return next(iter(entries_of(tenant, [found])), None) if found is not None else None


def entries_of(tenant: Tenant, ids: Sequence[int]) -> list[KnowledgeEntry]:
    """The tenant's active entries with these ids, in this order."""
    if not ids:
        return []
    rows = {row.pk: row for row in KnowledgeEntry.objects.filter(tenant=tenant, is_active=True, pk__in=ids)}
    return [rows[id_] for id_ in ids if id_ in rows]


def languages_written(tenant: Tenant) -> list[str]:
    """The languages that the tenant's entries name, in alphabetical order."""
    return sorted({entry.language for entry in index_of(tenant).entries if entry.language})


def index_of(tenant: Tenant) -> Index:
    """What is written down, made ready to be searched.

    It is kept in memory until an entry is written, changed, switched on or off, or deleted: which a small read tells.
    """
    version = tuple(tuple(row) for row in _VERSIONS.columns(tenant=tenant.pk))
    kept = _INDEXES.get(tenant.pk)
    if kept is not None and kept[0] == version:
        return kept[1]
    rows = _ENTRIES.all(tenant=tenant.pk)
    written = [Written(row.pk, row.title, row.keywords, row.content, row.language) for row in rows]
    index = Index(written, default_language=tenant.language[:2].lower())
    if len(_INDEXES) >= MAX_INDEXES:
        _INDEXES.pop(next(iter(_INDEXES)), None)
    _INDEXES[tenant.pk] = (version, index)
    return index


def default_system_prompt(profile: AssistantProfile) -> str:
    """The tenant's own prompt, or the installation's."""
    return profile.system_prompt or str(settings.DEFAULT_SYSTEM_PROMPT)


def gate_of(key: str) -> ModelGate | None:
    """The breaker of a model, if it was ever called."""
    return ModelGate.objects.filter(key=key).first()
