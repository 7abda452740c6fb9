"""Whether somebody can think: what is set up, the last answer, the breaker. No request is made to find out."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from assistant.models import AssistantProfile, ModelGate
from assistant.prices import is_known, updated_on
from assistant.queries import gate_of
from assistant.services import n8n
from assistant.services.candidates import Candidate, candidates

OK, DEGRADED, ERROR = "ok", "degraded", "error"


def llm() -> tuple[str, str]:
    """Check the installation's own choice of models, and the workflow if one has taken their place."""
    order = candidates(AssistantProfile())
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


def unknown_prices(usable: list[Candidate] | None = None) -> list[str]:
    """One sentence for each model that counts as costing nothing, because its price is not known."""
    chosen = usable if usable is not None else [c for c in candidates(AssistantProfile()) if not c.missing]
    names = {candidate.model for candidate in chosen if candidate.access and not is_known(candidate.model)}
    owned = AssistantProfile.objects.exclude(monthly_budget_usd=None).exclude(Q(model="") & Q(cheaper_model=""))
    for pair in owned.values_list("model", "cheaper_model"):
        names |= {name for name in pair if name and not is_known(name)}
    return [f"the price of {name} is not in assistant/prices.json of {updated_on()}" for name in sorted(names)]


def _standing(candidate: Candidate) -> str:
    if not candidate.access:
        return "offline: answers from what is written down"
    gate = gate_of(candidate.gate)
    if gate is None or gate.succeeded_at is None:
        return f"{candidate.provider} {candidate.model}: not asked yet"
    seconds = (timezone.now() - gate.succeeded_at).total_seconds()
    return f"{candidate.provider} {candidate.model}: last answer {_ago(seconds)} ago"


def _shut(candidate: Candidate) -> str:
    gate = gate_of(candidate.gate) if candidate.gate else None
    if gate is None or not _is_shut(gate):
        return ""
    until = "until key, model or address change" if gate.needs_change else "for a while"
    return f"{candidate.provider} {candidate.model} is left alone {until}: {gate.reason}"


def _is_shut(gate: ModelGate) -> bool:
    return gate.needs_change or (gate.open_until is not None and gate.open_until > timezone.now())


def _workflow() -> tuple[str, str]:
    problem = n8n.problem()
    if problem:
        return ERROR, problem
    host = urlsplit(settings.N8N_WEBHOOK_URL).netloc.rpartition("@")[2]
    gate = gate_of(n8n.gate())
    if gate is None or not gate.failures:
        return OK, f"n8n at {host}"
    return DEGRADED, f"n8n at {host} fails: {gate.reason}"


def _ago(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
