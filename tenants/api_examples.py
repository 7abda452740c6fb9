"""Examples in the description of the API."""

from __future__ import annotations

from typing import Any

NEW_ENDPOINT: dict[str, Any] = {
    "url": "https://hooks.example.com/frontdesk",
    "event_types": ["message.received", "session.paused"],
    "description": "CRM",
}
ENDPOINT: dict[str, Any] = {
    "id": 3, "url": "https://hooks.example.com/frontdesk", "description": "CRM",
    "event_types": ["message.received", "session.paused"], "is_enabled": True, "disabled_reason": "",
    "failing_since": None, "previous_until": None, "is_callback": False, "created_at": "2026-11-20T15:00:00.000000Z",
}  # fmt: skip
ENDPOINT_WITH_SECRET: dict[str, Any] = ENDPOINT | {"secret": "whsec_ZnJvbnRkZXNrLXRlc3Qtc2VjcmV0LTAxMjM0NTY3ODk="}
DELIVERY: dict[str, Any] = {
    "id": 41, "event_id": "evt_2b6e8c0d4f1a4c6e9f00000000000001", "event_type": "message.received",
    "happened_at": "2026-11-20T15:13:20.700000Z", "state": "done", "reason": "", "attempts": 1, "next_try_at": None,
    "answer": 204,
    "tries": [{"at": "2026-11-20T15:13:21Z", "status": 204, "milliseconds": 84, "error": ""}],
    "delivered_at": "2026-11-20T15:13:21.100000Z",
}  # fmt: skip
RANGE: dict[str, Any] = {"since": "2026-11-19T00:00:00Z", "until": "2026-11-20T00:00:00Z", "only_failed": True}
NEW_KEY: dict[str, Any] = {"name": "website", "scopes": ["sessions:read", "sessions:write"]}
KEY: dict[str, Any] = {
    "id": "fK3x9QaZ", "name": "website", "scopes": ["sessions:read", "sessions:write"],
    "created_at": "2026-11-20T15:00:00.000000Z", "expires_at": None, "last_used_at": None, "is_revoked": False,
}  # fmt: skip
KEY_WITH_SECRET: dict[str, Any] = KEY | {"key": "fK3x9QaZ.the-rest-is-shown-this-once"}
NEW_TENANT: dict[str, Any] = {"slug": "clinic", "name": "Example Dental", "timezone": "America/Sao_Paulo"}
TENANT: dict[str, Any] = {
    "id": 1, "slug": "clinic", "name": "Example Dental", "timezone": "America/Sao_Paulo", "language": "en",
    "is_active": True, "outbound_enabled": True, "resume_after_hours": None,
    "created_at": "2026-11-20T15:00:00.000000Z",
}  # fmt: skip
LOGIN: dict[str, Any] = {"user": "ana", "password": "a long password", "otp": "492039"}
ME: dict[str, Any] = {
    "user": {
        "id": 4, "name": "ana", "full_name": "Ana Lima", "email": "ana@example.com", "is_superuser": False,
        "has_second_factor": True, "must_set_up_second_factor": False,
    },
    "memberships": [
        {
            "tenant": {
                "slug": "dental", "name": "Example Dental", "timezone": "America/Sao_Paulo", "language": "pt-br",
            },
            "role": "viewer",
            "scopes": ["sessions:read", "contacts:read", "channels:read", "knowledge:read", "replies:read"],
        },
    ],
    "csrf_token": "pVQmZ6fyaHqk9hCTAOO6jVnLzXXGJ1bN0oZ5aVbW9QxWn3lD2rJ8sE4uT7yK1cMf",
}  # fmt: skip
FACTOR: dict[str, Any] = {"is_set_up": True, "is_demanded": False, "recovery_codes_left": 9}
ENROLMENT: dict[str, Any] = {
    "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "address": "otpauth://totp/Frontdesk:ana?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Frontdesk&digits=6&period=30",
    "picture": "<svg ...>...</svg>",
}
CODE: dict[str, Any] = {"otp": "492039"}
RECOVERY_CODES: dict[str, Any] = {"recovery_codes": ["MZXW-6YTB-OI2D-ENJX", "ORSX-G5BA-MZXW-6YTB"]}
