from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Looks over everything: metrics, the dashboard, incidents; later the weekly analytics."""

    name = "reports"
    verbose_name = _("Reports")
