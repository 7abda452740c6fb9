"""The health check of the assistant: its set-up, the last answer, the breaker. It sends no request."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from assistant.models import AssistantProfile
from assistant.prices import is_known, updated_on
from assistant.services import n8n
from assistant.services.model_options import ModelOption, model_options
from common.breakers import find_breaker
from common.models import CircuitBreaker

OK, DEGRADED, ERROR = "ok", "degraded", "error"


def llm() -> tuple[str, str]:
    """Check the installation's models, and the n8n workflow if it replaces them."""
    order = model_options(AssistantProfile())
    usable = [candidate for candidate in order if not candidate.missing]
    notes = [f"{candidate.provider}: {candidate.missing}" for candidate in order if candidate.missing]
    if not usable:
        return ERROR, "; ".join(["no model can answer", *notes])
    notes += [note for candidate in usable if (note := _shut(candidate))]
    status = DEGRADED if notes else OK
    if notes and all(_shut(candidate) for candidate in usable):
        status = ERROR
    notes += unknown_prices(usable)
    if settings.N8N_ENABLED:
        state, note = _workflow()
        status = ERROR if ERROR in (state, status) else DEGRADED if DEGRADED in (state, status) else OK
        notes.append(note)
    return status, "; ".join([_standing(usable[0]), *notes])


def unknown_prices(usable: list[ModelOption] | None = None) -> list[str]:
    """Return a sentence for each model that counts as free because its price is unknown."""
    chosen = usable if usable is not None else [c for c in model_options(AssistantProfile()) if not c.missing]
    names = {candidate.model for candidate in chosen if candidate.access and not is_known(candidate.model)}
    owned = AssistantProfile.objects.exclude(monthly_budget_usd=None).exclude(Q(model="") & Q(cheaper_model=""))
    for pair in owned.values_list("model", "cheaper_model"):
        names |= {name for name in pair if name and not is_known(name)}
    return [f"the price of {name} is not in assistant/prices.json of {updated_on()}" for name in sorted(names)]


def _standing(candidate: ModelOption) -> str:
    if not candidate.access:
        return "offline: answers from what is written down"
    breaker = find_breaker(candidate.breaker_key)
    if breaker is None or breaker.succeeded_at is None:
        return f"{candidate.provider} {candidate.model}: not asked yet"
    seconds = (timezone.now() - breaker.succeeded_at).total_seconds()
    return f"{candidate.provider} {candidate.model}: last answer {_ago(seconds)} ago"


def _shut(candidate: ModelOption) -> str:
    breaker = find_breaker(candidate.breaker_key) if candidate.breaker_key else None
    if breaker is None or not _is_shut(breaker):
        return ""
    until = "until key, model or address change" if breaker.needs_change else "for a while"
    return f"{candidate.provider} {candidate.model} is left alone {until}: {breaker.reason}"


def _is_shut(breaker: CircuitBreaker) -> bool:
    return breaker.needs_change or (breaker.open_until is not None and breaker.open_until > timezone.now())


def _workflow() -> tuple[str, str]:
    problem = n8n.address_problem()
    if problem:
        return ERROR, problem
    host = urlsplit(settings.N8N_WEBHOOK_URL).netloc.rpartition("@")[2]
    breaker = find_breaker(n8n.workflow_breaker_key())
    if breaker is None or not breaker.failures:
        return OK, f"n8n at {host}"
    return DEGRADED, f"n8n at {host} fails: {breaker.reason}"


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
