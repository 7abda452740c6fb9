"""Serializers of the API of keys, tenants and webhooks out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.text.zone_names import zone_names
from common.work.rows import State
from tenants.declarations import SCOPES, WEBHOOK_EVENTS
from tenants.fields import Flag, Hours, PatternText, Text, WordChoice
from tenants.models import ApiKey, Tenant, WebhookDelivery, WebhookEndpoint
from tenants.rights import EVERYTHING
from tenants.services.keys import MAX_APPROVERS
from tenants.services.webhooks import TEST

MAX_ROTATION_HOURS = 24 * 30


class EndpointChange(serializers.Serializer):
    """What of an endpoint can be changed."""

    url = Text(max_length=500, help_text="https; private and local addresses are refused.")
    event_types = serializers.ListField(
        child=WordChoice(words=("*", *WEBHOOK_EVENTS)), min_length=1, max_length=50, help_text="* for all."
    )
    description = Text(max_length=200, allow_blank=True, required=False)
    is_enabled = Flag(required=False)


class EndpointIn(EndpointChange):
    """A new endpoint."""

    is_enabled = None  # type: ignore[assignment]  # a new one is


class EndpointOut(serializers.ModelSerializer):
    """An endpoint; `failing_since` says since when nothing arrives, `disabled_reason` why it is told nothing more."""

    event_types = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = WebhookEndpoint
        fields = [
            "id", "url", "description", "event_types", "is_enabled", "disabled_reason", "failing_since",
            "previous_until", "is_callback", "created_at",
        ]  # fmt: skip


class EndpointSecretOut(EndpointOut):
    """An endpoint with its secret, this once; null when the call is repeated under its Idempotency-Key."""

    secret = serializers.CharField(allow_null=True)

    class Meta(EndpointOut.Meta):
        fields = [*EndpointOut.Meta.fields, "secret"]


class RotateIn(serializers.Serializer):
    """How long the old secret signs too."""

    hours = Hours(required=False, up_to=MAX_ROTATION_HOURS)


class TryOut(serializers.Serializer):
    """One try; `status` is null when there was no answer."""

    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    milliseconds = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)


class DeliveryOut(serializers.ModelSerializer):
    """One event on its way to one endpoint."""

    event_id = serializers.CharField(source="event.event_id")
    event_type = serializers.CharField(source="event.type")
    happened_at = serializers.DateTimeField(source="event.created_at")
    state = serializers.CharField()
    reason = serializers.CharField(source="last_error")
    next_try_at = serializers.SerializerMethodField()
    tries = serializers.SerializerMethodField()

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "event_id", "event_type", "happened_at", "state", "reason", "attempts", "next_try_at", "answer",
            "tries", "delivered_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_try_at(self, row: WebhookDelivery) -> Any:
        return serializers.DateTimeField().to_representation(row.due_at) if row.state == State.QUEUED else None

    @extend_schema_field(TryOut(many=True))
    def get_tries(self, row: WebhookDelivery) -> list[dict[str, Any]]:
        return list(row.tries)


class DeliveryQuery(serializers.Serializer):
    """Which deliveries."""

    state = WordChoice(required=False, words=tuple(str(state) for state in State))
    event_type = WordChoice(required=False, words=(TEST, *WEBHOOK_EVENTS))


class ReplayIn(serializers.Serializer):
    """Which time; what happened at `since` is in it, what happened at `until` is not."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    only_failed = Flag(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not timedelta(0) < attrs["until"] - attrs["since"]:
            raise serializers.ValidationError({"until": "A moment after since."})
        return attrs


class CountOut(serializers.Serializer):
    """How many."""

    count = serializers.IntegerField()


class KeyIn(serializers.Serializer):
    """A new key."""

    name = Text(max_length=50, help_text="What it is for.")
    scopes = serializers.ListField(child=WordChoice(words=(EVERYTHING, *SCOPES)), min_length=1, max_length=50)
    approvers = serializers.ListField(
        child=Text(max_length=50), required=False, max_length=MAX_APPROVERS,
        help_text="Names of approvers whom the key speaks for when it decides.",
    )  # fmt: skip
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class KeyOut(serializers.ModelSerializer):
    """A key as it is kept: the key itself is a hash."""

    id = serializers.CharField(source="prefix", help_text="The beginning of the key.")
    scopes = serializers.ListField(child=serializers.CharField())
    approvers = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField(source="created")
    expires_at = serializers.DateTimeField(source="expiry_date", allow_null=True)
    is_revoked = serializers.BooleanField(source="revoked")

    class Meta:
        model = ApiKey
        fields = ["id", "name", "scopes", "approvers", "created_at", "expires_at", "last_used_at", "is_revoked"]


class KeySecretOut(KeyOut):
    """A key, this once; null when the call is repeated under its Idempotency-Key."""

    key = serializers.CharField(allow_null=True, required=False)

    class Meta(KeyOut.Meta):
        fields = [*KeyOut.Meta.fields, "key"]


class TenantChange(serializers.Serializer):
    """What of a business can be changed."""

    name = Text(max_length=100)
    timezone = WordChoice(required=False, words=tuple(sorted(zone_names())))
    language = PatternText(pattern=r"^[A-Za-z0-9-]+\Z", max_length=10, required=False)
    is_active = Flag(required=False)
    outbound_enabled = Flag(required=False)
    resume_after_hours = Hours(required=False, allow_null=True, up_to=24 * 366)


class TenantIn(TenantChange):
    """A new business."""

    slug = PatternText(pattern=r"^[a-z0-9-]+\Z", max_length=50)


class TenantOut(serializers.ModelSerializer):
    """A business."""

    class Meta:
        model = Tenant
        fields = [
            "id", "slug", "name", "timezone", "language", "is_active", "outbound_enabled", "resume_after_hours",
            "created_at",
        ]  # fmt: skip
