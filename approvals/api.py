"""The API of approvals: the core service submits, reads and cancels candidates, and answers questions."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from approvals import api_examples
from approvals import services as approvals
from approvals.api_fields import (
    MAX_ENCODED,
    AnswerIn,
    ApproverOut,
    CancelIn,
    CandidateIn,
    CandidateOut,
    CandidateQuery,
    CandidateWithTrailOut,
    DecideIn,
    candidate_request,
)
from approvals.models import Approver, Candidate, CandidateApprover, Via
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.api_fields import CountOut
from tenants.models import WebhookDelivery
from tenants.problems import Conflict

NEEDS = {"GET": "candidates.see", "POST": "candidates.act"}


class CandidateView(TenantView):
    """Base of the views of candidates."""

    needs = NEEDS

    def rows(self) -> QuerySet:
        """Return the tenant's candidates with all that a response shows."""
        deliveries = Prefetch("event__deliveries", WebhookDelivery.objects.order_by("pk"))
        rows = Candidate.objects.of(self.tenant).select_related("event", "tenant")
        return rows.prefetch_related(
            Prefetch("named_approvers", CandidateApprover.objects.select_related("approver")), deliveries
        )

    def row(self, pk: int) -> Candidate:
        """Return the tenant's candidate with this id, or raise 404."""
        found: Candidate = get_object_or_404(self.rows(), pk=pk)
        return found


class Candidates(CandidateView):  # GET, POST /api/candidates
    """What people are asked to decide."""

    needs = NEEDS | {"POST": "candidates.add"}
    max_body_bytes = MAX_ENCODED + 256 * 1024

    @describe("List candidates", gives=CandidateOut, asks=CandidateQuery, is_page=True, answer=api_examples.CANDIDATE)
    def get(self, request: Request) -> Response:
        asked = self.validated_query(CandidateQuery)
        names = {
            "approver": "named_approvers__approver__name",
            "created_since": "created_at__gte",
            "created_until": "created_at__lt",
        }
        where = {names.get(name, name): value for name, value in asked.items()}
        return self.paginated(self.rows().filter(**where), ("-id",), CandidateOut)

    @describe(
        "Ask for a decision", takes=CandidateIn, gives=CandidateOut, status=201, creates=True, problems=(409, 413),
        example=api_examples.NEW, answer=api_examples.CANDIDATE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        candidate = candidate_request(self.validated_body(CandidateIn))
        try:
            approvals.check_address(candidate)  # looks up the host name, so it runs before any transaction
            return self.create_once(lambda: self._submit(candidate))
        except approvals.InvalidCandidate as error:
            raise ValidationError({error.field: [str(error)]}) from None

    def _submit(self, candidate: approvals.CandidateRequest) -> Response:
        try:
            row, is_new = approvals.submit(tenant=self.tenant, wanted=candidate, by=self.actor)
        except approvals.ExternalIdTaken as error:
            raise Conflict(str(error)) from None
        return Response(CandidateOut(self.row(row.pk)).data, status=201 if is_new else 200)


class OneCandidate(CandidateView):  # GET /api/candidates/<pk>
    """One candidate, with its trail."""

    @describe("Read a candidate", gives=CandidateWithTrailOut, answer=api_examples.WITH_TRAIL)
    def get(self, request: Request, pk: int) -> Response:
        row = get_object_or_404(self.rows().prefetch_related("steps"), pk=pk)
        return Response(CandidateWithTrailOut(row).data)


class Cancel(CandidateView):  # POST /api/candidates/<pk>/cancel
    """Withdraw a candidate: nobody is asked any more."""

    @describe(
        "Withdraw a candidate", takes=CancelIn, gives=CandidateOut, problems=(409,), example={"reason": "Not needed."},
        answer=api_examples.CANCELLED,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row, said = self.row(pk), self.validated_body(CancelIn)
        if not approvals.cancel(candidate=row, by=self.actor, reason=said.get("reason", "")):
            raise Conflict(f"It is {self.row(pk).status} already.")
        return Response(CandidateOut(self.row(pk)).data)


class Decide(CandidateView):  # POST /api/candidates/<pk>/decide
    """An approver's word by a program, with the same rules as by message."""

    needs = {"POST": "decisions.act"}

    @describe(
        "Decide a candidate", takes=DecideIn, gives=CandidateOut, problems=(403, 409),
        example={"choice": "approve", "approver": "owner"}, answer=api_examples.DECIDED,
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row, said = self.row(pk), self.validated_body(DecideIn)
        approver = self._approver(said)
        try:
            revision = 0
            if "body" in said:
                revision = approvals.revise(candidate=row, approver=approver, text=said["body"]).number
            outcome = approvals.vote(
                candidate=row, approver=approver, choice=said["choice"], via=Via.API, revision=revision,
                actor=f"{approver.name} ({self.actor})", cast_by=self.caller.name,
            )  # fmt: skip
        except approvals.NotEditable:
            raise Conflict("Its text cannot be changed: it is over, or it is decided as it is.") from None
        except ValueError as error:
            raise ValidationError({"choice": [str(error)]}) from None
        if outcome.result == approvals.VoteResult.NOT_ALLOWED:
            raise PermissionDenied(f"{approver.name} is not one of those who decide this.")
        if outcome.result == approvals.VoteResult.SEATED:
            raise PermissionDenied("You have answered for another approver: one caller takes one seat of a candidate.")
        if outcome.result in (approvals.VoteResult.OVER, approvals.VoteResult.EXPIRED, approvals.VoteResult.AGAIN):
            status = outcome.candidate.status
            is_again = outcome.result == approvals.VoteResult.AGAIN
            raise Conflict(f"{approver.name} has answered already." if is_again else f"It is {status} already.")
        return Response(CandidateOut(self.row(pk)).data)

    def _approver(self, said: dict[str, Any]) -> Approver:
        """Return the approver who decides.

        A member decides as the approver linked to them, a key as one of those named on it.
        """
        rows = Approver.objects.of(self.tenant).filter(is_active=True).select_related("tenant")
        if self.caller.member is not None:
            rows = rows.filter(member=self.caller.member)
        else:
            rows = rows.filter(name__in=self.caller.approvers)
            if not self.caller.approvers:
                raise PermissionDenied("This key speaks for no approver: an owner makes a key that names one.")
            if "approver" not in said and len(self.caller.approvers) > 1:
                raise ValidationError({"approver": ["Say whose word this is."]})
        if "approver" in said:
            rows = rows.filter(name=said["approver"])
        found: Approver | None = rows.first()
        if found is None and self.caller.member is not None:
            raise Conflict("You are linked to no such approver: an owner links you in the back office.")
        if found is None:
            raise PermissionDenied("This key does not speak for that approver: an owner names it on a key.")
        return found


class ReplyToQuestion(CandidateView):  # POST /api/candidates/<pk>/reply
    """Answer what approvers have asked back; they get it with the candidate once more."""

    @describe(
        "Answer a question", takes=AnswerIn, gives=CountOut, problems=(409,), example={"text": "It costs 40."},
        answer={"count": 1},
    )  # fmt: skip
    def post(self, request: Request, pk: int) -> Response:
        row, said = self.row(pk), self.validated_body(AnswerIn)
        try:
            count = approvals.reply(candidate=row, text=said["text"], by=self.actor)
        except approvals.AlreadyDecided:
            raise Conflict(f"It is {self.row(pk).status} already.") from None
        return Response({"count": count})


class Approvers(TenantView):  # GET /api/approvers
    """Who may be asked; they are set up in the back office, or by setup_approver."""

    needs = {"GET": "approvers.see"}

    @describe("List approvers", gives=ApproverOut, is_page=True, answer=api_examples.APPROVER)
    def get(self, request: Request) -> Response:
        return self.paginated(Approver.objects.of(self.tenant), ("name", "id"), ApproverOut)
