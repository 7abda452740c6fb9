"""Rows that say which processes are running and making progress; health checks and doctor read them."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from django.db.models import Max
from django.db.models.functions import Now

from common.models import Heartbeat

STALE = timedelta(seconds=60)


def beat(role: str) -> None:
    """Store that this process of `role` (worker, beat) has just made progress."""
    name = f"{role}:{socket.gethostname()}:{os.getpid()}"[:100]
    changed = Heartbeat.objects.filter(name=name).update(seen_at=Now())
    if not changed:
        Heartbeat.objects.filter(role=role, seen_at__lt=Now() - timedelta(hours=1)).delete()
        Heartbeat.objects.create(name=name, role=role)


def last_seen(role: str) -> datetime | None:
    """Return when any process of `role` last made progress; None when there never was one."""
    seen: datetime | None = Heartbeat.objects.filter(role=role).aggregate(at=Max("seen_at"))["at"]
    return seen
