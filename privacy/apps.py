from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    """Consent, opt-out, export, erasure, retention."""

    name = "privacy"
    verbose_name = _("Privacy")
