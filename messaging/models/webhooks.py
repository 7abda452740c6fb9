"""The webhooks that providers post to us, stored unchanged until they are processed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.work.rows import Job, WorkManager, WorkRow, stuck_index, work_indexes
from messaging.models.channels import Channel


class WebhookEvent(WorkRow):
    """One webhook request of a provider: its raw body, stored before it is parsed."""

    jobs: ClassVar[tuple[Job, ...]] = (
        Job(task="messaging.process_webhook", queue="inbound", where=Q(is_status=False)),
        # Each outgoing message is followed by up to three statuses. They have a queue of their own, so that a message
        # of a customer does not wait behind the statuses of thousands of reminders.
        Job(task="messaging.process_statuses", queue="bulk", where=Q(is_status=True)),
    )
    needs: ClassVar[tuple[str, ...]] = ("channel__tenant",)

    provider = models.CharField(max_length=20)
    # The channel whose secret verified the request; empty when the secret of the installation verified it.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True)
    body = models.BinaryField()
    received_at = models.DateTimeField(auto_now_add=True)
    # The body seems to contain delivery statuses alone (see Provider.has_only_statuses). This decides nothing but the
    # queue.
    is_status = models.BooleanField(default=False, db_default=False, editable=False)

    objects: ClassVar[Any] = WorkManager()

    class Meta:
        indexes = [
            models.Index(fields=["received_at"], name="webhook_received"),
            *work_indexes("webhook"),
            stuck_index("webhook"),
        ]

    def __str__(self) -> str:
        return f"webhook {self.pk} of {self.provider}"

    @property
    def task(self) -> str:
        """Return the name of the task that processes this row."""
        return "messaging.process_statuses" if self.is_status else "messaging.process_webhook"


class WebhookItem(WorkRow):
    """One item of a webhook that could not be processed. It has its own error and can be processed again."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="messaging.process_item", queue="inbound"),)

    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="items", db_index=False)
    external_id = models.CharField(max_length=255)
    channel_named = models.CharField(max_length=128, blank=True)
    account = models.CharField(max_length=128, blank=True)
    data = models.JSONField(default=dict)

    objects: ClassVar[Any] = WorkManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "channel_named", "external_id"], name="one_item_per_event")
        ]
        indexes = [*work_indexes("item"), stuck_index("item")]

    def __str__(self) -> str:
        return f"item {self.pk} of webhook {self.event_id}"


class PendingStatus(models.Model):
    """A delivery status that came before we knew the id of its message.

    It is applied when the id is known, and deleted after 7 days.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False)
    external_id = models.CharField(max_length=255)
    status = models.CharField(max_length=10)
    at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_text = models.CharField(max_length=500, blank=True)
    opted_out = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id", "status"], name="one_pending_status"),
        ]
        verbose_name_plural = _("pending statuses")

    def __str__(self) -> str:
        return f"{self.status} of {self.external_id}"
