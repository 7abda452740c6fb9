from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    """Consent, opt-out, export, erasure, retention."""

    name = "privacy"
