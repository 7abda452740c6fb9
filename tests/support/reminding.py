"""What tests of reminders read and reckon with."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from messaging.models import Message
from timewords.rules import local_time

ZONE = "America/Sao_Paulo"


def latest() -> Message:
    """The newest message of ours."""
    return Message.objects.filter(direction="out").latest("pk")


def question() -> Message:
    """The newest message of ours that asks with buttons."""
    return Message.objects.filter(direction="out", data__has_key="buttons").latest("pk")


def tomorrow(hour: int) -> datetime:
    """That hour of tomorrow on a clock of São Paulo."""
    return (local_time(timezone.now(), ZONE) + timedelta(days=1)).replace(hour=hour, minute=0, second=0, microsecond=0)
