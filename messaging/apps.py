from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Channels, contacts, conversations, messages: receive, send, deliver, take-over."""

    name = "messaging"
    verbose_name = _("Messaging")
