from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Channels, contacts, conversations, messages: receive, send, deliver, take-over."""

    name = "messaging"
