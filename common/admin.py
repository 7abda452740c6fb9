"""Admin pages of rows that belong to no tenant: living processes and the schedule."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from rest_framework_api_key.models import APIKey

from common.backoffice.base import PageAdmin, ReadOnlyAdmin, WorkAdmin
from common.models import CircuitBreaker, Heartbeat, RateBucket

__all__ = ["PageAdmin", "ReadOnlyAdmin", "WorkAdmin"]

# Roles belong to members, not to Django's groups, and API keys belong to a tenant.
admin.site.unregister([Group, APIKey])
# The library's own pages edit what the code sets again at each start, and are in English only.
admin.site.unregister([PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule])
PeriodicTask._meta.verbose_name, PeriodicTask._meta.verbose_name_plural = _("scheduled job"), _("scheduled jobs")
apps.get_app_config("django_celery_beat").verbose_name = _("Clock")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin, PageAdmin):
    """Processes that are running."""

    list_display = ["name", "role", "seen_at"]
    list_filter = ["role"]
    ordering = ["-seen_at"]


@admin.register(RateBucket)
class RateBucketAdmin(ReadOnlyAdmin, PageAdmin):
    """The rate limits of channels, of callers of the API, and of the questions to approvers."""

    list_display = ["key", "checked_at", "full_at", "closed_until"]
    search_fields = ["key"]
    ordering = ["-checked_at"]


@admin.register(CircuitBreaker)
class CircuitBreakerAdmin(ReadOnlyAdmin, PageAdmin):
    """The circuit breakers of channels and of models."""

    list_display = ["name", "failures", "open_until", "needs_change", "reason", "succeeded_at", "failed_at"]
    list_filter = ["needs_change"]
    search_fields = ["name"]
    ordering = ["name"]
    exclude = ["key"]


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ReadOnlyAdmin, PageAdmin):
    """The scheduled jobs. The code creates them at each start; operators switch them off and on here."""

    list_display = ["job", "is_on", "runs", "last_run"]
    list_filter = ["enabled"]
    list_select_related = ["interval", "crontab", "solar", "clocked"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = readonly_fields = ["job", "is_on", "runs", "last_run"]
    actions = ["switch_on", "switch_off"]

    @admin.display(description=_("Job"), ordering="name")
    def job(self, row: PeriodicTask) -> str:
        return str(row.name)

    @admin.display(description=_("On"), boolean=True, ordering="enabled")
    def is_on(self, row: PeriodicTask) -> bool:
        return bool(row.enabled)

    @admin.display(description=_("Runs"))
    def runs(self, row: PeriodicTask) -> str:
        if row.interval is not None:
            seconds: int = round(row.interval.schedule.run_every.total_seconds())
            return gettext("every %s seconds") % seconds
        daily = row.crontab is not None and row.crontab.minute.isdecimal() and row.crontab.hour.isdecimal()
        if daily and (row.crontab.day_of_month, row.crontab.month_of_year, row.crontab.day_of_week) == ("*", "*", "*"):
            at = f"{int(row.crontab.hour):02}:{int(row.crontab.minute):02} ({row.crontab.timezone})"
            return gettext("every day at %s") % at
        return str(row.scheduler)

    @admin.display(description=_("Last run"), ordering="last_run_at")
    def last_run(self, row: PeriodicTask) -> datetime | None:
        found: datetime | None = row.last_run_at
        return found

    @admin.action(description=_("Switch on"), permissions=["act"])
    def switch_on(self, request: HttpRequest, rows: QuerySet) -> None:
        self.for_each(request, rows, lambda row: _turn(row, on=True), str(_("Switched on")))

    @admin.action(description=_("Switch off"), permissions=["act"])
    def switch_off(self, request: HttpRequest, rows: QuerySet) -> None:
        self.for_each(request, rows, lambda row: _turn(row, on=False), str(_("Switched off")))

    def is_action_offered(self, action: str, row: Any) -> bool:
        return (action == "switch_on") != bool(row.enabled)


def _turn(row: PeriodicTask, *, on: bool) -> bool:
    """Save the job through the scheduler's own model, so that a running beat notices the change."""
    if row.enabled == on:
        return False
    row.enabled = on
    row.save()
    return True
