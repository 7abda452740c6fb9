"""Webhooks out: endpoints, events, and their deliveries."""

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
    """An address of a tenant that receives events."""

    url = models.CharField(max_length=500)
    description = models.CharField(max_length=200, blank=True)
    event_types = models.JSONField(default=list, help_text=_('For example ["message.received"], or ["*"] for all.'))
    secret = EncryptedTextField(default=new_secret, editable=False)
    # The old secret signs as well until this time, so that the receiver can change over without a gap.
    previous_secret = EncryptedTextField(blank=True, default="", editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, editable=False)
    # An address of approvals: it receives decisions only, signed with the tenant's signing secret.
    is_callback = models.BooleanField(default=False, db_default=False, editable=False)
    is_enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    # Disabled because nothing could be delivered, and not by somebody: an operator should look at it.
    is_given_up = models.BooleanField(default=False, db_default=False, editable=False)
    # Its health: an endpoint that cannot be reached rests, and uses no worker meanwhile.
    failures = models.PositiveIntegerField(default=0, editable=False)  # failed attempts in a row
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
        """Return whether it receives events of this type."""
        return "*" in self.event_types or event_type in self.event_types

    def secrets(self) -> list[str]:
        """Return the secrets that sign now."""
        if self.is_callback:
            return signing_secrets(self.tenant_id)
        with_old = self.previous_secret and self.previous_until and self.previous_until > timezone.now()
        return [self.secret, self.previous_secret] if with_old else [self.secret]


class EmittedEvent(TenantModel):
    """An event as the endpoints receive it: the bytes are built once and signed at each try."""

    event_id = models.CharField(max_length=40, unique=True)  # webhook-id: the same at each try and for each endpoint
    type = models.CharField(max_length=50)
    body = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class DeliveryQuerySet(WorkQuerySet["WebhookDelivery"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queries over deliveries, by tenant and by state."""


class WebhookDelivery(TenantModel, WorkRow):
    """One event on its way to one endpoint."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="tenants.deliver_webhook", queue="bulk"),)
    max_attempts: ClassVar[int] = 10
    needs: ClassVar[tuple[str, ...]] = ("endpoint", "event")

    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(EmittedEvent, on_delete=models.CASCADE, related_name="deliveries")
    slot = models.UUIDField(null=True, editable=False)  # the claim under which a try is running
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
            # Running and waiting deliveries of an endpoint, however long its log is.
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
