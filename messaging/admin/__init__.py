"""Admin pages of messaging: inbox, session, messages, channels, webhooks, kill switches."""

from messaging.admin import channels, contacts, conversations, desk, inbox, messages, switches, webhooks

__all__ = ["channels", "contacts", "conversations", "desk", "inbox", "messages", "switches", "webhooks"]
