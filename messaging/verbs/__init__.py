"""What the conversation does: receive, send, deliver, take over, lie on the desk. Import it as `messaging`."""

from messaging.verbs.attachments import Attachment
from messaging.verbs.channels import check_channel, register_webhook, set_up_channel, update_channel_state
from messaging.verbs.contacts import edit_contact, link_addresses, opt_back_in, opt_out, resolve_contact
from messaging.verbs.delivery import deliver, release_held
from messaging.verbs.desk import (
    NotPossible,
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
from messaging.verbs.doubles import Double, merge_doubles
from messaging.verbs.media import fetch_again, fetch_media
from messaging.verbs.merging import merge_contacts, unmerge_contacts
from messaging.verbs.operators import KeyReused, cancel_scheduled, discard, mark_read, send_again, write
from messaging.verbs.presence import show_presence
from messaging.verbs.previews import note_answered, note_kind
from messaging.verbs.receiving import handle, receive
from messaging.verbs.sending import Refused, put, send
from messaging.verbs.statuses import join_left, join_pending, record_echo, record_status
from messaging.verbs.takeover import auto_resume, fence, pause, resume
from messaging.verbs.talk import follow_language
from messaging.verbs.templates import reopening_template, sync_templates
from messaging.verbs.webhooks import keep, process_event, process_item, purge, replay

__all__ = [
    "Attachment",
    "Double",
    "KeyReused",
    "NotPossible",
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
