"""Hourly figures that the dashboard reads instead of millions of messages."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models import Channel
from tenants.models import TenantModel


class HourlyFigures(TenantModel):
    """Messages of one channel in one hour, by who wrote them."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE)
    hour = models.DateTimeField(help_text=_("Its beginning."))
    received = models.PositiveIntegerField(default=0)
    by_assistant = models.PositiveIntegerField(default=0)
    by_people = models.PositiveIntegerField(default=0)
    by_others = models.PositiveIntegerField(default=0)  # notices, reminders and other purposes
    last_received_at = models.DateTimeField(null=True, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = _("hourly figures")
        constraints = [models.UniqueConstraint(fields=["channel", "hour"], name="one_row_of_figures_per_hour")]
        indexes = [
            models.Index(fields=["tenant", "hour"], name="figures_tenant_hour"),
            models.Index(fields=["hour"], name="figures_hour"),
        ]

    def __str__(self) -> str:
        return f"channel {self.channel_id} {self.hour:%Y-%m-%d %H}h"


class Answerer(models.TextChoices):
    """Who answered."""

    ASSISTANT = "assistant", _("Assistant")
    PEOPLE = "people", _("People")


class AnswerTimes(TenantModel):
    """How many answers of one hour took about this long: one bar of a histogram, so that hours can be added."""

    hour = models.DateTimeField()
    answerer = models.CharField(max_length=10, choices=Answerer.choices)
    up_to_seconds = models.PositiveIntegerField()  # the bar's upper end, one of reports.histograms.ENDS
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = _("answer times")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "hour", "answerer", "up_to_seconds"], name="one_bar_of_answer_times"
            )
        ]
        indexes = [models.Index(fields=["hour"], name="answer_times_hour")]

    def __str__(self) -> str:
        return f"{self.answerer} up to {self.up_to_seconds} s"


class RollUp(models.Model):
    """How far the messages have been added up: one row, locked while adding."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    message_id = models.BigIntegerField(default=0)
    ran_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = _("roll-up")  # there is one row
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_roll_up")]

    def __str__(self) -> str:
        return f"up to message {self.message_id}"
