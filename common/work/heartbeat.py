"""Which processes are alive and make progress, as rows that health checks and doctor read."""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta

from django.db.models import Max
from django.db.models.functions import Now

from common.models import Heartbeat

STALE = timedelta(seconds=60)


def beat(role: str) -> None:
    """Say that this process of `role` (worker, beat) made progress just now."""
    name = f"{role}:{socket.gethostname()}:{os.getpid()}"[:100]
    changed = Heartbeat.objects.filter(name=name).update(seen_at=Now())
    if not changed:
        Heartbeat.objects.filter(role=role, seen_at__lt=Now() - timedelta(hours=1)).delete()
        Heartbeat.objects.create(name=name, role=role)


def last_seen(role: str) -> datetime | None:
    """When any process of `role` was last seen; None when there never was one."""
    seen: datetime | None = Heartbeat.objects.filter(role=role).aggregate(at=Max("seen_at"))["at"]
    return seen
