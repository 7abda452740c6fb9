"""Candidates: what the core service wants to do and asks a person about first."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from approvals.models.approvers import Approver, Policy
from tenants.models import EmittedEvent, TenantModel


class CandidateStatus(models.TextChoices):
    """The state of a candidate; all but the first are final."""

    PENDING = "pending", _("Pending")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    EXPIRED = "expired", _("Expired")
    CANCELLED = "cancelled", _("Cancelled")


class Verdict(models.TextChoices):
    """What an answer means."""

    APPROVE = "approve", _("Approve")
    REJECT = "reject", _("Reject")


class CandidatePriority(models.TextChoices):
    """Whether quiet hours delay the question."""

    NORMAL = "normal", _("Normal")
    URGENT = "urgent", _("Urgent")


class ApprovalRule(models.TextChoices):
    """How many approvers must approve."""

    ANY = "any", _("Any one of them")
    ALL = "all", _("All of them")


class OnDeadline(models.TextChoices):
    """What happens when nobody has answered in time."""

    EXPIRE = "expire", _("It expires")
    APPROVE = "approve", _("It is approved")
    REJECT = "reject", _("It is rejected")


class Via(models.TextChoices):
    """The entry point of the deciding answer."""

    BUTTON = "button", _("Button")
    TEXT = "text", _("Words")
    REACTION = "reaction", _("Reaction")
    ADMIN = "admin", _("Back office")
    API = "api", _("API")
    POLICY = "policy", _("Policy")
    DEADLINE = "deadline", _("Deadline")


class Candidate(TenantModel):
    """What is asked, frozen; who may answer; and the decision."""

    external_id = models.CharField(max_length=100, blank=True, help_text=_("The core service's own id."))
    short_id = models.CharField(max_length=8, editable=False)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True)
    image = models.FileField(upload_to="approvals/%Y/%m", blank=True)
    image_type = models.CharField(max_length=50, blank=True)
    image_sha256 = models.CharField(max_length=64, blank=True)
    options = models.JSONField(default=list, blank=True)  # [{"id", "title", "means"}]; empty: approve and reject
    category = models.CharField(max_length=50, blank=True)
    priority = models.CharField(max_length=10, choices=CandidatePriority.choices, default=CandidatePriority.NORMAL)
    rule = models.CharField(max_length=5, choices=ApprovalRule.choices, default=ApprovalRule.ANY)
    needed = models.PositiveSmallIntegerField(default=1, help_text=_("How many must approve."))
    channel = models.CharField(max_length=20, blank=True, help_text=_("whatsapp, imessage or a provider; empty: any."))
    ladder = models.JSONField(default=list, blank=True)  # [{"after_minutes", "approvers": [names], "channel"}]
    deadline_at = models.DateTimeField()
    on_deadline = models.CharField(max_length=10, choices=OnDeadline.choices, default=OnDeadline.EXPIRE)
    callback_url = models.CharField(max_length=500, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    policy = models.ForeignKey(Policy, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    content_hash = models.CharField(max_length=64, editable=False)  # of exactly what is shown
    # of the whole request, to recognise the same one again
    request_hash = models.CharField(max_length=64, editable=False)
    created_by = models.CharField(max_length=100, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # The decision: written once, by one conditional update.
    status = models.CharField(max_length=10, choices=CandidateStatus.choices, default=CandidateStatus.PENDING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=100, blank=True)
    decided_via = models.CharField(max_length=10, choices=Via.choices, blank=True)
    decided_option = models.CharField(max_length=50, blank=True)
    decided_hash = models.CharField(max_length=64, blank=True)  # of what was shown to the approver who decided
    decided_body = models.TextField(blank=True)  # the edited text, when that was approved
    reason = models.CharField(max_length=500, blank=True)
    event = models.ForeignKey(EmittedEvent, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "external_id"], name="one_candidate_per_own_id", condition=~Q(external_id="")
            ),
            models.UniqueConstraint(
                fields=["tenant", "short_id"], name="one_open_candidate_per_short_id", condition=Q(status="pending")
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "status", "-id"], name="candidate_status"),
            models.Index(fields=["tenant", "short_id"], name="candidate_short_id"),
            models.Index(fields=["decided_at"], name="candidate_decided", condition=~Q(status="pending")),
        ]

    def __str__(self) -> str:
        return f"candidate {self.pk}"

    @property
    def is_open(self) -> bool:
        """Return whether it still waits for its decision."""
        return self.status == CandidateStatus.PENDING

    def choices(self) -> list[dict[str, str]]:
        """Return the possible answers: the candidate's own options, or approve and reject."""
        return self.options or [{"id": "approve", "means": "approve"}, {"id": "reject", "means": "reject"}]

    def hash_of(self, body: str) -> str:
        """Return the hash of what is shown when the text is `body`."""
        return content_hash(
            title=self.title, body=body, link=self.link, image=self.image_sha256, options=self.options
        )  # fmt: skip


def content_hash(**shown: Any) -> str:
    """Return a hash of exactly what is shown: title, text, link, image and options."""
    text = json.dumps(shown, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


class CandidateApprover(TenantModel):
    """An approver who may answer one candidate."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="named_approvers")
    approver = models.ForeignKey(Approver, on_delete=models.CASCADE, related_name="+")
    step = models.PositiveSmallIntegerField(default=0)  # of the escalation: 0 is asked first

    class Meta:
        ordering = ["step", "id"]
        constraints = [models.UniqueConstraint(fields=["candidate", "approver"], name="one_seat_per_approver")]

    def __str__(self) -> str:
        return f"seat {self.pk}"
