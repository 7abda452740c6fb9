"""The contents of every simulated Twilio account, as the Content API lists them with their approvals."""

from typing import Any


def _content(
    number: int, name: str, language: str, kind: str, *, content: dict[str, Any], status: str = "approved"
) -> dict[str, Any]:
    request = {
        "name": name, "category": "UTILITY", "content_type": kind if status != "unsubmitted" else "",
        "status": status, "rejection_reason": "", "allow_category_change": True,
    }  # fmt: skip
    return {
        "sid": f"HX{number:032x}", "account_sid": f"AC{0:032x}", "friendly_name": name, "language": language,
        "variables": {}, "types": {kind: content}, "approval_requests": request,
        "date_created": "2026-09-01T09:00:00Z", "date_updated": "2026-09-01T09:00:00Z",
    }  # fmt: skip


REMINDER = {"body": "Hello {{1}}, we see you at {{2}}."}
REPLIES = {
    "body": "Podemos continuar a nossa conversa?",
    "actions": [{"type": "QUICK_REPLY", "title": "Sim", "id": "yes"}],
}
CONTENTS: list[dict[str, Any]] = [
    _content(1, "Appointment reminder", "en", "twilio/text", content=REMINDER),
    _content(2, "Offer", "en", "twilio/text", content={"body": "Everything must go."}, status="rejected"),
    _content(3, "Draft", "en", "twilio/text", content={"body": "Good day."}, status="unsubmitted"),
    _content(4, "Where we are", "en", "twilio/location", content={"label": "Example Dental"}),
    _content(5, "A film", "en", "twilio/media", content={"body": "Look.", "media": ["https://example.com/{{1}}"]}),
    _content(6, "By name", "en", "twilio/text", content={"body": "Hello {{customer}}."}),
    _content(7, "Welcome back", "pt_BR", "twilio/quick-reply", content=REPLIES),
]
