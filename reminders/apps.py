from django.utils.translation import gettext_lazy as _

from tenants.declarations import AGENT, VIEWER, DeclaredApp, Rights, ScheduledJob, SidebarEntry


class RemindersConfig(DeclaredApp):
    """Tasks and one-time or recurring reminders in a person's own time zone."""

    name = "reminders"
    verbose_name = _("Reminders")
    rights = {
        "reminders": Rights(models=("Reminder", "Occurrence"), see=VIEWER, act=AGENT, edit=AGENT, add=AGENT),
        "clocks": Rights(models=("PersonalClock",), see=VIEWER, act=AGENT, edit=AGENT),
        "tasks": Rights(models=("Task",), see=VIEWER, act=AGENT, edit=AGENT, add=AGENT),
    }
    scopes = {
        "reminders:read": ("reminders.see", "clocks.see"),
        "reminders:write": ("reminders.add", "reminders.edit", "reminders.act", "clocks.edit", "clocks.act"),
        "tasks:read": ("tasks.see",),
        "tasks:write": ("tasks.add", "tasks.edit", "tasks.act"),
    }
    jobs = {
        # Beat only adds to it: the relays find what is due with or without beat.
        "plan-reminders": ScheduledJob(service="reminders.services.plan_all", every_seconds=10),
        "cleanup-old-reminders": ScheduledJob(service="reminders.services.cleanup", at=(3, 35)),
    }
    webhook_events = {
        "reminder.missed": "A time of a reminder passed and nothing was sent; the reason stands in it.",
        "reminder.answered": "A person answered a reminder: done, snoozed, moved or stopped.",
    }
    sidebar = (
        SidebarEntry(model="Reminder", group="Desk", icon="alarm", place=30),
        SidebarEntry(model="Task", group="Desk", icon="task_alt", place=40),
    )
    personal_data = "reminders.personal_data"
