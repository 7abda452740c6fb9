from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    """Users, tenants, members, API keys, audit and the base classes of all apps."""

    name = "tenants"
    verbose_name = _("Businesses and people")

    def ready(self) -> None:
        from common.backoffice.base import acted
        from tenants.admin_audit import record_act

        acted.connect(record_act, dispatch_uid="tenants.admin_audit")
