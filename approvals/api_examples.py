"""Examples in the description of the API."""

from __future__ import annotations

from typing import Any

HASH = "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab"
NEW: dict[str, Any] = {
    "title": "Post for Friday", "body": "Open late this Friday: until 21:00.", "approvers": ["owner"],
    "deadline_minutes": 120, "metadata": {"post": 17}, "external_id": "post-17",
}  # fmt: skip
CANDIDATE: dict[str, Any] = {
    "id": 12, "external_id": "post-17", "short_id": "k7m2", "title": "Post for Friday",
    "body": "Open late this Friday: until 21:00.", "link": "", "image_sha256": "", "options": [],
    "approvers": ["owner"], "rule": "any", "needed": 1, "escalation": [], "channel": "", "category": "",
    "priority": "normal", "deadline_at": "2026-11-20T17:00:00.000000Z", "on_deadline": "expire", "callback_url": "",
    "metadata": {"post": 17}, "content_hash": HASH, "status": "pending", "decision": None, "callback": None,
    "created_at": "2026-11-20T15:00:00.000000Z",
}  # fmt: skip
STEP: dict[str, Any] = {
    "id": 31, "at": "2026-11-20T15:00:00.000000Z", "kind": "received", "actor": "key core", "text": "",
    "details": {"content_hash": HASH},
}  # fmt: skip
DECISION: dict[str, Any] = {
    "decision": "approved", "option": "", "by": "owner", "via": "button", "at": "2026-11-20T15:04:00.000000Z",
    "content_hash": HASH, "edited_body": "", "reason": "",
}  # fmt: skip
DECIDED: dict[str, Any] = CANDIDATE | {"status": "approved", "decision": DECISION}
CANCELLED: dict[str, Any] = CANDIDATE | {
    "status": "cancelled", "decision": DECISION | {"decision": "cancelled", "by": "key core", "via": "api"},
}  # fmt: skip
WITH_TRAIL: dict[str, Any] = CANDIDATE | {"steps": [STEP]}
APPROVER: dict[str, Any] = {
    "id": 2, "name": "owner", "language": "pt", "timezone": "America/Sao_Paulo", "quiet_from": "22:00:00",
    "quiet_until": "07:00:00", "is_default": True, "is_active": True,
}  # fmt: skip
