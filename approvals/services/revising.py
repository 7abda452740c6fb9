"""What an approver may send besides a vote, another text or a question; and the core service's reply."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from approvals.models import (
    Approver,
    ApproverAddress,
    Candidate,
    CandidateApprover,
    Question,
    QuestionKind,
    Revision,
    TrailEntry,
    TrailKind,
    Verdict,
)
from approvals.services.deciding import lock
from approvals.services.questions import wake_up_queue
from approvals.services.trail import record_trail
from common.text.plain import clean
from tenants import services as tenants

MAX_BODY = 3000


class NotEditable(Exception):
    """Several people must approve it unchanged, it has options to choose from, or it is decided."""


class TextTooLong(Exception):
    """The text is longer than a candidate may be."""

    limit = MAX_BODY


class AlreadyDecided(Exception):
    """The candidate is decided already."""


@transaction.atomic
def revise(*, candidate: Candidate, approver: Approver, text: str) -> Revision:
    """Store another text, frozen by its own hash; it is approved by the answer to its own question.

    Raises NotEditable, TextTooLong.
    """
    row = lock(candidate.pk)
    approving = [one for one in row.choices() if one["means"] == Verdict.APPROVE]
    is_seated = CandidateApprover.objects.filter(candidate=row, approver=approver).exists()
    if not row.is_open or row.needed > 1 or len(approving) > 1 or not is_seated:
        raise NotEditable
    body = clean(text).strip()
    if len(body) > MAX_BODY:
        raise TextTooLong
    number = (row.revisions.aggregate(last=Max("number"))["last"] or 0) + 1
    revision: Revision = Revision.objects.create(
        tenant_id=row.tenant_id, candidate=row, number=number, body=body, approver=approver,
        content_hash=row.hash_of(body),
    )  # fmt: skip
    record_trail(row, TrailKind.EDITED, actor=approver.name, revision=number, content_hash=revision.content_hash)
    return revision


@transaction.atomic
def ask_back(*, candidate: Candidate, approver: Approver, text: str) -> TrailEntry:
    """Send an approver's question to the core service; the candidate stays open."""
    step = record_trail(
        candidate, TrailKind.QUESTION, actor=approver.name, text=clean(text)[:MAX_BODY], approver=approver.name
    )
    data: dict[str, Any] = {
        "candidate_id": candidate.pk, "external_id": candidate.external_id, "question_id": step.pk,
        "approver": approver.name, "question": step.text, "metadata": candidate.metadata,
    }  # fmt: skip
    once = f"approval.question {step.pk}"
    if candidate.callback_url:
        tenants.emit_callback(
            tenant=candidate.tenant, url=candidate.callback_url, event_type="approval.question", data=data, once=once
        )
    told = {name: data[name] for name in ("candidate_id", "external_id", "question_id", "approver")}
    tenants.emit(tenant=candidate.tenant, event_type="approval.question", data=told, once=f"endpoints {once}")
    return step


@transaction.atomic
def reply(*, candidate: Candidate, text: str, by: str) -> int:
    """Send the reply to the approvers who asked, by their queues, with the candidate once more; returns how many.

    Raises AlreadyDecided.
    """
    row = lock(candidate.pk)
    if not row.is_open:
        raise AlreadyDecided
    asked = TrailEntry.objects.filter(candidate=row, kind=TrailKind.QUESTION).values_list("details", flat=True)
    names = {details.get("approver") for details in asked}
    record_trail(row, TrailKind.REPLY, actor=by, text=clean(text))
    number = row.steps.filter(kind=TrailKind.REPLY).count()
    shown = ApproverAddress.objects.filter(shown__candidate=row, approver__name__in=names)
    addresses = list(shown.distinct().order_by("pk"))
    for address in addresses:
        Question.objects.create(
            tenant_id=row.tenant_id, candidate=row, address=address, kind=QuestionKind.REPLY, step=number
        )
        wake_up_queue(address)
    return len(addresses)
