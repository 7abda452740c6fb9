"""What an approver may say besides yes and no: another text, or a question; and what the core service answers."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Max

from approvals.models import (
    Approver,
    ApproverAddress,
    Candidate,
    Prompt,
    PromptKind,
    Revision,
    Seat,
    Step,
    StepKind,
    Verdict,
)
from approvals.services.deciding import lock
from approvals.services.queueing import wake
from approvals.services.trail import note
from common.text.plain import clean
from tenants import services as tenants

MAX_BODY = 3000


class NotEditable(Exception):
    """Several people must approve it as it is, it chooses between options, or it is over."""


class TooLong(Exception):
    """The text is longer than a candidate may be."""

    limit = MAX_BODY


class Over(Exception):
    """The candidate has its end already."""


@transaction.atomic
def revise(*, candidate: Candidate, approver: Approver, text: str) -> Revision:
    """Keep another text, frozen by a hash of its own; it is approved by the answer to its own question.

    Raises NotEditable, TooLong.
    """
    row = lock(candidate.pk)
    approving = [one for one in row.choices() if one["means"] == Verdict.APPROVE]
    is_seated = Seat.objects.filter(candidate=row, approver=approver).exists()
    if not row.is_open or row.needed > 1 or len(approving) > 1 or not is_seated:
        raise NotEditable
    body = clean(text).strip()
    if len(body) > MAX_BODY:
        raise TooLong
    number = (row.revisions.aggregate(last=Max("number"))["last"] or 0) + 1
    revision: Revision = Revision.objects.create(
        tenant_id=row.tenant_id, candidate=row, number=number, body=body, approver=approver,
        content_hash=row.hash_of(body),
    )  # fmt: skip
    note(row, StepKind.EDITED, actor=approver.name, revision=number, content_hash=revision.content_hash)
    return revision


@transaction.atomic
def ask_back(*, candidate: Candidate, approver: Approver, text: str) -> Step:
    """Pass an approver's question on to the core service; the candidate stays open."""
    step = note(candidate, StepKind.QUESTION, actor=approver.name, text=clean(text)[:MAX_BODY], approver=approver.name)
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
    """Have those told who asked back, at their pace and hours, with the candidate once more; returns how many.

    Raises Over.
    """
    row = lock(candidate.pk)
    if not row.is_open:
        raise Over
    asked = Step.objects.filter(candidate=row, kind=StepKind.QUESTION).values_list("details", flat=True)
    names = {details.get("approver") for details in asked}
    note(row, StepKind.REPLY, actor=by, text=clean(text))
    number = row.steps.filter(kind=StepKind.REPLY).count()
    shown = ApproverAddress.objects.filter(shown__candidate=row, approver__name__in=names)
    addresses = list(shown.distinct().order_by("pk"))
    for address in addresses:
        Prompt.objects.create(
            tenant_id=row.tenant_id, candidate=row, address=address, kind=PromptKind.REPLY, step=number
        )
        wake(address)
    return len(addresses)
