"""What waits for somebody, for the badges of every page."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest

from approvals.models import Candidate, CandidateStatus
from common.db.counting import LimitedCounts
from messaging.models import Conversation
from messaging.models.conversations import WANTS_PERSON
from reports.admin.incidents import visible_kinds
from tenants.backoffice import is_operator, roles_of

LIMIT = 100
MOST_KEPT = 500  # queries
_KEPT: dict[Hashable, LimitedCounts] = {}


@dataclass(frozen=True, kw_only=True)
class BadgeCounts:
    """Counts, up to LIMIT each."""

    customers: int  # that wait for a person
    incidents: int  # that wait for an operator
    decisions: int  # that wait for an approver


def badge_counts(request: HttpRequest) -> BadgeCounts:
    """Return what waits in the user's tenants; one query per request."""
    known: BadgeCounts | None = getattr(request, "_frontdesk_waiting", None)
    if known is None:
        counts = _counts(request).run()
        known = BadgeCounts(
            customers=counts.pop("customers"),
            decisions=counts.pop("decisions"),
            incidents=min(LIMIT, sum(counts.values())),
        )
        request._frontdesk_waiting = known  # type: ignore[attr-defined]  # kept for this request
    return known


def _counts(request: HttpRequest) -> LimitedCounts:
    """Return the query for what this user may see.

    Cached for the next page, because building it costs more than running it.

    It is built again when anything changes that decides which rows the user sees.
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
    decisions = Candidate.objects.filter(status=CandidateStatus.PENDING)
    if not is_operator(request):
        own = list(roles_of(request))
        customers, decisions = customers.filter(tenant__in=own), decisions.filter(tenant__in=own)
    stuck = {kind.label: kind.rows for kind in visible_kinds(request)}
    return LimitedCounts.of(LIMIT, customers=customers, decisions=decisions, **stuck)
