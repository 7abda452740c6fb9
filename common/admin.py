"""The operators' pages of what belongs to no business: living processes and the schedule."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.models import Group
from django_celery_beat.admin import ClockedScheduleAdmin as BaseClockedScheduleAdmin
from django_celery_beat.admin import CrontabScheduleAdmin as BaseCrontabScheduleAdmin
from django_celery_beat.admin import PeriodicTaskAdmin as BasePeriodicTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm as BasePeriodicTaskForm
from django_celery_beat.admin import TaskSelectWidget
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from rest_framework_api_key.models import APIKey
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from common.backoffice import PageAdmin, ReadOnlyAdmin, WorkAdmin
from common.models import Heartbeat

__all__ = ["PageAdmin", "ReadOnlyAdmin", "WorkAdmin"]

# Roles are a member's, not a group's; our keys belong to a tenant.
admin.site.unregister([Group, APIKey])
admin.site.unregister([PeriodicTask, IntervalSchedule, CrontabSchedule, SolarSchedule, ClockedSchedule])


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin, PageAdmin):
    """Which processes are alive."""

    list_display = ["name", "role", "seen_at"]
    list_filter = ["role"]
    ordering = ["-seen_at"]


class TaskWidget(UnfoldAdminSelectWidget, TaskSelectWidget):
    """The choice of a task, looking like the other fields."""


class PeriodicTaskForm(BasePeriodicTaskForm):
    """The scheduler's own form, looking like the others."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskWidget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BasePeriodicTaskAdmin, PageAdmin):
    """What runs when; a job may be switched off here."""

    form = PeriodicTaskForm
    list_select_related = ["interval", "crontab", "solar", "clocked"]


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(BaseCrontabScheduleAdmin, PageAdmin):
    """Times of day and week."""


@admin.register(ClockedSchedule)
class ClockedScheduleAdmin(BaseClockedScheduleAdmin, PageAdmin):
    """Single moments."""


@admin.register(IntervalSchedule, SolarSchedule)
class ScheduleAdmin(PageAdmin):
    """Intervals, and the sun."""
