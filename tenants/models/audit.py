"""The audit: who did what; written once, sealed in order, never changed."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.db.append_only import AppendOnlyQuerySet
from tenants.models.core import Tenant, TenantModel, TenantQuerySet


class AuditQuerySet(AppendOnlyQuerySet, TenantQuerySet):  # type: ignore[override]  # both make managers
    """Queries over a tenant's entries; writes are refused."""


class WrittenOnce(models.Model):
    """A row that is never changed or deleted; the database has a trigger for it as well."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise ValueError("audit entries are never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise ValueError("audit entries are never deleted")


class AuditEntry(WrittenOnce, TenantModel):
    """Who did what to which row. Written once, never changed."""

    # Without a foreign key, because entries outlive their tenant. Empty: acts of the installation itself.
    tenant = models.ForeignKey(Tenant, on_delete=models.DO_NOTHING, null=True, db_constraint=False)  # type: ignore[assignment]
    at = models.DateTimeField(default=timezone.now, db_index=True, editable=False)
    actor = models.CharField(max_length=100)
    action = models.CharField(max_length=50)
    subject_type = models.CharField(max_length=50, blank=True)
    subject_id = models.CharField(max_length=50, blank=True)
    details = models.JSONField(default=dict, blank=True)
    proof = models.CharField(max_length=80, blank=True, default="", db_default="", editable=False)

    objects: ClassVar[Any] = AuditQuerySet.as_manager()  # type: ignore[assignment]  # refuses more

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = _("audit entries")

    def __str__(self) -> str:
        return f"{self.actor} {self.action}"


class AuditSeal(WrittenOnce):
    """The place of an entry in its tenant's chain: its digest contains the one before."""

    # The tenant's id; 0 is the installation. No foreign keys: a seal outlives its entry, so that a loss is noticed.
    chain = models.BigIntegerField()
    position = models.BigIntegerField()
    entry_id = models.BigIntegerField(unique=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["chain", "position"], name="one_seal_per_position")]
        indexes = [models.Index(fields=["sealed_at"], name="seal_at")]

    def __str__(self) -> str:
        return f"chain {self.chain}, {self.position}"
