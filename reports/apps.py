from django.utils.translation import gettext_lazy as _

from tenants.declarations import VIEWER, DeclaredApp, Rights, ScheduledJob


class ReportsConfig(DeclaredApp):
    """Reads all other apps: metrics, dashboard, incidents; later the weekly report."""

    name = "reports"
    verbose_name = _("Reports")
    rights = {
        "figures": Rights(models=("HourlyFigures", "AnswerTimes"), see=VIEWER),
    }
    jobs = {
        "roll-up": ScheduledJob(service="reports.services.roll_up", every_seconds=30),
    }
