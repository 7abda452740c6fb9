"""What this app stores of a person: see PERSONAL_DATA."""

from __future__ import annotations

from typing import Any

from reminders.models import Occurrence, PersonalClock, Reminder, Task

# Every model that leads to a contact, and what an export shows of it.
MODELS = (PersonalClock, Reminder, Occurrence, Task)


def export(contact: Any) -> dict[str, list[dict[str, Any]]]:
    """Return all of it, for the person, without secrets such as the calendar's address."""
    clocks = PersonalClock.objects.filter(contact=contact).values("zone", "source", "asked")
    reminders = Reminder.objects.filter(contact=contact).order_by("pk")
    tasks = Task.objects.filter(contact=contact).order_by("pk")
    times: Any = Occurrence.objects.filter(reminder__contact=contact).order_by("pk")
    return {
        "clock": list(clocks),
        "reminders": list(
            reminders.values("id", "text", "first_on", "at_time", "zone", "rule", "last_on", "state", "created_at")
        ),
        "occurrences": list(times.values("reminder_id", "occurs_at", "outcome", "answer", "answered_at")),
        "tasks": list(tasks.values("id", "title", "notes", "list_name", "due_at", "state", "created_at", "done_at")),
    }


def erase(contact: Any) -> int:
    """Delete all of it; nothing that waits is sent. Returns how many rows."""
    kinds = (Reminder, Task, PersonalClock)
    return sum(kind.objects.filter(contact=contact).delete()[0] for kind in kinds)
