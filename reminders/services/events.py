"""What endpoints of a tenant are told of reminders."""

from __future__ import annotations

from typing import Any

from reminders.models import Occurrence, Reminder
from tenants.services import emit


def missed(reminder: Reminder, occurrence: Occurrence, reason: str) -> None:
    """A time passed and nothing was said."""
    _emit(reminder, "reminder.missed", occurrence, {"reason": reason})


def answered(reminder: Reminder, occurrence: Occurrence, answer: str) -> None:
    """The person answered."""
    _emit(reminder, "reminder.answered", occurrence, {"answer": answer})


def _emit(reminder: Reminder, event_type: str, occurrence: Occurrence, more: dict[str, Any]) -> None:
    data = {
        "reminder_id": reminder.pk,
        "contact_id": reminder.contact_id,
        "occurrence_id": occurrence.pk,
        "occurs_at": occurrence.occurs_at.isoformat(),
        **more,
    }
    emit(tenant=reminder.tenant, event_type=event_type, data=data)
