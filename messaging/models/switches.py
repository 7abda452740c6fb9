"""The history of the kill switches: who changed one, when and why."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.channels import Channel
from tenants.models import TenantModel


class SwitchChange(TenantModel):
    """One change of the kill switch of a tenant or of a channel; that of the installation is `OutboundSwitch`."""

    # Empty: the switch of the whole tenant.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True)
    is_on = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=100)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("kill switch change")
        verbose_name_plural = _("kill switch changes")
        indexes = [models.Index(fields=["tenant", "channel", "-id"], name="switch_change_latest")]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"
