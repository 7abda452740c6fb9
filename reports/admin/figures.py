"""The figures behind the dashboard."""

from __future__ import annotations

from django.contrib import admin

from common.backoffice.base import PageAdmin, ReadOnlyAdmin
from reports.models import AnswerTimes, HourlyFigures, RollUp
from tenants.access import ScopedFilter, TenantAdmin


@admin.register(HourlyFigures)
class HourlyFiguresAdmin(ReadOnlyAdmin, TenantAdmin):
    """Messages of each hour."""

    list_display = ["hour", "tenant", "channel", "received", "by_assistant", "by_people", "by_others"]
    list_select_related = ["tenant", "channel"]
    list_filter = [("tenant", ScopedFilter), ("channel", ScopedFilter)]
    ordering = ["-hour", "-id"]


@admin.register(AnswerTimes)
class AnswerTimesAdmin(ReadOnlyAdmin, TenantAdmin):
    """Answers by how long they took."""

    list_display = ["hour", "tenant", "answerer", "up_to_seconds", "count"]
    list_select_related = ["tenant"]
    list_filter = ["answerer", ("tenant", ScopedFilter)]
    ordering = ["-hour", "-id"]


@admin.register(RollUp)
class RollUpAdmin(ReadOnlyAdmin, PageAdmin):
    """How far the messages have been added up."""

    list_display = ["message_id", "ran_at"]
