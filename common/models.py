"""Rows that belong to no tenant: which processes are running."""

from django.db import models
from django.db.models.functions import Now


class Heartbeat(models.Model):
    """One running process."""

    name = models.CharField(max_length=100, unique=True)
    role = models.CharField(max_length=20)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["role", "seen_at"], name="heartbeat_role_seen")]

    def __str__(self) -> str:
        return self.name
