from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RemindersConfig(AppConfig):
    """Tasks and one-time or recurring reminders in a person's own time zone."""

    name = "reminders"
    verbose_name = _("Reminders")
