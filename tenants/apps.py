from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Users, tenants, members, API keys, audit and the base classes that all apps stand on."""

    name = "tenants"

    def ready(self) -> None:
        from common.backoffice import acted
        from tenants.acts import remember

        acted.connect(remember, dispatch_uid="tenants.acts")
