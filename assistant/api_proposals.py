"""The API of corrections: proposed by people who teach, approved or rejected by people who may write knowledge."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from assistant import services as assistant
from assistant.models import KnowledgeProposal, ProposalState
from messaging.models import Message
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.fields import PatternText, RowId, Text, WordChoice
from tenants.problems import Conflict

MAX_CONTENT = 4000
EXAMPLE: dict[str, Any] = {
    "id": 3, "title": "Where we are", "keywords": "", "content": "We have moved to 99 Mill Lane.", "language": "",
    "message": None, "state": "proposed", "proposed_by": "marta", "created_at": "2026-11-20T15:00:00.000000Z",
    "decided_by": "", "decided_at": None, "reason": "", "entry": None,
}  # fmt: skip


class ProposalIn(serializers.Serializer):
    """What should have been said."""

    title = Text(max_length=200, help_text="The question or topic, as a customer would put it.")
    content = Text(max_length=MAX_CONTENT)
    keywords = Text(max_length=300, required=False, allow_blank=True, help_text="Other words for it.")
    language = PatternText(pattern=r"^[A-Za-z0-9-]*\Z", max_length=10, required=False, allow_blank=True)
    message = RowId(required=False, allow_null=True, help_text="The id of the answer that was wrong.")


class ReasonIn(serializers.Serializer):
    """Why it was rejected."""

    reason = Text(max_length=300, required=False, allow_blank=True)


class ProposalOut(serializers.ModelSerializer):
    """A correction, and what became of it."""

    state = serializers.ChoiceField(choices=ProposalState.values)
    message = serializers.IntegerField(source="message_id", allow_null=True)
    entry = serializers.IntegerField(source="entry_id", allow_null=True, help_text="The entry that says it now.")

    class Meta:
        model = KnowledgeProposal
        fields = [
            "id", "title", "keywords", "content", "language", "message", "state", "proposed_by", "created_at",
            "decided_by", "decided_at", "reason", "entry",
        ]  # fmt: skip


class ProposalQuery(serializers.Serializer):
    """Which proposals."""

    state = WordChoice(words=tuple(ProposalState.values), required=False)


class ProposalView(TenantView):
    """Base of the views of proposals."""

    needs = {"GET": "proposals.see", "POST": "proposals.act"}

    def proposal(self, pk: int) -> KnowledgeProposal:
        """Return the tenant's proposal, or raise 404."""
        rows = KnowledgeProposal.objects.of(self.tenant).select_related("tenant")
        row: KnowledgeProposal = get_object_or_404(rows, pk=pk)
        return row

    def decided(self, proposal: int, was_decided: bool) -> Response:
        """Return the proposal as it is now; raises Conflict when somebody else decided it first."""
        row = self.proposal(proposal)
        if not was_decided:
            raise Conflict(f"It is {row.state} already.")
        return Response(ProposalOut(row).data)


class Proposals(ProposalView):  # GET, POST /api/knowledge/proposals
    """Corrections of the assistant, the newest first."""

    needs = {"GET": "proposals.see", "POST": "proposals.add"}

    @describe("List knowledge proposals", gives=ProposalOut, asks=ProposalQuery, is_page=True, answer=EXAMPLE)
    def get(self, request: Request) -> Response:
        rows = KnowledgeProposal.objects.of(self.tenant).filter(**self.validated_query(ProposalQuery))
        return self.paginated(rows, ("-id",), ProposalOut)

    @describe(
        "Propose knowledge", takes=ProposalIn, gives=ProposalOut, status=201, creates=True,
        example={"title": "Where we are", "content": "We have moved to 99 Mill Lane."}, answer=EXAMPLE,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        wanted = self.validated_body(ProposalIn)
        pk = wanted.pop("message", None)
        message = Message.objects.of(self.tenant).filter(pk=pk).first() if pk is not None else None
        if pk is not None and message is None:
            raise ValidationError({"message": ["There is no message with this id."]})
        return self.create_once(lambda: self._propose(message, wanted))

    def _propose(self, message: Message | None, wanted: dict[str, Any]) -> Response:
        row = assistant.propose_knowledge(tenant=self.tenant, by=self.actor, message=message, **wanted)
        return Response(ProposalOut(row).data, status=201)


class OneProposal(ProposalView):  # GET /api/knowledge/proposals/<proposal>
    """One correction."""

    @describe("Read a knowledge proposal", gives=ProposalOut, answer=EXAMPLE)
    def get(self, request: Request, proposal: int) -> Response:
        return Response(ProposalOut(self.proposal(proposal)).data)


class ApproveProposal(ProposalView):  # POST /api/knowledge/proposals/<proposal>/approve
    """Make it knowledge."""

    @describe(
        "Approve a knowledge proposal", gives=ProposalOut, problems=(409,),
        answer=EXAMPLE | {"state": "approved", "entry": 2},
    )  # fmt: skip
    def post(self, request: Request, proposal: int) -> Response:
        entry = assistant.approve_proposal(proposal=self.proposal(proposal), by=self.actor)
        return self.decided(proposal, entry is not None)


class RejectProposal(ProposalView):  # POST /api/knowledge/proposals/<proposal>/reject
    """Leave it unused."""

    @describe(
        "Reject a knowledge proposal", takes=ReasonIn, gives=ProposalOut, problems=(409,),
        example={"reason": "It is about another branch."}, answer=EXAMPLE | {"state": "rejected"},
    )  # fmt: skip
    def post(self, request: Request, proposal: int) -> Response:
        reason = self.validated_body(ReasonIn).get("reason", "")
        return self.decided(
            proposal, assistant.reject_proposal(proposal=self.proposal(proposal), by=self.actor, reason=reason)
        )
