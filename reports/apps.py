from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Looks over everything: metrics, the dashboard, incidents; later the weekly analytics."""

    name = "reports"
