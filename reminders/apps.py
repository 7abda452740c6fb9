from django.apps import AppConfig


class RemindersConfig(AppConfig):
    """Tasks and one-time or recurring reminders in a person's own time zone."""

    name = "reminders"
