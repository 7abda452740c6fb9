"""The tables of messaging: channels, contacts, conversations, messages and what belongs to them."""

from messaging.models.channels import Channel
from messaging.models.contacts import Contact, ContactAddress
from messaging.models.conversations import Conversation, Label
from messaging.models.desk import CannedReply, ContactMerge, ConversationLabel, MessageTemplate, Note, Writing
from messaging.models.messages import Attempt, Direction, MediaFile, Message
from messaging.models.purposes import Purpose
from messaging.models.switches import SwitchChange
from messaging.models.views import SavedView
from messaging.models.webhooks import PendingStatus, WebhookEvent, WebhookItem

__all__ = [
    "Attempt",
    "CannedReply",
    "Channel",
    "Contact",
    "ContactAddress",
    "ContactMerge",
    "Conversation",
    "ConversationLabel",
    "Direction",
    "Label",
    "MediaFile",
    "Message",
    "MessageTemplate",
    "Note",
    "PendingStatus",
    "Purpose",
    "SavedView",
    "SwitchChange",
    "WebhookEvent",
    "WebhookItem",
    "Writing",
]
