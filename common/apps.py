from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """Work rows with leases, queue, HTTP client, signatures, redaction; contains no business logic."""

    name = "common"
    verbose_name = _("Machine room")
