"""When a kill switch was turned, by whom and why."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from messaging.models.channels import Channel
from tenants.models import TenantModel


class SwitchChange(TenantModel):
    """One turn of the switch of a tenant, or of one of its channels; the installation's own is `OutboundSwitch`."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, null=True, blank=True)  # empty: the whole tenant's
    is_on = models.BooleanField()
    reason = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=100)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("turn of a switch")
        verbose_name_plural = _("turns of switches")
        indexes = [models.Index(fields=["tenant", "channel", "-id"], name="switch_change_latest")]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"
