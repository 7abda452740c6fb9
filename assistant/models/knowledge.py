"""Knowledge of the business, and facts about contacts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from messaging.models import Contact, Message
from tenants.models import TenantModel


class KnowledgeEntry(TenantModel):
    """Something the assistant may say, in the business's own words."""

    title = models.CharField(max_length=200, help_text=_("The question or topic, as a customer would put it."))
    keywords = models.CharField(max_length=300, blank=True, help_text=_("Other words for it, separated by blanks."))
    content = models.TextField()
    language = models.CharField(
        max_length=10,
        blank=True,
        help_text=_("Of this text, such as pt: conversations in it get this entry first. Empty: any."),
    )
    is_active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = _("knowledge entries")
        constraints = [models.UniqueConstraint(fields=["tenant", "title"], name="one_entry_per_title")]

    def __str__(self) -> str:
        return self.title


class ProposalState(models.TextChoices):
    """The state of a correction."""

    PROPOSED = "proposed", _("Proposed")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class KnowledgeProposal(TenantModel):
    """What the assistant should have said, proposed by a person; a manager approves it as knowledge or rejects it."""

    title = models.CharField(max_length=200, help_text=_("The question or topic, as a customer would put it."))
    keywords = models.CharField(max_length=300, blank=True, help_text=_("Other words for it, separated by blanks."))
    content = models.TextField(max_length=4000)
    language = models.CharField(max_length=10, blank=True)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.PROPOSED)
    proposed_by = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.CharField(max_length=100, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=300, blank=True, help_text=_("Why it was rejected."))
    entry = models.ForeignKey(KnowledgeEntry, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-id"], name="proposal_waiting", condition=Q(state=ProposalState.PROPOSED))
        ]

    def __str__(self) -> str:
        return self.title


class Fact(TenantModel):
    """Something a contact told us that is worth remembering."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="facts")
    text = models.CharField(max_length=300)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "text"], name="one_fact_per_text")]

    def __str__(self) -> str:
        return f"fact {self.pk}"
