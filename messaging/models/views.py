"""The filters of the inbox that a user has saved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models import TenantModel


class SavedView(TenantModel):
    """Filters of the inbox with a name. Each user has their own."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.JSONField(default=dict, blank=True)  # view, channel, label, q

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "user", "name"], name="one_saved_view_per_name")]
        verbose_name = _("saved view")

    def __str__(self) -> str:
        return self.name
