from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """Leased work rows, queue, HTTP client, signatures, redaction: knows no business."""

    name = "common"
    verbose_name = _("Machine room")
