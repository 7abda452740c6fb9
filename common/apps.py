from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Leased work rows, queue, HTTP client, signatures, redaction: knows no business."""

    name = "common"
