"""Reads of the assistant: what is written down, and how a tenant's assistant is set up."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings

from assistant.models import AssistantProfile, KnowledgeEntry, ModelGate
from assistant.words import QUESTION_WORDS, STOP_WORDS
from common.prepared import Prepared, Slot
from common.text import folded
from tenants.models import Tenant

MAX_ENTRIES = 2000
_ENTRIES: Prepared[KnowledgeEntry] = Prepared(
    lambda: KnowledgeEntry.objects.filter(tenant=Slot("tenant"), is_active=True)[:MAX_ENTRIES]
)
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


def search(*, tenant: Tenant, text: str, limit: int = 3) -> list[KnowledgeEntry]:
    """The entries that fit the words of `text` best; [] when none fits.

    Words are compared without accents and by their first letters; a title or keyword counts more than the content.
    """
    if not text.strip():
        return []
    entries = _ENTRIES.all(tenant=tenant.pk)
    wanted = telling_words(text)
    # "Where are you?" names no topic: then the question word must do, against titles and keywords.
    scored = _scored(wanted, entries) if wanted else _scored(question_words(text), entries, words=question_words)
    return [entry for score, entry in scored[:limit] if score >= scored[0][0] / 2]


def telling_words(text: str) -> set[str]:
    """The words of a text that name its topic, folded and cut for comparison."""
    return {_stem(word) for word in folded(text).split() if word not in STOP_WORDS and len(word) > 1}


def question_words(text: str) -> set[str]:
    """The words that ask for a place or a time."""
    return set(folded(text).split()) & QUESTION_WORDS


def default_system_prompt(profile: AssistantProfile) -> str:
    """The tenant's own prompt, or the installation's."""
    return profile.system_prompt or str(settings.DEFAULT_SYSTEM_PROMPT)


def _scored(
    wanted: set[str], entries: Iterable[KnowledgeEntry], *, words: Callable[[str], set[str]] = telling_words
) -> list[tuple[int, KnowledgeEntry]]:
    scored = []
    for entry in entries:
        heading = words(f"{entry.title} {entry.keywords}")
        score = 3 * len(wanted & heading) + len(wanted & (words(entry.content) - heading))
        if score:
            scored.append((score, entry))
    return sorted(scored, key=lambda pair: (-pair[0], pair[1].pk))


def _stem(word: str) -> str:
    return word[:5] if len(word) > 5 else word.rstrip("s") if len(word) > 3 else word


def gate_of(key: str) -> ModelGate | None:
    """The breaker of a model, if it was ever called."""
    return ModelGate.objects.filter(key=key).first()
