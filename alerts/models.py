"""Alerts, their notices, and the waiting rules of tenants."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.text.reasons import translate_reason
from common.work.rows import Job, WorkManager, WorkRow, stuck_index, work_indexes
from tenants.models import Tenant, TenantModel

WORDS = ("reason", "rows")  # facts of an alert that are translated, and not names


class Alert(TenantModel):
    """Something people must know, open while it lasts. Without a tenant it concerns the installation."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True, blank=True)  # type: ignore[assignment]  # none: the installation's
    source = models.CharField(max_length=100, editable=False)  # the check that found it
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=150, editable=False)  # what it is about; there is one open alert for each key
    text = models.CharField(max_length=500)  # English; `in_words` returns it in the active language
    says = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)
    facts = models.JSONField(null=True, blank=True, editable=False)
    opened_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    tells_its_end = models.BooleanField(default=True, editable=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(ended_at__isnull=True), name="one_open_alert_per_key"
            )
        ]
        indexes = [models.Index(fields=["tenant", "-id"], name="alert_of_tenant")]

    def __str__(self) -> str:
        return self.in_words()

    def in_words(self) -> str:
        """Return the sentence in the active language: names unchanged, reasons as far as they are in the catalogue."""
        if not self.says:
            return translate_reason(self.text)
        facts = {
            name: translate_reason(value) if name in WORDS else value for name, value in (self.facts or {}).items()
        }
        return gettext(self.says) % facts


class NoticeMedium(models.TextChoices):
    """The ways to notify people."""

    WEBHOOK = "webhook", _("Webhook (Slack's format)")
    EMAIL = "email", _("E-mail")


class Notice(WorkRow):
    """One message about one alert, sent one way: when it opens, or when it ends."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="alerts.send_notice", queue="clock"),)
    max_attempts: ClassVar[int] = 14  # about an hour
    needs: ClassVar[tuple[str, ...]] = ("alert__tenant",)

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="notices")
    event = models.CharField(max_length=10)  # opened | ended
    medium = models.CharField(max_length=10, choices=NoticeMedium.choices)
    # The tenant's own address; empty: the installation's, from the settings at the moment of sending.
    address = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = WorkManager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "event", "medium", "address"], name="one_notice_per_event")
        ]
        indexes = [*work_indexes("notice"), stuck_index("notice")]

    def __str__(self) -> str:
        return f"{self.medium}: {self.event} {self.alert_id}"


class WaitingRule(TenantModel):
    """What happens in a tenant when a customer waits for a person."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="waiting_rule")
    tell_after_minutes = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("People are told when a customer has waited so long for a person; empty: never."),
    )  # fmt: skip
    emails = models.JSONField(default=list, blank=True, help_text=_("Whom to write to."))
    webhook_url = models.CharField(
        max_length=500, blank=True, help_text=_("Where to post, in Slack's format; an address of the public internet.")
    )
    give_back_after_minutes = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("Nobody came in so many minutes: the customer is told and the assistant goes on; empty: never."),
    )  # fmt: skip
    give_back_text = models.CharField(
        max_length=500,
        blank=True,
        help_text=_("What the customer is told; empty: a sentence in the tenant's language."),
    )

    def __str__(self) -> str:
        return f"waiting rule of {self.tenant_id}"


class LastCheck(models.Model):
    """When alerts were last evaluated: one row, so that one of many processes does it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    looked_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = _("last check")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_last_check")]

    def __str__(self) -> str:
        return "last check"
