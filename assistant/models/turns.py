"""Turns of the assistant, their steps, and their hand-offs to n8n."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from assistant.models.knowledge import Fact
from common.work.rows import CLAIMABLE, MAX_CRASHES, Job, State, WorkQuerySet, WorkRow, stuck_index, work_indexes
from messaging.models import Conversation, Direction, MediaFile, Message
from messaging.providers.base import Kind
from tenants.models import OutboundSwitch, TenantModel, TenantQuerySet

VOICE = (Kind.VOICE, Kind.AUDIO)
HEARD_WITHIN_SECONDS = 20.0  # so long a turn waits for a transcript

OUTCOMES = {
    "replied": _("replied"),
    "silent": _("kept silent"),
    "handed_over": _("handed over"),
    "fallback": _("fell back"),
}


class TurnQuerySet(WorkQuerySet["Turn"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queries over turns, by tenant and due."""

    def sweep(self) -> int:
        """Free expired leases.

        A turn that killed its worker for the last time is claimed once more, to tell the customer.

        A suggestion whose asker died is ended: nobody waits for it, and it must never be sent as an answer.
        """
        lost = self.filter(state=State.WORKING, lease_until__lt=Now(), is_suggestion=True)
        lost.update(state=State.IGNORED, token=None, lease_until=None, last_error="whoever asked for it is gone")
        last = self.filter(state=State.WORKING, lease_until__lt=Now(), crashes=MAX_CRASHES - 1)
        freed = last.update(state=State.QUEUED, crashes=F("crashes") + 1, token=None, lease_until=None, due_at=Now())
        return freed + super().sweep()


class Turn(TenantModel, WorkRow):
    """One answer of the assistant: one per conversation at a time."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="assistant.turn", queue="assistant", where=Q(is_suggestion=False)),)
    max_attempts: ClassVar[int] = 3
    needs: ClassVar[tuple[str, ...]] = (
        "tenant__assistant", "conversation__contact", "conversation__channel", "wanted",
    )  # fmt: skip

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="turns", db_index=False)
    wanted = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")  # the newest message to be answered
    # Requested by a person in the composer, who alone sees it; it is never sent automatically.
    is_suggestion = models.BooleanField(default=False, db_default=False, editable=False)
    asked_by = models.CharField(max_length=100, blank=True, default="", db_default="", editable=False)
    seen_id = models.BigIntegerField(null=True, blank=True)  # the newest message that this run has read
    first_at = models.DateTimeField(auto_now_add=True)
    # The conversation's fence when the answer was requested; after another take-over it is not sent.
    fence = models.PositiveIntegerField(default=0, editable=False)
    reruns = models.PositiveSmallIntegerField(default=0)
    # The text of the model, stored before it is used: after a crash it is sent, not requested again.
    draft = models.JSONField(null=True, blank=True)
    draft_for = models.BigIntegerField(null=True, blank=True)
    # It waits for the transcript of a voice note, which makes it due at once.
    waits_for_voice = models.BooleanField(default=False, db_default=False, editable=False)
    outcome = models.CharField(max_length=20, blank=True)  # a key of OUTCOMES
    provider = models.CharField(max_length=20, blank=True)
    model = models.CharField(max_length=100, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    sources = models.JSONField(default=list, blank=True)  # ids and titles of the knowledge entries used
    handed_at = models.DateTimeField(null=True, blank=True)  # handed to an n8n workflow; due_at is the deadline
    # The amount reserved in `Spend` for the running call; released when the call ends or its worker died.
    reserved_usd = models.DecimalField(max_digits=12, decimal_places=6, default=0, editable=False)
    reserved_month = models.CharField(max_length=7, blank=True, editable=False)

    objects: ClassVar[Any] = TurnQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager
    # Set by the claim; not set on a row loaded in another way.
    has_voice: bool = True
    has_facts: bool = True
    is_switched_off: bool | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                name="one_active_turn_per_conversation",
                condition=Q(state__in=[*CLAIMABLE, State.WORKING], is_suggestion=False),
            )
        ]
        indexes = [
            models.Index(fields=["first_at"], name="turn_first"),
            *work_indexes("turn"),
            stuck_index("turn"),
            # For the conversation's page, beside the answers.
            models.Index(fields=["conversation", "-id"], name="turn_of_conversation"),
        ]

    def __str__(self) -> str:
        return f"turn {self.pk}"

    @classmethod
    def extra_annotations(cls) -> dict[str, Any]:
        """Return annotations.

        Whether there may be voice notes to wait for, facts for the model, and the kill switch.
        """
        unheard = MediaFile.objects.filter(
            message__conversation=OuterRef("conversation"),
            message__direction=Direction.IN,
            message__kind__in=VOICE,
            message__created_at__gt=Now() - timedelta(seconds=HEARD_WITHIN_SECONDS),
            transcript="",
        )
        return {
            "has_voice": Exists(unheard),
            "has_facts": Exists(Fact.objects.filter(contact=OuterRef("conversation__contact"))),
            "is_switched_off": Exists(OutboundSwitch.objects.filter(is_on=False)),
        }

    @property
    def ended(self) -> str:
        """Return how it ended, or its state, as text for people."""
        return str(OUTCOMES.get(self.outcome) or self.outcome or self.get_state_display())


class TurnStep(models.Model):
    """One step of a turn, stored before it is used: a model call or a tool call."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="steps")
    key = models.CharField(max_length=100)  # tool and hash of its arguments; for reads and calls after the seen_id
    kind = models.CharField(max_length=20)  # model | tool
    name = models.CharField(max_length=100)
    result = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn", "key"], name="one_step_per_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Claimant(models.TextChoices):
    """Who decided a hand-off: the first one wins, the others do nothing."""

    RESPONSE = "response", _("The workflow's response")
    CALLBACK = "callback", _("The workflow's callback")
    DEADLINE = "deadline", _("Nothing came in time")
    FAILURE = "failure", _("The call failed")


class Handoff(TenantModel):
    """A turn handed to an n8n workflow: one event, one reply address, one answer."""

    turn = models.ForeignKey(Turn, on_delete=models.CASCADE, related_name="handoffs")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="+")
    event_id = models.CharField(max_length=40, unique=True)  # webhook-id, the same at each try
    token_hash = models.CharField(max_length=64, unique=True)
    deadline_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=10, choices=Claimant.choices, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["turn", "message"], name="one_handoff_per_message")]

    def __str__(self) -> str:
        return self.event_id
