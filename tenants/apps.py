from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenantsConfig(AppConfig):
    """Users, tenants, members, API keys, audit and the base classes that all apps stand on."""

    name = "tenants"
    verbose_name = _("Businesses and people")

    def ready(self) -> None:
        from common.backoffice.base import acted
        from tenants.acts import remember

        acted.connect(remember, dispatch_uid="tenants.acts")
