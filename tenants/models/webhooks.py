"""Webhooks out: where a tenant wants to be told, what happened, and each telling."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedTextField
from common.work.rows import Job, State, WorkQuerySet, WorkRow, stuck_index, work_indexes
from tenants.models.core import TenantModel, TenantQuerySet
from tenants.models.signing import new_secret, signing_secrets


class WebhookEndpoint(TenantModel):
    """An address of a tenant that is told of events."""

    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    event_types = models.JSONField(default=list, help_text=_('For example ["message.received"], or ["*"] for all.'))
    secret = EncryptedTextField(default=new_secret, editable=False)
    # Signs too until its time is up, so that the receiver can change over without a gap.
    previous_secret = EncryptedTextField(blank=True, default="", editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    # An address of approvals: told of decisions alone, signed with the tenant's signing secret.
    is_callback = models.BooleanField(default=False, db_default=False, editable=False)
    is_enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    # How it does: an endpoint that cannot be reached rests, and meanwhile takes no worker from the others.
    failures = models.PositiveIntegerField(default=0, editable=False)  # unreachable so many times in a row
    failing_since = models.DateTimeField(null=True, blank=True)
    resting_until = models.DateTimeField(db_default=Now(), editable=False)
    is_slow = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "url"], name="one_callback_per_url", condition=models.Q(is_callback=True)
            )
        ]

    def __str__(self) -> str:
        return f"endpoint {self.pk}"

    def wants(self, event_type: str) -> bool:
        """Whether it is told of events of this type."""
        return "*" in self.event_types or event_type in self.event_types

    def secrets(self) -> list[str]:
        """What signs now."""
        if self.is_callback:
            return signing_secrets(self.tenant_id)
        with_old = self.previous_secret and self.previous_until and self.previous_until > timezone.now()
        return [self.secret, self.previous_secret] if with_old else [self.secret]


class EmittedEvent(TenantModel):
    """Something that happened, as the endpoints are told: the bytes are made once and signed on each try."""

    event_id = models.CharField(max_length=40, unique=True)  # webhook-id: the same on each try and for each endpoint
    type = models.CharField(max_length=50)
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class DeliveryQuerySet(WorkQuerySet["WebhookDelivery"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Deliveries of a tenant, and those that wait."""


class WebhookDelivery(TenantModel, WorkRow):
    """One event on its way to one endpoint."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="tenants.deliver_webhook", queue="bulk"),)
    max_attempts: ClassVar[int] = 10
    needs: ClassVar[tuple[str, ...]] = ("endpoint", "event")

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(EmittedEvent, on_delete=models.CASCADE, related_name="deliveries")
    slot = models.UUIDField(null=True, editable=False)  # the claim under which a try is going on
    held_by = models.CharField(max_length=10, blank=True)  # address | disabled
    answer = models.PositiveSmallIntegerField(null=True, blank=True)  # the latest HTTP status
    tries = models.JSONField(default=list, blank=True)  # moment, status, milliseconds and error of each
    delivered_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = DeliveryQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        verbose_name_plural = _("webhook deliveries")
        constraints = [models.UniqueConstraint(fields=["endpoint", "event"], name="one_delivery_per_endpoint")]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="delivery_log"),
            # What is under way to an endpoint, and what waits for it, however long its log is.
            models.Index(
                fields=["endpoint", "state"],
                name="delivery_open",
                condition=models.Q(state__in=[State.QUEUED, State.WORKING, State.HELD]),
            ),
            *work_indexes("delivery"),
            stuck_index("delivery"),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"
