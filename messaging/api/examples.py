"""Examples in the description of the API."""

from __future__ import annotations

from typing import Any

CHANNEL: dict[str, Any] = {"id": 1, "name": "WhatsApp (Meta)", "provider": "meta"}
CHANNEL_DETAIL: dict[str, Any] = CHANNEL | {
    "external_id": "106540352242922", "is_enabled": True, "outbound_enabled": True, "problem": "",
    "connection_state": "", "created_at": "2026-11-01T09:00:00.000000Z",
}  # fmt: skip
ADDRESS: dict[str, Any] = {"kind": "phone", "value": "+15550100111"}
CONTACT: dict[str, Any] = {"id": 1, "name": "Ana Costa", "addresses": [ADDRESS]}
CONTACT_DETAIL: dict[str, Any] = {
    "id": 1, "name": "Ana Costa", "language": "pt-br", "is_group": False, "opted_out_at": None,
    "marketing_stopped_at": None, "merged_into": None, "created_at": "2026-11-20T15:13:20.000000Z",
    "addresses": [ADDRESS],
}  # fmt: skip
MERGE: dict[str, Any] = {
    "id": 2, "kept": 1, "merged": 9, "by": "key website", "created_at": "2026-11-20T16:00:00.000000Z",
    "undone_at": None, "undone_by": "",
}  # fmt: skip
LABEL: dict[str, Any] = {"id": 4, "name": "Invoice", "colour": "orange"}
MEMBER: dict[str, Any] = {"id": 5, "name": "Marta Reyes", "role": "agent"}
NOTE: dict[str, Any] = {
    "id": 6, "author": "key website", "text": "She prefers mornings.", "created_at": "2026-11-20T15:20:00.000000Z",
}  # fmt: skip
REPLY: dict[str, Any] = {
    "id": 3, "shortcut": "hours", "title": "Opening hours", "text": "Hello {contact_name}, we are open 9 to 18.",
    "updated_at": "2026-11-20T15:00:00.000000Z",
}  # fmt: skip
NEW_REPLY: dict[str, Any] = {name: REPLY[name] for name in ("shortcut", "title", "text")}
TEMPLATE: dict[str, Any] = {
    "id": 8, "name": "appointment_reminder", "title": "", "language": "en",
    "text": "Hello {{1}}, see you at {{2}}.", "is_active": True,
}  # fmt: skip
SESSION: dict[str, Any] = {
    "id": 1, "contact": CONTACT, "channel": CHANNEL, "is_paused": False, "paused_at": None, "last_human_at": None,
    "last_message_at": "2026-11-20T15:13:20.611327Z", "unread": 1, "status": "open", "snoozed_until": None,
    "assignee": None, "waiting_since": "2026-11-20T15:13:20.611327Z", "labels": [LABEL],
    "last_text": "When do you open?",
}  # fmt: skip
SESSION_DETAIL: dict[str, Any] = SESSION | {
    "paused_by": "", "pause_reason": "", "resume_at": None,
    "reply_window": {"mode": "free", "until": "2026-11-21T15:13:20.611327Z"},
}  # fmt: skip
MESSAGE: dict[str, Any] = {
    "id": 7, "direction": "out", "purpose": "operator", "kind": "text",
    "text": "This is Marta, I will call you at three.", "author": "key website",
    "created_at": "2026-11-20T15:14:02.100000Z", "sent_at": None, "scheduled_at": None, "delivery": "",
    "state": "queued", "reason": "", "media": None, "edited_at": None, "deleted_at": None,
}  # fmt: skip
WEBHOOK_TEST: dict[str, Any] = {
    "ok": True,
    "channel": CHANNEL,
    "steps": [
        {"step": "signature", "ok": True, "message": "The proof made with the channel's secret is accepted."},
        {"step": "parse", "ok": True, "message": "The body is read as one text message."},
    ],
}
