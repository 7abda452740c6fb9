"""Runs of scheduled jobs in the tenants' own time."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.work.rows import Job, WorkQuerySet, WorkRow, stuck_index, work_indexes
from tenants.models.core import TenantModel, TenantQuerySet


class TenantJobRunQuerySet(WorkQuerySet["TenantJobRun"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queries over runs, by tenant and due."""


class TenantJobRun(TenantModel, WorkRow):
    """One run of a job for a tenant, on one day of the tenant's own calendar."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="tenants.job", queue="clock"),)
    needs: ClassVar[tuple[str, ...]] = ("tenant",)

    job = models.CharField(max_length=60)
    day = models.DateField()

    objects: ClassVar[Any] = TenantJobRunQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        verbose_name = _("run of a scheduled job")
        verbose_name_plural = _("runs of scheduled jobs")
        constraints = [models.UniqueConstraint(fields=["tenant", "job", "day"], name="one_job_run_per_day")]
        indexes = [models.Index(fields=["day"], name="job_run_day"), *work_indexes("job_run"), stuck_index("job_run")]

    def __str__(self) -> str:
        return f"{self.job} {self.day}"
