from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Reads all other apps: metrics, dashboard, incidents; later the weekly report."""

    name = "reports"
    verbose_name = _("Reports")
