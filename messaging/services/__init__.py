"""What the conversation does: receive, send, deliver, take over, lie on the desk. Import it as `messaging`."""

from messaging.services.attachments import Attachment
from messaging.services.channels import check_channel, register_webhook, set_up_channel, update_channel_state
from messaging.services.contacts import edit_contact, link_addresses, opt_back_in, opt_out, resolve_contact
from messaging.services.delivery import deliver, release_held
from messaging.services.desk import (
    add_label,
    add_note,
    assign,
    close,
    note_writing,
    remove_label,
    reopen,
    snooze,
    stop_writing,
    take_over,
    wake_snoozed,
)
from messaging.services.doubles import Double, merge_doubles
from messaging.services.media import fetch_again, fetch_media
from messaging.services.merging import merge_contacts, unmerge_contacts
from messaging.services.operators import KeyReused, cancel_scheduled, discard, mark_read, send_again, write
from messaging.services.presence import show_presence
from messaging.services.previews import note_answered, note_kind
from messaging.services.receiving import handle, receive
from messaging.services.sending import Refused, put, send
from messaging.services.statuses import join_left, join_pending, record_echo, record_status
from messaging.services.takeover import auto_resume, fence, pause, resume
from messaging.services.talk import follow_language
from messaging.services.templates import reopening_template, sync_templates
from messaging.services.webhooks import keep, process_event, process_item, purge, replay

__all__ = [
    "Attachment",
    "Double",
    "KeyReused",
    "Refused",
    "add_label",
    "add_note",
    "assign",
    "auto_resume",
    "cancel_scheduled",
    "check_channel",
    "close",
    "deliver",
    "discard",
    "edit_contact",
    "fence",
    "fetch_again",
    "fetch_media",
    "follow_language",
    "handle",
    "join_left",
    "join_pending",
    "keep",
    "link_addresses",
    "mark_read",
    "merge_contacts",
    "merge_doubles",
    "note_answered",
    "note_kind",
    "note_writing",
    "opt_back_in",
    "opt_out",
    "pause",
    "process_event",
    "process_item",
    "purge",
    "put",
    "receive",
    "record_echo",
    "record_status",
    "register_webhook",
    "release_held",
    "remove_label",
    "reopen",
    "reopening_template",
    "replay",
    "resolve_contact",
    "resume",
    "send",
    "send_again",
    "set_up_channel",
    "show_presence",
    "snooze",
    "stop_writing",
    "sync_templates",
    "take_over",
    "unmerge_contacts",
    "update_channel_state",
    "wake_snoozed",
    "write",
]
