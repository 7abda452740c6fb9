"""What waits for somebody, for the badges of every page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from approvals.models import Candidate, Status
from common.counting import capped_counts
from messaging.models import Conversation
from messaging.models.conversations import WANTS_PERSON
from reports.admin.incidents import kinds
from tenants.backoffice import is_operator, roles_of

LIMIT = 100


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Counted up to LIMIT each."""

    customers: int  # for a person
    incidents: int  # for an operator
    decisions: int  # for an approver


def waiting(request: HttpRequest) -> Waiting:
    """What waits in the user's own tenants; one query, read once per request."""
    known: Waiting | None = getattr(request, "_frontdesk_waiting", None)
    if known is None:
        customers = Conversation.objects.filter(WANTS_PERSON)
        decisions = Candidate.objects.filter(status=Status.PENDING)
        if not is_operator(request):
            own = list(roles_of(request))
            customers, decisions = customers.filter(tenant__in=own), decisions.filter(tenant__in=own)
        stuck = {kind.label: kind.rows for kind in kinds(request)}
        counts = capped_counts(LIMIT, customers=customers, decisions=decisions, **stuck)
        known = Waiting(
            customers=counts.pop("customers"),
            decisions=counts.pop("decisions"),
            incidents=min(LIMIT, sum(counts.values())),
        )
        request._frontdesk_waiting = known  # type: ignore[attr-defined]  # kept for this request
    return known
