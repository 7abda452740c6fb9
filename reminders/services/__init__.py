"""What reminders and tasks do. Import it as `reminders`."""

from reminders.services.answering import answer_done, snooze, stop
from reminders.services.cleanup import cleanup
from reminders.services.clocks import clock_of, renew_feed, set_zone
from reminders.services.firing import fire
from reminders.services.keeping import (
    Manner,
    NotPossible,
    When,
    cancel_reminder,
    change_reminder,
    change_times,
    check_reminder,
    create_reminder,
    pause_reminder,
    resume_reminder,
)
from reminders.services.planning import plan_all
from reminders.services.todo import cancel_task, change_task, complete_task, create_task, reopen_task

__all__ = [
    "Manner",
    "NotPossible",
    "When",
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
    "fire",
    "pause_reminder",
    "plan_all",
    "renew_feed",
    "reopen_task",
    "resume_reminder",
    "set_zone",
    "snooze",
    "stop",
]
