"""Questions for approvers, the messages that showed them, and the timers of candidates."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from approvals.models.approvers import ApproverAddress
from approvals.models.candidates import Candidate
from common.work.rows import Job, WorkQuerySet, WorkRow, stuck_index, work_indexes
from messaging.models import Message
from tenants.models import TenantModel, TenantQuerySet


class AskQuerySet(WorkQuerySet["AskQueue"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queries over queues, by tenant and due."""


class AskQueue(TenantModel, WorkRow):
    """The queue of questions for one address: a work row.

    One row works all questions of an address, so that a thousand questions wake up one worker and not a thousand.
    """

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="approvals.ask", queue="outbound"),)
    max_attempts: ClassVar[int] = 10
    needs: ClassVar[tuple[str, ...]] = ("address__approver", "address__channel__tenant")

    address = models.OneToOneField(ApproverAddress, on_delete=models.CASCADE, related_name="queue")

    objects: ClassVar[Any] = AskQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        verbose_name = _("question queue")
        indexes = [*work_indexes("ask_queue"), stuck_index("ask_queue")]

    def __str__(self) -> str:
        return f"question queue {self.pk}"


class QuestionKind(models.TextChoices):
    """What an address is sent."""

    ASK = "ask", _("Question")
    REPLY = "reply", _("Answer to a question")  # with the question once more
    CLOSING = "closing", _("Its end")  # somebody else, or the deadline, decided what this address was asked


class QuestionState(models.TextChoices):
    """The state of a question."""

    WAITING = "waiting", _("Waiting")
    SHOWN = "shown", _("Shown")
    DROPPED = "dropped", _("Dropped")


class Question(TenantModel):
    """One candidate to be shown at one address."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="questions")
    address = models.ForeignKey(ApproverAddress, on_delete=models.CASCADE, related_name="questions")
    kind = models.CharField(max_length=10, choices=QuestionKind.choices, default=QuestionKind.ASK)
    step = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=10, choices=QuestionState.choices, default=QuestionState.WAITING)
    message = models.ForeignKey(Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    shown_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["candidate", "address", "kind", "step"], name="one_question_per_step")
        ]
        indexes = [
            models.Index(fields=["address", "id"], name="question_waiting", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"


class ShownCandidate(TenantModel):
    """The candidate that a message showed, alone or as one line of several."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="shown")
    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="shown")
    address = models.ForeignKey(ApproverAddress, on_delete=models.CASCADE, related_name="shown")
    revision = models.PositiveSmallIntegerField(default=0)
    line = models.PositiveSmallIntegerField(default=0)  # 0: it was shown alone
    # False: a shortened line, which must be shown whole before it is decided
    is_whole = models.BooleanField(default=True)
    on_request = models.BooleanField(default=False)  # the approver had just asked for it, so "yes" means this one

    class Meta:
        verbose_name_plural = _("shown candidates")
        constraints = [models.UniqueConstraint(fields=["message", "line"], name="one_shown_per_line")]
        indexes = [models.Index(fields=["address", "candidate"], name="shown_where")]

    def __str__(self) -> str:
        return f"shown {self.pk}"


class TimerKind(models.TextChoices):
    """What happens at the time of a timer."""

    DEADLINE = "deadline", _("Deadline")
    ESCALATE = "escalate", _("Next step of the ladder")


class TimerQuerySet(WorkQuerySet["Timer"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queries over timers, by tenant and due."""


class Timer(TenantModel, WorkRow):
    """A time at which something happens to a candidate."""

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
