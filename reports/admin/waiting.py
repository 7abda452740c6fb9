"""What waits for somebody, for the badges of every page."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest

from approvals.models import Candidate, Status
from common.db.counting import LimitedCounts
from messaging.models import Conversation
from messaging.models.conversations import WANTS_PERSON
from reports.admin.incidents import kinds
from tenants.backoffice import is_operator, roles_of

LIMIT = 100
MOST_KEPT = 500  # queries
_KEPT: dict[Hashable, LimitedCounts] = {}


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
        counts = _counts(request).run()
        known = Waiting(
            customers=counts.pop("customers"),
            decisions=counts.pop("decisions"),
            incidents=min(LIMIT, sum(counts.values())),
        )
        request._frontdesk_waiting = known  # type: ignore[attr-defined]  # kept for this request
    return known


def _counts(request: HttpRequest) -> LimitedCounts:
    """Return the query for what this user may see; kept for their next page, since building it costs more than asking.

    It is built anew when anything changes that decides which rows the user sees.
    """
    user = request.user
    is_let_in = user.is_active and user.is_staff
    key = (connection.vendor, user.pk, is_let_in, is_operator(request), frozenset(roles_of(request).items()))
    counts = _KEPT.get(key)
    if counts is None:
        if len(_KEPT) >= MOST_KEPT:
            _KEPT.clear()
        counts = _KEPT[key] = _build(request)
    return counts


def _build(request: HttpRequest) -> LimitedCounts:
    customers = Conversation.objects.filter(WANTS_PERSON)
    decisions = Candidate.objects.filter(status=Status.PENDING)
    if not is_operator(request):
        own = list(roles_of(request))
        customers, decisions = customers.filter(tenant__in=own), decisions.filter(tenant__in=own)
    stuck = {kind.label: kind.rows for kind in kinds(request)}
    return LimitedCounts.of(LIMIT, customers=customers, decisions=decisions, **stuck)
