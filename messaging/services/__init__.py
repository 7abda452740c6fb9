"""The services of messaging: receive, send, deliver, take over, assign, snooze, close. Import it as `messaging`."""

from messaging.services.attachments import Attachment
from messaging.services.channels import check_channel, register_webhook, set_up_channel, update_channel_state
from messaging.services.contacts import link_addresses, opt_back_in, opt_out, resolve_contact, update_contact_details
from messaging.services.delivery import deliver, release_held
from messaging.services.duplicate_contacts import DuplicateContacts, merge_doubles
from messaging.services.inbox_state import (
    add_label,
    add_note,
    assign,
    clear_writing,
    close,
    record_writing,
    remove_label,
    reopen,
    snooze,
    take_over,
    wake_snoozed,
)
from messaging.services.language import update_language
from messaging.services.media import fetch_again, fetch_media
from messaging.services.merging import merge_contacts, unmerge_contacts
from messaging.services.operator_messages import (
    KeyReused,
    cancel_scheduled,
    mark_read,
    retry_message,
    send_again,
    write_message,
)
from messaging.services.presence import show_presence
from messaging.services.previews import clear_waiting, set_internal
from messaging.services.receiving import handle, receive
from messaging.services.sending import SendRefused, add_to_outbox, send
from messaging.services.statuses import join_leftover_statuses, join_pending, record_echo, record_status
from messaging.services.takeover import auto_resume, pause, raise_fence, resume
from messaging.services.templates import reopening_template, sync_templates
from messaging.services.webhook_events import delete_old_webhooks, process_event, process_item, replay, store_webhook

__all__ = [
    "Attachment",
    "DuplicateContacts",
    "KeyReused",
    "SendRefused",
    "add_label",
    "add_note",
    "add_to_outbox",
    "assign",
    "auto_resume",
    "cancel_scheduled",
    "check_channel",
    "clear_waiting",
    "clear_writing",
    "close",
    "delete_old_webhooks",
    "deliver",
    "fetch_again",
    "fetch_media",
    "handle",
    "join_leftover_statuses",
    "join_pending",
    "link_addresses",
    "mark_read",
    "merge_contacts",
    "merge_doubles",
    "opt_back_in",
    "opt_out",
    "pause",
    "process_event",
    "process_item",
    "raise_fence",
    "receive",
    "record_echo",
    "record_status",
    "record_writing",
    "register_webhook",
    "release_held",
    "remove_label",
    "reopen",
    "reopening_template",
    "replay",
    "resolve_contact",
    "resume",
    "retry_message",
    "send",
    "send_again",
    "set_internal",
    "set_up_channel",
    "show_presence",
    "snooze",
    "store_webhook",
    "sync_templates",
    "take_over",
    "unmerge_contacts",
    "update_channel_state",
    "update_contact_details",
    "update_language",
    "wake_snoozed",
    "write_message",
]
