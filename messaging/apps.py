from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Channels, contacts, conversations, messages: receive, send, deliver, take-over."""

    name = "messaging"
    verbose_name = _("Messaging")

    def ready(self) -> None:
        from messaging.queries import word_index

        post_migrate.connect(word_index.build, sender=self)
