from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    """What the people of the desk are told by themselves: incidents, and customers who wait for a person."""

    name = "alerts"
    verbose_name = _("Alerts")
