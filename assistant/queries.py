"""Queries of the assistant: knowledge entries and profiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from assistant.matching.finding import MatchResult, ResultKind, entry_about, find_entries, rank_entries
from assistant.matching.index import EntryIndex, EntrySource
from assistant.models import AssistantProfile, KnowledgeEntry
from common.db.compiled import CompiledQuery, Slot
from tenants.models import Tenant

MAX_ENTRIES = 2000
MAX_KEPT = 100  # tenants whose index a process caches
_ENTRIES: CompiledQuery[KnowledgeEntry] = CompiledQuery(
    lambda: KnowledgeEntry.objects.filter(tenant=Slot("tenant"), is_active=True).order_by("pk")[:MAX_ENTRIES]
)
_VERSIONS: CompiledQuery[KnowledgeEntry] = CompiledQuery(
    lambda: (
        KnowledgeEntry.objects.filter(tenant=Slot("tenant"), is_active=True)
        .order_by("pk")
        .only("pk", "updated_at")[:MAX_ENTRIES]
    )
)
_KEPT: dict[int, tuple[tuple[Any, ...], TenantKnowledge]] = {}
_PROFILE: CompiledQuery[AssistantProfile] = CompiledQuery(
    lambda: AssistantProfile.objects.filter(tenant=Slot("tenant"))
)


def profile_of(tenant: Tenant) -> AssistantProfile:
    """Return the tenant's profile; an unsaved one with defaults when it has none."""
    if "assistant" not in tenant._state.fields_cache:
        found = _PROFILE.first(tenant=tenant.pk)
        if found is not None:
            found.tenant = tenant  # the tenant caches it for the next call
        return found or AssistantProfile(tenant=tenant)
    try:
        return tenant.assistant
    except AssistantProfile.DoesNotExist:
        return AssistantProfile(tenant=tenant)


@dataclass(frozen=True)
class TenantKnowledge:
    """A tenant's active entries at the time they were loaded, indexed for search."""

    index: EntryIndex
    rows: Mapping[int, KnowledgeEntry]
    language: str  # the tenant's

    def search(self, text: str, *, language: str = "", limit: int = 3) -> list[KnowledgeEntry]:
        """Return the entries that fit `text` best, for a language model that judges them; [] when none fits.

        `language` is the conversation's; without one it is the tenant's.
        """
        if not text.strip():
            return []
        return self.entries(rank_entries(text, self.index, language or self.language, limit=limit))

    def find(self, text: str, *, language: str, before: str = "") -> MatchResult:
        """Return the ids of the entries that answer `text` surely enough to be said, or to choose from.

        `matching.finding`.
        """
        return (
            find_entries(text, self.index, language, before=before) if text.strip() else MatchResult(ResultKind.UNKNOWN)
        )

    def entries(self, ids: Sequence[int]) -> list[KnowledgeEntry]:
        """Return the entries with these ids, in this order."""
        return [self.rows[id_] for id_ in ids if id_ in self.rows]

    def for_emergency(self, language: str) -> KnowledgeEntry | None:
        """Return the entry for an emergency, if there is one."""
        found = entry_about("EMERGENCY", self.index, language)
        return self.rows.get(found) if found is not None else None

    @property
    def languages(self) -> list[str]:
        """Return the languages of the entries, in alphabetical order."""
        return sorted({entry.language for entry in self.index.entries if entry.language})


def load_knowledge(tenant: Tenant) -> TenantKnowledge:
    """Return the tenant's active entries, indexed for search.

    They are cached until one is written, changed, switched on or off, or deleted, which a small query finds out.
    """
    version = tuple(tuple(row) for row in _VERSIONS.columns(tenant=tenant.pk))
    kept = _KEPT.get(tenant.pk)
    if kept is not None and kept[0] == version and kept[1].language == tenant.language:
        return kept[1]
    rows = _ENTRIES.all(tenant=tenant.pk)
    written = [EntrySource(row.pk, row.title, row.keywords, row.content, row.language) for row in rows]
    index = EntryIndex(written, default_language=tenant.language[:2].lower())
    made = TenantKnowledge(index, {row.pk: row for row in rows}, tenant.language)
    if len(_KEPT) >= MAX_KEPT:
        _KEPT.pop(next(iter(_KEPT)), None)
    _KEPT[tenant.pk] = (version, made)
    return made


def default_system_prompt(profile: AssistantProfile) -> str:
    """Return the tenant's own prompt, or the installation's."""
    return profile.system_prompt or str(settings.DEFAULT_SYSTEM_PROMPT)
