from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """Channels, contacts, conversations, messages: receive, send, deliver, take-over."""

    name = "messaging"
    verbose_name = _("Messaging")

    def ready(self) -> None:
        from common.work.acts import register_acts
        from messaging import services
        from messaging.models import Message, WebhookEvent
        from messaging.queries import word_index

        register_acts(Message, retry=services.retry_message)
        register_acts(WebhookEvent, retry=lambda event, by: services.replay(event=event) > 0)
        post_migrate.connect(word_index.build, sender=self)
