"""What this app stores of a person who is an approver: see PERSONAL_DATA.

An approver is found by the addresses of a contact. Decisions stay, because they belong to the business and must stay
accountable; erasing removes that it was this person.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from approvals.models import (
    Approver,
    ApproverAddress,
    AskQueue,
    Candidate,
    CandidateApprover,
    Question,
    Revision,
    ShownCandidate,
    TrailEntry,
    TrailKind,
    Vote,
)
from common.text.phone_numbers import canonical
from tenants.services import record

# Every model that leads to an approver, and what an export shows of it.
MODELS = (Approver, ApproverAddress, AskQueue, Question, ShownCandidate, CandidateApprover, Vote, Revision, TrailEntry)


def approvers_of(contact: Any) -> QuerySet:
    """Return the approvers with an address of this person."""
    named = {canonical(value) for value in contact.addresses.values_list("value", flat=True)}
    return Approver.objects.of(contact.tenant).filter(addresses__canonical__in=named).distinct()


def export(contact: Any) -> dict[str, list[dict[str, Any]]]:
    """Return all of it, for the person."""
    found = approvers_of(contact).order_by("pk")
    pks = list(found.values_list("pk", flat=True))
    names = list(found.values_list("name", flat=True))
    own_steps = TrailEntry.objects.of(contact.tenant).filter(actor__in=names).order_by("pk")
    return {
        "approver": list(found.values("name", "language", "timezone", "quiet_from", "quiet_until", "is_active")),
        "addresses": list(ApproverAddress.objects.filter(approver__in=pks).values("channel_id", "address")),
        "answers": list(
            Vote.objects.filter(approver__in=pks).order_by("pk").values(
                "candidate__title", "verdict", "option", "via", "created_at"
            )
        ),
        "texts": list(Revision.objects.filter(approver__in=pks).order_by("pk").values("candidate__title", "body")),
        "steps": list(own_steps.values("candidate__title", "kind", "text", "at")),
    }  # fmt: skip


@transaction.atomic
def erase(contact: Any) -> int:
    """Erase the person: they are asked no more, and nothing names them.

    Returns how many rows changed or were deleted.
    """
    count = 0
    for approver in approvers_of(contact).select_related("tenant"):
        gone, nobody = approver.name, f"erased-{approver.pk}"
        # With an address its queue, its waiting questions and its shown candidates are deleted.
        count += ApproverAddress.objects.filter(approver=approver).delete()[0]
        steps = TrailEntry.objects.of(approver.tenant).filter(actor=gone)
        count += steps.filter(kind=TrailKind.QUESTION).update(text="")
        count += steps.update(actor=nobody)
        count += Candidate.objects.of(approver.tenant).filter(decided_by=gone).update(decided_by=nobody)
        count += Approver.objects.filter(pk=approver.pk).update(
            name=nobody, member=None, is_active=False, is_default=False, timezone="", quiet_from=None, quiet_until=None
        )
        record(tenant=approver.tenant, actor="privacy", action="approver_erased", subject=approver)
    return count
