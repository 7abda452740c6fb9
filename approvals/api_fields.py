"""Serializers of the API of approvals."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from approvals.models import (
    ApprovalRule,
    Approver,
    Candidate,
    CandidatePriority,
    CandidateStatus,
    OnDeadline,
    TrailEntry,
)
from approvals.queries import CHANNEL_WORDS
from approvals.services import CandidateRequest, EscalationStep
from approvals.services.revising import MAX_BODY
from approvals.services.submitting import MAX_OPTIONS, MAX_STEPS
from tenants.fields import Minutes, PatternText, QueryMoment, Text, WordChoice

NAME = r"^[-a-zA-Z0-9_]{1,50}\Z"
OPTION_ID = r"^[a-z0-9_-]{1,40}\Z"
MAX_ENCODED = 7 * 1024 * 1024  # 5 MB as base64
MAX_MINUTES = 30 * 24 * 60


class PriorityWord(WordChoice):
    """A priority; described in words, because another field of this name has other values."""


class Base64Picture(Text):
    """A picture in base64."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data).partition("base64,")[2] or super().to_internal_value(data)
        try:
            return base64.b64decode(text, validate=True)
        except (ValueError, binascii.Error):
            raise serializers.ValidationError("A PNG or JPEG in base64.", code="invalid") from None


class Facts(serializers.JSONField):
    """A JSON object of the caller's own."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("An object.", code="invalid")
        if "\\u0000" in json.dumps(data):
            raise serializers.ValidationError("No text may hold the character NUL.", code="invalid")
        return super().to_internal_value(data)


class OptionIn(serializers.Serializer):
    """One of several answers."""

    id = PatternText(pattern=OPTION_ID, max_length=40, help_text="Comes back in the decision.")
    title = Text(max_length=20, help_text="What stands on the button.")
    means = WordChoice(words=("approve", "reject"), required=False, help_text="approve if not said.")


class RungIn(serializers.Serializer):
    """A step of the ladder."""

    after_minutes = Minutes(up_to=MAX_MINUTES, help_text="From the beginning.")
    approvers = serializers.ListField(
        child=PatternText(pattern=NAME, max_length=50),
        required=False,
        max_length=10,
        help_text="If not said: the first again.",
    )
    channel = WordChoice(words=CHANNEL_WORDS, required=False)


class CandidateIn(serializers.Serializer):
    """Something that a person is to decide."""

    title = Text(max_length=200)
    body = Text(max_length=MAX_BODY, required=False, allow_blank=True)
    link = serializers.URLField(max_length=500, required=False)
    image = Base64Picture(max_length=MAX_ENCODED, required=False, help_text="A PNG or JPEG in base64, up to 5 MB.")
    options = serializers.ListField(child=OptionIn(), required=False, max_length=MAX_OPTIONS)
    approvers = serializers.ListField(
        child=PatternText(pattern=NAME, max_length=50), required=False, max_length=10,
        help_text="Names; if not said: the tenant's default approvers.",
    )  # fmt: skip
    rule = WordChoice(
        words=tuple(ApprovalRule.values), required=False, help_text="any one of them (if not said), or all."
    )
    escalation = serializers.ListField(child=RungIn(), required=False, max_length=MAX_STEPS)
    channel = WordChoice(words=CHANNEL_WORDS, required=False, help_text="Where to ask, if there is a choice.")
    category = PatternText(pattern=r"^[\w.-]{0,50}\Z", max_length=50, required=False, allow_blank=True)
    priority = PriorityWord(
        words=tuple(CandidatePriority.values), required=False, help_text="normal, or urgent: asked in quiet hours too."
    )
    deadline_at = QueryMoment(required=False, help_text="If not said: APPROVAL_DEADLINE_HOURS from now.")
    deadline_minutes = Minutes(up_to=MAX_MINUTES, required=False, help_text="Instead of deadline_at.")
    on_deadline = WordChoice(words=tuple(OnDeadline.values), required=False, help_text="expire if not said.")
    callback_url = Text(max_length=500, required=False, help_text="If not said: CORE_DECISION_WEBHOOK.")
    metadata = Facts(required=False, help_text="Comes back in the decision; up to 8,000 characters as JSON.")
    external_id = PatternText(
        pattern=r"^[\x21-\x7e]{1,100}\Z", max_length=100, required=False, help_text="Your own id."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "deadline_at" in attrs and "deadline_minutes" in attrs:
            raise serializers.ValidationError({"deadline_minutes": ["Give one of deadline_at and deadline_minutes."]})
        return attrs


def candidate_request(given: dict[str, Any]) -> CandidateRequest:
    """Return the candidate request from validated data."""
    fields = dict(given)
    fields["ladder"] = [EscalationStep(**rung) for rung in fields.pop("escalation", ())]
    fields["options"] = [{"means": "approve", **option} for option in fields.pop("options", ())]
    return CandidateRequest(**fields)


class CancelIn(serializers.Serializer):
    """Why."""

    reason = Text(max_length=500, required=False, allow_blank=True)


class DecideIn(serializers.Serializer):
    """An approver's word, by a program or a member."""

    choice = PatternText(pattern=OPTION_ID, max_length=40, help_text="approve, reject, or the id of an option.")
    approver = PatternText(
        pattern=NAME, max_length=50, required=False,
        help_text="Whose word this is. A key must say it; a member speaks for the approver linked to them.",
    )  # fmt: skip
    body = Text(max_length=MAX_BODY, required=False, help_text="Another text, which is approved in place of the body.")


class AnswerIn(serializers.Serializer):
    """The answer to an approver's question."""

    text = Text(max_length=MAX_BODY)


class CandidateQuery(serializers.Serializer):
    """Which candidates."""

    status = WordChoice(words=tuple(CandidateStatus.values), required=False)
    priority = WordChoice(words=tuple(CandidatePriority.values), required=False)
    category = serializers.CharField(required=False, max_length=50)
    external_id = serializers.CharField(required=False, max_length=100)
    approver = serializers.CharField(required=False, max_length=50)
    created_since = QueryMoment(required=False)
    created_until = QueryMoment(required=False)


class OptionOut(serializers.Serializer):
    """One of several answers."""

    id = serializers.CharField()
    title = serializers.CharField()
    means = serializers.CharField()


class RungOut(serializers.Serializer):
    """A step of the ladder."""

    after_minutes = serializers.FloatField()
    approvers = serializers.ListField(child=serializers.CharField())
    channel = serializers.CharField(allow_blank=True)


class DecisionOut(serializers.Serializer):
    """What was decided, by whom, on which content."""

    decision = serializers.CharField(source="status")
    option = serializers.CharField(source="decided_option", allow_blank=True)
    by = serializers.CharField(source="decided_by")
    via = serializers.CharField(source="decided_via")
    at = serializers.DateTimeField(source="decided_at")
    content_hash = serializers.CharField(source="decided_hash")
    edited_body = serializers.CharField(source="decided_body", allow_blank=True)
    reason = serializers.CharField(allow_blank=True)


class CallbackOut(serializers.Serializer):
    """How the telling of the decision stands."""

    event_id = serializers.CharField()
    state = serializers.CharField()
    attempts = serializers.IntegerField()
    endpoint_id = serializers.IntegerField()
    delivery_id = serializers.IntegerField()


class CandidateOut(serializers.ModelSerializer):
    """A candidate, and what came of it."""

    options = serializers.SerializerMethodField()
    approvers = serializers.SerializerMethodField()
    escalation = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()
    callback = serializers.SerializerMethodField()
    metadata = serializers.DictField()
    rule = serializers.CharField()
    priority = serializers.CharField()
    on_deadline = serializers.CharField()
    status = serializers.CharField()

    class Meta:
        model = Candidate
        fields = [
            "id", "external_id", "short_id", "title", "body", "link", "image_sha256", "options", "approvers", "rule",
            "needed", "escalation", "channel", "category", "priority", "deadline_at", "on_deadline", "callback_url",
            "metadata", "content_hash", "status", "decision", "callback", "created_at",
        ]  # fmt: skip

    @extend_schema_field(OptionOut(many=True))
    def get_options(self, row: Candidate) -> list[dict[str, Any]]:
        return list(row.options)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_approvers(self, row: Candidate) -> list[str]:
        return [seat.approver.name for seat in row.named_approvers.all()]

    @extend_schema_field(RungOut(many=True))
    def get_escalation(self, row: Candidate) -> list[dict[str, Any]]:
        return list(row.ladder)

    @extend_schema_field(DecisionOut(allow_null=True))
    def get_decision(self, row: Candidate) -> Any:
        return None if row.is_open else DecisionOut(row).data

    @extend_schema_field(CallbackOut(allow_null=True))
    def get_callback(self, row: Candidate) -> Any:
        delivery = next(iter(row.event.deliveries.all()), None) if row.event is not None else None
        if delivery is None or row.event is None:
            return None
        return {
            "event_id": row.event.event_id, "state": delivery.state, "attempts": delivery.attempts,
            "endpoint_id": delivery.endpoint_id, "delivery_id": delivery.pk,
        }  # fmt: skip


class TrailStepOut(serializers.ModelSerializer):
    """One line of the trail."""

    details = serializers.DictField()

    class Meta:
        model = TrailEntry
        fields = ["id", "at", "kind", "actor", "text", "details"]


class CandidateWithTrailOut(CandidateOut):
    """A candidate with all that happened to it."""

    steps = TrailStepOut(many=True)

    class Meta(CandidateOut.Meta):
        fields = [*CandidateOut.Meta.fields, "steps"]


class ApproverOut(serializers.ModelSerializer):
    """Somebody who may be asked."""

    name = serializers.CharField(read_only=True)  # as it stands in the row: for reading no form is required

    class Meta:
        model = Approver
        fields = ["id", "name", "language", "timezone", "quiet_from", "quiet_until", "is_default", "is_active"]
