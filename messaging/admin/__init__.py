"""The operators' pages of conversations: inbox, messages, channels, webhooks, switches."""

from messaging.admin import channels, contacts, conversations, desk, inbox, messages, switches, webhooks

__all__ = ["channels", "contacts", "conversations", "desk", "inbox", "messages", "switches", "webhooks"]
