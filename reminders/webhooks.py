"""The calendar feed: a person's reminders and tasks as iCalendar (RFC 5545), by a secret address."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from icalendar import Alarm, Calendar, Event, Todo, vRecur

from reminders.models import PersonalClock, Reminder, ReminderState, Task
from reminders.queries import clock_by_token, next_time_of, open_reminders, open_tasks
from timewords.rules import to_utc

LENGTH = timedelta(minutes=15)
MOST = 1000
PRIORITIES = {1: 9, 2: 5, 3: 1}  # RFC 5545 counts from 1, the highest


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """`GET /calendar/<token>.ics`; 404 for an unknown address of any form."""
    clock = clock_by_token(token)
    if clock is None:
        raise Http404
    answer = HttpResponse(feed_of(clock), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="reminders.ics"'
    answer["Cache-Control"] = "private, no-cache"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def feed_of(clock: PersonalClock) -> bytes:
    """Return the calendar of one person."""
    found = Calendar()
    found.add("prodid", "-//Frontdesk//Reminders//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", clock.tenant.name)
    found.add("x-wr-timezone", clock.zone)
    for reminder in open_reminders(clock.contact)[:MOST]:
        found.add_component(_event(reminder))
    for task in open_tasks(clock.contact)[:MOST]:
        found.add_component(_todo(task))
    found.add_missing_timezones()
    return bytes(found.to_ical())


def _event(reminder: Reminder) -> Event:
    event = Event()
    schedule = reminder.schedule
    # Calendars show the start whether or not the rule names it.
    start: Any = schedule.first_wall().replace(tzinfo=ZoneInfo(reminder.zone))
    if not reminder.rule:
        start = next_time_of(reminder)  # a snoozed reminder stands where it is due
        start = start if reminder.is_moment else start.astimezone(ZoneInfo(reminder.zone))
    event.add("uid", _uid("reminder", reminder.pk))
    event.add("dtstamp", reminder.updated_at.astimezone(UTC))
    event.add("dtstart", start)
    event.add("duration", LENGTH)
    event.add("summary", reminder.text)
    if reminder.rule:
        event.add("rrule", _recur(reminder))
    if reminder.state == ReminderState.PAUSED:
        event.add("status", "TENTATIVE")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", reminder.text)
    alarm.add("trigger", timedelta(0))
    event.add_component(alarm)
    return event


def _recur(reminder: Reminder) -> vRecur:
    recur: vRecur = vRecur.from_ical(reminder.rule)
    if reminder.last_on is not None and "COUNT" not in recur:
        # The end stands in UTC where the start has a zone.
        recur["UNTIL"] = [to_utc(datetime.combine(reminder.last_on, time(23, 59, 59)), reminder.zone)]
    return recur


def _todo(task: Task) -> Todo:
    todo = Todo()
    todo.add("uid", _uid("task", task.pk))
    todo.add("dtstamp", task.updated_at.astimezone(UTC))
    todo.add("summary", task.title)
    todo.add("priority", PRIORITIES[task.priority])
    if task.notes:
        todo.add("description", task.notes)
    if task.due_at is not None:
        todo.add("due", task.due_at.astimezone(UTC))
    todo.add("status", "NEEDS-ACTION")
    return todo


def _uid(kind: str, pk: int) -> str:
    return f"{kind}-{pk}@{urlsplit(settings.PUBLIC_URL).hostname or 'frontdesk'}"
