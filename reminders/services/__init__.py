"""The services of reminders and tasks. Import it as `reminders`."""

from reminders.services.answers import answer_done, snooze, stop_reminder
from reminders.services.cleanup import cleanup
from reminders.services.clocks import clock_of, renew_feed, set_zone
from reminders.services.occurrences import send_occurrence
from reminders.services.planning import plan_all
from reminders.services.reminders import (
    DeliveryManner,
    ReminderRefused,
    WantedTimes,
    cancel_reminder,
    change_reminder,
    change_times,
    check_reminder,
    create_reminder,
    pause_reminder,
    resume_reminder,
)
from reminders.services.tasks import cancel_task, change_task, complete_task, create_task, reopen_task

__all__ = [
    "DeliveryManner",
    "ReminderRefused",
    "WantedTimes",
    "answer_done",
    "cancel_reminder",
    "cancel_task",
    "change_reminder",
    "change_task",
    "change_times",
    "check_reminder",
    "cleanup",
    "clock_of",
    "complete_task",
    "create_reminder",
    "create_task",
    "pause_reminder",
    "plan_all",
    "renew_feed",
    "reopen_task",
    "resume_reminder",
    "send_occurrence",
    "set_zone",
    "snooze",
    "stop_reminder",
]
