from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    """Users, tenants, members, API keys, audit and the base classes of all apps."""

    name = "tenants"
    verbose_name = _("Businesses and people")

    def ready(self) -> None:
        from common.backoffice.base import acted
        from common.work.acts import register_acts, row_acted
        from tenants import services
        from tenants.admin_audit import record_act, record_row_act
        from tenants.models import WebhookDelivery

        acted.connect(record_act, dispatch_uid="tenants.admin_audit")
        row_acted.connect(record_row_act, dispatch_uid="tenants.row_audit")
        register_acts(WebhookDelivery, retry=lambda row, by: services.replay_delivery(delivery=row, by=by))
