"""Decide.

Each approver's first vote counts, and one conditional update makes the one decision, also with parallel votes.

Lock order: conversation (when the answer came by message), then candidate. Nothing here locks a conversation: what
other addresses are told is a row that their own queue works.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from approvals.models import (
    Approver,
    Candidate,
    CandidateApprover,
    CandidateStatus,
    OnDeadline,
    Question,
    QuestionKind,
    QuestionState,
    Timer,
    TrailKind,
    Verdict,
    Via,
    Vote,
)
from approvals.services.questions import wake_up_after_commit
from approvals.services.trail import record_trail
from common.work.rows import State
from tenants import services as tenants

logger = logging.getLogger("frontdesk.approvals")


class VoteResult(StrEnum):
    """The result of a vote."""

    DECIDED = "decided"
    COUNTED = "counted"  # more approvals are needed
    AGAIN = "again"  # this approver has voted before
    OVER = "over"  # the candidate is decided already
    EXPIRED = "expired"  # its deadline has passed
    NOT_ALLOWED = "not_allowed"
    SEATED = "seated"  # the same person has voted for another approver of this candidate


@dataclass(frozen=True, kw_only=True)
class VoteOutcome:
    """The result of a vote, and the candidate as it is now."""

    result: VoteResult
    candidate: Candidate
    left: int = 0  # how many more must approve


@transaction.atomic
def vote(
    *, candidate: Candidate, approver: Approver, choice: str, via: Via, cast_by: str, revision: int = 0, actor: str = ""
) -> VoteOutcome:
    """Record an approver's vote: one of the candidate's choices, on the text of this revision.

    `cast_by` names the member, the key or the contact who votes; each votes for one approver of a candidate only.

    Raises ValueError for a choice or a revision that does not exist.
    """
    row = lock(candidate.pk)
    chosen = next((one for one in row.choices() if one["id"] == choice), None)
    if chosen is None:
        raise ValueError(f"there is no choice {choice}")
    text = row.revisions.filter(number=revision).first() if revision else None
    if revision and text is None:
        raise ValueError(f"there is no text {revision}")
    who = actor or approver.name
    if not CandidateApprover.objects.filter(candidate=row, approver=approver).exists() or not approver.is_active:
        record_trail(row, TrailKind.REFUSED, actor=who, via=str(via), reason="not an approver of this candidate")
        return VoteOutcome(result=VoteResult.NOT_ALLOWED, candidate=row)
    if row.is_open and _is_past(row):
        _expire(row)
        row.refresh_from_db()
    if not row.is_open:
        record_trail(row, TrailKind.LATE, actor=who, via=str(via), choice=choice)
        return VoteOutcome(
            result=VoteResult.EXPIRED if row.status == CandidateStatus.EXPIRED else VoteResult.OVER, candidate=row
        )
    if row.votes.filter(cast_by=cast_by).exclude(approver=approver).exists():
        record_trail(row, TrailKind.REFUSED, actor=who, via=str(via), reason="has answered for another approver")
        return VoteOutcome(result=VoteResult.SEATED, candidate=row)
    shown_hash = text.content_hash if text else row.content_hash
    _, is_first = Vote.objects.get_or_create(
        candidate=row,
        approver=approver,
        defaults={
            "tenant_id": row.tenant_id, "verdict": chosen["means"], "option": choice, "content_hash": shown_hash,
            "via": via, "cast_by": cast_by,
        },
    )  # fmt: skip
    if not is_first:
        return VoteOutcome(result=VoteResult.AGAIN, candidate=row, left=_left(row))
    record_trail(
        row, TrailKind.VOTED, actor=who, via=str(via), choice=choice, approver=approver.name, content_hash=shown_hash
    )
    status = CandidateStatus.APPROVED if chosen["means"] == Verdict.APPROVE else CandidateStatus.REJECTED
    left = _left(row)
    if status == CandidateStatus.APPROVED and left > 0:
        return VoteOutcome(result=VoteResult.COUNTED, candidate=row, left=left)
    option = choice if row.options else ""
    decided = _decide(
        row, status, by=who, via=via, option=option, shown_hash=shown_hash, body=text.body if text else ""
    )
    return VoteOutcome(result=VoteResult.DECIDED if decided else VoteResult.OVER, candidate=row)


@transaction.atomic
def cancel(*, candidate: Candidate, by: str, reason: str = "", via: Via = Via.API) -> bool:
    """Cancel a candidate; returns False when it is decided already."""
    row = lock(candidate.pk)
    if row.is_open and _is_past(row):
        _expire(row)
        return False
    return _decide(row, CandidateStatus.CANCELLED, by=by, via=via, reason=reason)


@transaction.atomic
def approve_by_policy(*, candidate: Candidate) -> bool:
    """Approve a candidate when a policy of the tenant approves it automatically."""
    row = lock(candidate.pk)
    name = row.policy.name if row.policy else "policy"
    return _decide(row, CandidateStatus.APPROVED, by=f"policy {name}", via=Via.POLICY, option=_approving(row))


@transaction.atomic
def end_by_deadline(*, candidate: Candidate) -> bool:
    """Apply the candidate's rule for a missed deadline; returns False when it is decided already."""
    row = lock(candidate.pk)
    return row.is_open and _is_past(row) and _expire(row)


def lock(pk: int) -> Candidate:
    """Lock the candidate's row until the end of the transaction and return it."""
    rows = Candidate.objects.select_related("tenant", "policy").select_for_update(of=("self",), no_key=True)
    row: Candidate = rows.get(pk=pk)
    return row


def _is_past(row: Candidate) -> bool:
    """Return whether its deadline has passed, by the database's clock."""
    return Candidate.objects.filter(pk=row.pk, deadline_at__lte=Now()).exists()


def _left(row: Candidate) -> int:
    return int(row.needed) - Vote.objects.filter(candidate=row, verdict=Verdict.APPROVE).count()


def _approving(row: Candidate) -> str:
    options = [one["id"] for one in row.options if one["means"] == Verdict.APPROVE]
    return options[0] if len(options) == 1 else ""


def _expire(row: Candidate) -> bool:
    status = {
        OnDeadline.EXPIRE: CandidateStatus.EXPIRED,
        OnDeadline.APPROVE: CandidateStatus.APPROVED,
        OnDeadline.REJECT: CandidateStatus.REJECTED,
    }[OnDeadline(row.on_deadline)]
    option = _approving(row) if status == CandidateStatus.APPROVED else ""
    return _decide(row, status, by="deadline", via=Via.DEADLINE, option=option)


def _decide(
    row: Candidate,
    status: CandidateStatus,
    *,
    by: str,
    via: Via,
    option: str = "",
    shown_hash: str = "",
    body: str = "",
    reason: str = "",
) -> bool:
    """Make the decision by one conditional update; returns False when another one was made first."""
    fields: dict[str, Any] = {
        "status": status, "decided_by": by[:100], "decided_via": via, "decided_option": option,
        "decided_hash": shown_hash or row.content_hash, "decided_body": body, "reason": reason[:500],
    }  # fmt: skip
    won = Candidate.objects.filter(pk=row.pk, status=CandidateStatus.PENDING).update(decided_at=Now(), **fields)
    if not won:
        row.refresh_from_db()
        return False
    row.refresh_from_db(fields=[*fields, "decided_at"])
    record_trail(row, TrailKind.DECIDED, actor=by, text=row.reason, status=str(status), via=str(via), option=option,
         content_hash=row.decided_hash)  # fmt: skip
    tenants.record(
        tenant=row.tenant, actor=by, action=f"candidate_{status}", subject=row, via=str(via), option=option,
        content_hash=row.decided_hash,
    )  # fmt: skip
    _emit_decision(row)
    _close_questions(row)
    seconds = (row.decided_at - row.created_at).total_seconds() if row.decided_at else 0.0
    ids = {"tenant_id": row.tenant_id, "candidate_id": row.pk}
    logger.info("candidate_decided", extra={**ids, "status": str(status), "via": str(via), "ms": round(seconds * 1000)})
    return True


def _emit_decision(row: Candidate) -> None:
    """Store the callback and the event for the tenant's endpoints, in this transaction."""
    assert row.decided_at is not None
    data = {
        "candidate_id": row.pk, "external_id": row.external_id, "tenant": row.tenant.slug, "decision": row.status,
        "option": row.decided_option, "decided_by": row.decided_by, "decided_via": row.decided_via,
        "decided_at": row.decided_at.isoformat().replace("+00:00", "Z"), "content_hash": row.decided_hash,
        "original_hash": row.content_hash, "edited_body": row.decided_body or None, "reason": row.reason,
        "metadata": row.metadata,
    }  # fmt: skip
    once = f"approval.decided {row.pk}"
    if row.callback_url:
        row.event = tenants.emit_callback(
            tenant=row.tenant, url=row.callback_url, event_type="approval.decided", data=data, once=once
        )
        row.save(update_fields=["event"])
    told = {name: data[name] for name in ("candidate_id", "external_id", "decision", "option", "content_hash")}
    tenants.emit(tenant=row.tenant, event_type="approval.decided", data=told, once=f"endpoints {once}")


def _close_questions(row: Candidate) -> None:
    """Close the candidate's questions, and tell approvers who got a single question, except the one who decided, that
    it is closed."""
    # Their queues discard questions that still wait; locking those here could wait for a queue.
    Timer.objects.filter(candidate=row, state=State.QUEUED).update(state=State.IGNORED, last_error="decided")
    voted = Vote.objects.filter(candidate=row).values("approver")
    asked = Question.objects.filter(candidate=row, kind=QuestionKind.ASK, state=QuestionState.SHOWN)
    alone = asked.filter(message__shown__candidate=row, message__shown__line=0).exclude(address__approver__in=voted)
    for address_id in sorted(set(alone.values_list("address_id", flat=True))):
        _, is_new = Question.objects.get_or_create(
            candidate=row, address_id=address_id, kind=QuestionKind.CLOSING, step=0, defaults={"tenant": row.tenant}
        )
        if is_new:
            wake_up_after_commit(address_id)
