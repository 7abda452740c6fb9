"""Votes of approvers, the texts they changed, and the trail."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.approvers import Approver
from approvals.models.candidates import Candidate, Verdict, Via
from tenants.models import TenantModel


class Revision(TenantModel):
    """Another text that an approver wrote for a candidate; number 0 is the candidate's own."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveSmallIntegerField()
    body = models.TextField()
    content_hash = models.CharField(max_length=64, editable=False)
    approver = models.ForeignKey(Approver, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["candidate", "number"], name="one_revision_per_number")]

    def __str__(self) -> str:
        return f"revision {self.pk}"


class Vote(TenantModel):
    """An approver's vote on a candidate; the first one counts."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="votes")
    approver = models.ForeignKey(Approver, on_delete=models.CASCADE, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    option = models.CharField(max_length=50, blank=True)
    content_hash = models.CharField(max_length=64, editable=False)
    via = models.CharField(max_length=10, choices=Via.choices)
    # The credential or person: a member, a key or a contact, such as "member:4". Each votes for one approver only.
    cast_by = models.CharField(max_length=60, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "approver"], name="one_vote_per_approver"),
            models.UniqueConstraint(fields=["candidate", "cast_by"], name="one_seat_per_voter"),
        ]

    def __str__(self) -> str:
        return f"vote {self.pk}"


class TrailKind(models.TextChoices):
    """What can happen to a candidate."""

    RECEIVED = "received", _("Received")
    ASKED = "asked", _("Asked")
    NOT_ASKED = "not_asked", _("Could not be asked")
    ESCALATED = "escalated", _("Escalated")
    EDITED = "edited", _("Edited")
    QUESTION = "question", _("Asked back")
    REPLY = "reply", _("Answered the question")
    UNCLEAR = "unclear", _("Unclear answer")
    SKIPPED = "skipped", _("Skipped")
    VOTED = "voted", _("Answered")
    REFUSED = "refused", _("Answer refused")
    LATE = "late", _("Answered after its end")
    DECIDED = "decided", _("Decided")


class TrailEntry(TenantModel):
    """One entry of a candidate's trail."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=TrailKind.choices)
    actor = models.CharField(max_length=100, blank=True)
    text = models.TextField(blank=True)  # a question, a reply, the reason of a refusal
    details = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = _("trail entries")
        ordering = ["id"]
        indexes = [models.Index(fields=["at"], name="trail_entry_at")]

    def __str__(self) -> str:
        return f"trail entry {self.pk}"
