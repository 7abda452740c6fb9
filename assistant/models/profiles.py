"""The settings of a tenant's assistant and its monthly costs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.crypto import EncryptedTextField
from tenants.models import Tenant


class ModelProvider(models.TextChoices):
    """The providers of language models."""

    OFFLINE = "offline", _("Offline (no key needed)")
    ANTHROPIC = "anthropic", "Anthropic"
    OPENAI = "openai", "OpenAI"
    AZURE = "azure", "Azure OpenAI"


class AssistantProfile(models.Model):
    """The settings of a tenant's assistant; empty fields use the installation's settings."""

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="assistant")
    is_enabled = models.BooleanField(default=True)
    system_prompt = models.TextField(blank=True)
    provider = models.CharField(max_length=20, choices=ModelProvider.choices, blank=True)
    model = models.CharField(max_length=100, blank=True)
    cheaper_model = models.CharField(
        max_length=100, blank=True, help_text=_("Used when four fifths of the month's budget are spent.")
    )
    fallback = models.JSONField(default=list, blank=True, help_text=_('Providers to try next, such as ["openai"].'))
    api_key = EncryptedTextField(blank=True, default="", editable=False)
    max_tokens = models.PositiveIntegerField(null=True, blank=True)
    fallback_text = models.TextField(blank=True, help_text=_("Said when no model answers."))
    monthly_budget_usd = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, help_text=_("Empty: no limit.")
    )
    watches_emergencies = models.BooleanField(
        default=True,
        db_default=True,
        help_text=_("A message that reads like an emergency goes to a person at once, whoever answers otherwise."),
    )
    burst_wait_seconds = models.FloatField(null=True, blank=True)
    burst_fragment_seconds = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return f"assistant of {self.tenant}"


class Spend(models.Model):
    """The cost of a tenant's assistant in a month: spent, and reserved by running calls."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE)
    month = models.CharField(max_length=7)  # 2026-11, in UTC
    spent_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    reserved_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "month"], name="one_spend_per_month")]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.month}"
