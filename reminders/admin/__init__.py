"""Admin pages of reminders and tasks."""

from reminders.admin import clocks, reminders, tasks

__all__ = ["clocks", "reminders", "tasks"]
