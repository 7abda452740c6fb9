"""All reminders of a month on one page: past occurrences with their results, and those to come."""

from __future__ import annotations

from calendar import Calendar, monthrange
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from common.backoffice.pages import render_page
from common.work.rows import CLAIMABLE
from reminders.models import Occurrence, OccurrenceOutcome, Reminder, ReminderState
from reminders.queries import database_now
from tenants.access import TenantAdmin
from timewords.rules import local_time

MOST_PAST, MOST_COMING, MOST_TIMES, PER_DAY = 2000, 500, 2000, 6


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """One occurrence on the page."""

    at: datetime
    text: str
    contact: str
    address: str
    look: str  # good | bad | warn | "" for a time to come


@require_GET
def calendar(request: HttpRequest) -> HttpResponseBase:
    """`GET /admin/reminders-calendar/?month=2026-12`."""
    page = cast("TenantAdmin", admin.site._registry[Reminder])
    if not page.has_view_permission(request):
        raise Http404
    now = database_now()
    rows = page.get_queryset(request)
    zone = _zone(rows)
    first = _month(request.GET.get("month", ""), local_time(now, zone).date())
    last = first.replace(day=monthrange(first.year, first.month)[1])
    begin, end = _moment(first, zone), _moment(last + timedelta(days=1), zone)
    entries = [*_past(request, begin, min(end, now), zone), *_coming(rows, max(begin, now), end, zone)]
    days = defaultdict(list)
    for entry in sorted(entries, key=lambda one: one.at):
        days[entry.at.date()].append(entry)
    weeks = [
        [(day, days[day][:PER_DAY], max(0, len(days[day]) - PER_DAY), day.month == first.month) for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    return render_page(
        request, "reminders/calendar.html", title=_("Calendar of reminders"), weeks=weeks, first=first, zone=zone,
        today=local_time(now, zone).date(), before=first - timedelta(days=1), following=last + timedelta(days=1),
        is_empty=not entries, add=reverse("admin:reminders_reminder_add") if page.has_add_permission(request) else "",
        weekdays=[first + timedelta(days=number - first.weekday()) for number in range(7)],
    )  # fmt: skip


def _month(text: str, today: date) -> date:
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        found = today.replace(day=1)
    return found if 2020 <= found.year <= 2100 else today.replace(day=1)


def _moment(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _zone(rows: Any) -> str:
    """Return the tenant's zone where there is one tenant, else UTC."""
    zones = list(rows.order_by().values_list("tenant__timezone", flat=True).distinct()[:2])
    return str(zones[0]) if len(zones) == 1 else "UTC"


def _past(request: HttpRequest, begin: datetime, end: datetime, zone: str) -> list[CalendarEntry]:
    page = cast("TenantAdmin", admin.site._registry[Occurrence])
    rows = page.get_queryset(request).filter(occurs_at__gte=begin, occurs_at__lt=end)
    rows = rows.exclude(outcome=OccurrenceOutcome.WITHDRAWN).select_related("reminder__contact").order_by("occurs_at")
    looks = {
        OccurrenceOutcome.SENT: "good",
        OccurrenceOutcome.SENT_LATE: "warn",
        OccurrenceOutcome.MISSED: "bad",
        OccurrenceOutcome.OPTED_OUT: "warn",
    }
    return [_entry(row.reminder, row.occurs_at, zone, looks.get(row.outcome, "")) for row in rows[:MOST_PAST]]


def _coming(rows: Any, begin: datetime, end: datetime, zone: str) -> list[CalendarEntry]:
    """Return the times to come, by the rules: only the next one of each reminder is a row already."""
    found: list[CalendarEntry] = []
    active = rows.filter(state=ReminderState.ACTIVE, next_at__lt=end).select_related("contact").order_by("next_at")
    for reminder in active[:MOST_COMING]:
        for moment in reminder.schedule.after(begin - timedelta(seconds=1)):
            if moment >= end or len(found) >= MOST_TIMES:
                break
            found.append(_entry(reminder, moment, zone, ""))
    put_off = Occurrence.objects.filter(reminder__in=rows, state__in=CLAIMABLE, snoozed_from__isnull=False)
    put_off = put_off.filter(occurs_at__gte=begin, occurs_at__lt=end).select_related("reminder__contact")
    return found + [_entry(row.reminder, row.occurs_at, zone, "") for row in put_off[:MOST_COMING]]


def _entry(reminder: Reminder, moment: datetime, zone: str, look: str) -> CalendarEntry:
    return CalendarEntry(
        at=local_time(moment, zone), text=reminder.text[:80], contact=str(reminder.contact), look=look,
        address=reverse("admin:reminders_reminder_change", args=[reminder.pk]),
    )  # fmt: skip
