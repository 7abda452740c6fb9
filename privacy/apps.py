from django.utils.translation import gettext_lazy as _

from tenants.declarations import DeclaredApp


class PrivacyConfig(DeclaredApp):
    """Consent, opt-out, export, erasure, retention."""

    name = "privacy"
    verbose_name = _("Privacy")
