"""Rate limits of the API's callers: one row for each, shared by all processes."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class CallRate(models.Model):
    """A caller's token bucket: the moment at which it is full again (GCRA)."""

    caller = models.CharField(max_length=100, unique=True)  # for example key:abcdefgh or member:5
    full_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("call rate")

    def __str__(self) -> str:
        return self.caller
