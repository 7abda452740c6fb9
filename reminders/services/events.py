"""Events of reminders for the tenant's endpoints."""

from __future__ import annotations

from typing import Any

from reminders.models import Occurrence, Reminder
from tenants.services import emit


def emit_missed(reminder: Reminder, occurrence: Occurrence, reason: str) -> None:
    """Emit that an occurrence passed and nothing was sent."""
    _emit(reminder, "reminder.missed", occurrence, {"reason": reason})


def emit_answered(reminder: Reminder, occurrence: Occurrence, answer: str) -> None:
    """Emit that the person answered."""
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
