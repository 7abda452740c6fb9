from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from tenants.declarations import AGENT, MANAGER, VIEWER, DeclaredApp, Rights, ScheduledJob, SidebarEntry


class MessagingConfig(DeclaredApp):
    """Channels, contacts, conversations, messages: receive, send, deliver, take-over."""

    name = "messaging"
    verbose_name = _("Messaging")
    rights = {
        "sessions": Rights(
            models=("Conversation", "Note", "ConversationLabel", "Writing"),
            see=VIEWER,
            act=AGENT,
        ),
        "messages": Rights(models=("Message", "Attempt", "MediaFile"), see=VIEWER, act=AGENT),
        "contacts": Rights(models=("Contact", "ContactAddress"), see=VIEWER, act=AGENT, edit=MANAGER),
        # A merge changes which messages count as one person's, so only a manager undoes it.
        "merges": Rights(models=("ContactMerge",), see=VIEWER, act=MANAGER),
        "labels": Rights(models=("Label",), see=VIEWER, edit=MANAGER, add=MANAGER, delete=MANAGER),
        "replies": Rights(models=("CannedReply",), see=VIEWER, edit=AGENT, add=AGENT, delete=AGENT),
        "templates": Rights(models=("MessageTemplate",), see=VIEWER, edit=MANAGER, add=MANAGER, delete=MANAGER),
        "channels": Rights(models=("Channel",), see=VIEWER, act=MANAGER, edit=MANAGER),
        "events": Rights(models=("WebhookEvent", "WebhookItem", "PendingStatus"), see=VIEWER, act=AGENT),
        "switches": Rights(models=("SwitchChange",), see=VIEWER),
        "views": Rights(models=("SavedView",), see=MANAGER),
    }
    scopes = {
        "sessions:read": ("sessions.see", "messages.see", "labels.see", "members.see"),
        "sessions:write": ("sessions.act", "messages.act", "labels.add", "labels.edit", "labels.delete"),
        "contacts:read": ("contacts.see", "merges.see"),
        "contacts:write": ("contacts.act", "contacts.edit", "merges.act"),
        "channels:read": ("channels.see", "templates.see"),
        "channels:write": ("channels.act",),
        "replies:read": ("replies.see",),
        "replies:write": ("replies.add", "replies.edit", "replies.delete"),
    }
    jobs = {
        "auto-resume": ScheduledJob(service="messaging.services.auto_resume", every_seconds=300),
        "join-statuses": ScheduledJob(service="messaging.services.join_leftover_statuses", every_seconds=10),
        "wake-snoozed": ScheduledJob(service="messaging.services.wake_snoozed", every_seconds=30),
        "sync-templates": ScheduledJob(service="messaging.services.sync_templates", every_seconds=900),
        "retention": ScheduledJob(service="messaging.services.delete_old_webhooks", at=(3, 30)),
    }
    webhook_events = {
        "message.received": "A customer's message was taken into its session.",
        "message.sent": "The provider took a message of ours.",
        "message.failed": "A message of ours will not be sent, or the provider failed it.",
        "session.paused": "A person has the session; the assistant is silent.",
        "session.resumed": "The assistant has the session again.",
        "session.assigned": "A session was given to somebody, or to nobody.",
        "contact.created": "Somebody wrote for the first time.",
    }
    sidebar = (
        SidebarEntry(model="Contact", group="Desk", icon="contacts", place=10),
        SidebarEntry(model="Message", group="Desk", icon="chat", place=20),
        SidebarEntry(model="Label", group="Desk", icon="label", place=50),
        SidebarEntry(model="CannedReply", group="Desk", icon="quick_phrases", place=60),
        SidebarEntry(model="MessageTemplate", group="Desk", icon="article", place=70),
        SidebarEntry(model="Channel", group="Set-up", icon="cell_tower", place=20),
    )

    def ready(self) -> None:
        from common.work.acts import register_acts
        from messaging import services
        from messaging.models import Message, WebhookEvent
        from messaging.queries import word_index

        register_acts(Message, retry=services.retry_message)
        register_acts(WebhookEvent, retry=lambda event, by: services.replay(event=event) > 0)
        post_migrate.connect(word_index.build, sender=self)
