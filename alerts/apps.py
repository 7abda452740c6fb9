from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlertsConfig(AppConfig):
    """Notifies people about incidents and about customers who wait for a person."""

    name = "alerts"
    verbose_name = _("Alerts")
