"""Asking: what waits to be shown to whom, which message showed what, and the moments that a candidate waits for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from approvals.models.candidates import Candidate
from approvals.models.people import ApproverAddress
from common.work.rows import Job, WorkQuerySet, WorkRow, stuck_index, work_indexes
from messaging.models import Message
from tenants.models import TenantModel, TenantQuerySet


class AskQuerySet(WorkQuerySet["AskQueue"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queues of a tenant, and those that are due."""


class AskQueue(TenantModel, WorkRow):
    """What one address is asked, one prompt after another: the work row, and the pace that survives everything.

    One row works for all prompts of an address, so that a thousand of them wake one worker and not a thousand.
    """

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="approvals.ask", queue="outbound"),)
    max_attempts: ClassVar[int] = 10
    needs: ClassVar[tuple[str, ...]] = ("address__approver", "address__channel__tenant")

    address = models.OneToOneField(ApproverAddress, on_delete=models.CASCADE, related_name="queue")
    # The bucket as one moment (generic cell rate algorithm), and when the next prompt may go at the earliest.
    full_at = models.DateTimeField(db_default=Now(), editable=False)
    spaced_until = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[Any] = AskQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        verbose_name = _("prompt queue")
        indexes = [*work_indexes("ask_queue"), stuck_index("ask_queue")]

    def __str__(self) -> str:
        return f"prompt queue {self.pk}"


class PromptKind(models.TextChoices):
    """What an address is told."""

    ASK = "ask", _("Question")
    REPLY = "reply", _("Answer to a question")  # with the question once more
    CLOSING = "closing", _("Its end")  # somebody else, or the clock, decided what this address was asked


class PromptState(models.TextChoices):
    """How far a prompt is."""

    WAITING = "waiting", _("Waiting")
    SHOWN = "shown", _("Shown")
    DROPPED = "dropped", _("Dropped")


class Prompt(TenantModel):
    """One candidate to be shown at one address."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="prompts")
    address = models.ForeignKey(ApproverAddress, on_delete=models.CASCADE, related_name="prompts")
    kind = models.CharField(max_length=10, choices=PromptKind.choices, default=PromptKind.ASK)
    step = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=PromptState.choices, default=PromptState.WAITING)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    shown_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "address", "kind", "step"], name="one_prompt_per_step")
        ]
        indexes = [
            models.Index(fields=["address", "id"], name="prompt_waiting", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"prompt {self.pk}"


class Shown(TenantModel):
    """What a message of ours showed: one candidate, or as one line of several."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="shown")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="shown")
    address = models.ForeignKey(ApproverAddress, on_delete=models.CASCADE, related_name="shown")
    revision = models.PositiveSmallIntegerField(default=0)
    line = models.PositiveSmallIntegerField(default=0)  # 0: it stands alone
    is_whole = models.BooleanField(default=True)  # False: a line that is shortened: it is shown before it is decided
    on_request = models.BooleanField(default=False)  # the approver had just asked for it, so "yes" means this one

    class Meta:
        verbose_name_plural = _("shown")
        constraints = [models.UniqueConstraint(fields=["message", "line"], name="one_shown_per_line")]
        indexes = [models.Index(fields=["address", "candidate"], name="shown_where")]

    def __str__(self) -> str:
        return f"shown {self.pk}"


class TimerKind(models.TextChoices):
    """What happens at the moment."""

    DEADLINE = "deadline", _("Deadline")
    ESCALATE = "escalate", _("Next step of the ladder")


class TimerQuerySet(WorkQuerySet["Timer"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Timers of a tenant, and those that are due."""


class Timer(TenantModel, WorkRow):
    """A moment that a candidate waits for."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="approvals.timer", queue="clock"),)
    max_attempts: ClassVar[int] = 10
    needs: ClassVar[tuple[str, ...]] = ("candidate",)

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=10, choices=TimerKind.choices)
    step = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[Any] = TimerQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        constraints = [models.UniqueConstraint(fields=["candidate", "kind", "step"], name="one_timer_per_step")]
        indexes = [*work_indexes("timer"), stuck_index("timer")]

    def __str__(self) -> str:
        return f"timer {self.pk}"
