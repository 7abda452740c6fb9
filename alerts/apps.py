from django.utils.translation import gettext_lazy as _

from tenants.declarations import MANAGER, VIEWER, DeclaredApp, Rights, ScheduledJob, SidebarEntry


class AlertsConfig(DeclaredApp):
    """Notifies people about incidents and about customers who wait for a person."""

    name = "alerts"
    verbose_name = _("Alerts")
    rights = {
        "alerts": Rights(models=("Alert",), see=VIEWER),
        "waiting": Rights(models=("WaitingRule",), see=VIEWER, edit=MANAGER, add=MANAGER, delete=MANAGER),
    }
    jobs = {
        "watch": ScheduledJob(service="alerts.services.evaluate_alerts", every_seconds=30),
    }
    sidebar = (
        SidebarEntry(model="Alert", group="Desk", icon="notifications", place=90),
        SidebarEntry(model="WaitingRule", group="Set-up", icon="hourglass_top", place=60),
    )
