"""The models that may answer for a tenant, in order: the profile's choice, else the settings'."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings

from assistant.models import AssistantProfile, ModelProvider
from assistant.prices import default_model
from assistant.providers.llm import Access
from common.breakers import hashed_key

KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY", "azure": "AZURE_OPENAI_API_KEY"}
_KEY = re.compile(r"[!-~]+")
ADDRESSES = {"anthropic": "ANTHROPIC_BASE_URL", "openai": "OPENAI_BASE_URL", "azure": "AZURE_OPENAI_ENDPOINT"}


@dataclass(frozen=True, kw_only=True)
class ModelOption:
    """One model that may answer; `access` is None for the offline assistant, `missing` says what it lacks."""

    provider: str
    model: str
    access: Access | None = None
    missing: str = ""

    @property
    def breaker_key(self) -> str:
        """Return the key of its breaker."""
        access = self.access
        return hashed_key(self.provider, access.base_url, self.model, access.key) if access else ""


def model_options(profile: AssistantProfile, *, cheaper: bool = False) -> list[ModelOption]:
    """Return the chosen provider first, then the fallback order; each provider once."""
    first = profile.provider or settings.LLM_PROVIDER
    order = [first, *(profile.fallback or settings.LLM_FALLBACK)]
    known = [name for name in dict.fromkeys(map(str, order)) if name in ModelProvider.values]
    return [_candidate(name, profile, is_first=name == first, cheaper=cheaper) for name in known]


def api_key_of(profile: AssistantProfile, provider: str) -> str:
    """Return the tenant's own key for its chosen provider, else the installation's."""
    own = profile.api_key if provider == (profile.provider or settings.LLM_PROVIDER) else ""
    return own or str(getattr(settings, KEYS[provider]))


def _candidate(provider: str, profile: AssistantProfile, *, is_first: bool, cheaper: bool) -> ModelOption:
    if provider == ModelProvider.OFFLINE:
        return ModelOption(provider=provider, model="rules")
    own = (cheaper and profile.cheaper_model) or profile.model if is_first else ""
    model = own or _installed_model(provider)
    address = str(getattr(settings, ADDRESSES[provider]))
    key = api_key_of(profile, provider)
    access = Access(
        provider=provider,
        model=model,
        key=key,
        base_url=address,
        api_version=settings.AZURE_OPENAI_API_VERSION if provider == ModelProvider.AZURE else "",
        timeout=settings.LLM_TIMEOUT,
    )
    lacks = {KEYS[provider]: key, ADDRESSES[provider]: address, "LLM_MODEL": model}
    missing = [f"{name} not set" for name, value in lacks.items() if not value]
    if key and not _KEY.fullmatch(key):
        # Such a key cannot stand in a header: the request would fail, and the vendor would count as down.
        missing.append(f"{KEYS[provider]} holds a blank or a letter that no key has")
    return ModelOption(provider=provider, model=model, access=access, missing=", ".join(missing))


def _installed_model(provider: str) -> str:
    if provider == ModelProvider.AZURE and settings.AZURE_OPENAI_DEPLOYMENT:
        return str(settings.AZURE_OPENAI_DEPLOYMENT)
    if provider == settings.LLM_PROVIDER and settings.LLM_MODEL:
        return str(settings.LLM_MODEL)
    return default_model(provider)
