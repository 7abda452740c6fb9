"""The trail: one entry for each thing that happens to a candidate."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from approvals.models import Candidate, CandidateStatus, TrailEntry, TrailKind

logger = logging.getLogger("frontdesk.approvals")
BATCH = 500


def record_trail(candidate: Candidate, kind: TrailKind, *, actor: str, text: str = "", **details: Any) -> TrailEntry:
    """Add an entry to the trail, in the caller's transaction."""
    step: TrailEntry = TrailEntry.objects.create(
        tenant_id=candidate.tenant_id, candidate=candidate, kind=kind, actor=actor[:100], text=text, details=details
    )
    ids = {"tenant_id": candidate.tenant_id, "candidate_id": candidate.pk}
    logger.info("candidate_step", extra={**ids, "step": str(kind)})
    return step


def delete_old_candidates() -> int:
    """Delete candidates with their trails when they were decided longer ago than APPROVAL_TRAIL_DAYS.

    Returns how many.
    """
    before = Now() - timedelta(days=settings.APPROVAL_TRAIL_DAYS)
    old = Candidate.objects.filter(~Q(status=CandidateStatus.PENDING), decided_at__lt=before).order_by("pk")
    count = 0
    while rows := list(old[:BATCH]):
        images = [row.image for row in rows if row.image]
        count += Candidate.objects.filter(pk__in=[row.pk for row in rows]).delete()[1].get("approvals.Candidate", 0)
        for image in images:
            image.storage.delete(image.name)
    return count
