from django.utils.translation import gettext_lazy as _

from tenants.declarations import AGENT, MANAGER, VIEWER, DeclaredApp, Rights, ScheduledJob, SidebarEntry


class SmallAppConfig(DeclaredApp):
    """Everything that the rest of the product needs to know of this app."""

    name = "tests.support.small_app"
    label = "small_app"
    verbose_name = _("Reminders")
    rights = {"parcels": Rights(models=("Parcel",), see=VIEWER, edit=AGENT, add=AGENT, delete=MANAGER)}
    scopes = {"parcels:read": ("parcels.see",), "parcels:write": ("parcels.add", "parcels.edit", "parcels.delete")}
    jobs = {
        "count-parcels": ScheduledJob(service="tests.support.small_app.services.count_parcels", every_seconds=60),
        "recall-parcels": ScheduledJob(
            service="tests.support.small_app.services.recall_parcels", at=(8, 0), weekday="monday", in_tenant_zone=True
        ),
    }
    webhook_events = {"parcel.arrived": "A parcel arrived."}
    sidebar = (SidebarEntry(model="Parcel", group="Desk", icon="package_2", place=15),)
    personal_data = "tests.support.small_app.personal_data"
