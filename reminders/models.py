"""Tasks, reminders, their occurrences, and people's clocks."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.work.rows import Job, WorkQuerySet, WorkRow, stuck_index, work_indexes
from tenants.models import TenantModel, TenantQuerySet
from tenants.models.core import known_timezone
from timewords.rules import Schedule

MAX_TEXT = 1000


def new_feed_token() -> str:
    """Return an unguessable address for a calendar feed: 32 random bytes."""
    return secrets.token_urlsafe(32)


class ZoneSource(models.TextChoices):
    """How a person's time zone is known."""

    GUESSED = "guessed", _("Guessed from the number")
    TOLD = "told", _("Told by the person")
    SET = "set", _("Set by an operator or a program")


class PersonalClock(TenantModel):
    """A person's time zone, and the secret address of their calendar feed."""

    contact = models.OneToOneField("messaging.Contact", on_delete=models.CASCADE, related_name="clock")
    zone = models.CharField(max_length=50, default="UTC", validators=[known_timezone])
    source = models.CharField(max_length=10, choices=ZoneSource.choices, default=ZoneSource.GUESSED)
    feed_token = models.CharField(max_length=64, unique=True, default=new_feed_token, editable=False)
    # The open question about a reminder with its answers: see `reminders.questions`.
    asked = models.JSONField(default=dict, blank=True, editable=False)
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("time zone of a person")
        verbose_name_plural = _("time zones of people")

    def __str__(self) -> str:
        return self.zone


class ReminderState(models.TextChoices):
    """Whether a reminder continues."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    DONE = "done", _("Done")  # no time is left, or the person did it
    CANCELLED = "cancelled", _("Cancelled")


class DeliveryWay(models.TextChoices):
    """How a reminder reaches a person."""

    MESSAGE = "message", _("Message")
    CALL = "call", _("Call")  # for later: refused until calls can be made


class MissPolicy(models.TextChoices):
    """What happens to an occurrence that is found later than the grace allows."""

    LATE = "late", _("Send it late")
    TEMPLATE = "template", _("Send the template")
    DROP = "drop", _("Drop it and tell")


class Reminder(TenantModel):
    """Something to tell a contact, once or repeatedly, in their local time."""

    contact = models.ForeignKey("messaging.Contact", on_delete=models.CASCADE, related_name="reminders")
    conversation = models.ForeignKey(
        "messaging.Conversation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("session"),
    )  # fmt: skip
    text = models.TextField(max_length=MAX_TEXT)
    # The local time: later changes of the zone's rules must not move it.
    first_on = models.DateField(_("first day"))
    at_time = models.TimeField(_("time"))
    fold = models.PositiveSmallIntegerField(default=0, editable=False)
    # "In 20 minutes": a moment, which stays when the person's zone turns out to be another.
    is_moment = models.BooleanField(default=False, editable=False)
    zone = models.CharField(
        _("time zone"),
        max_length=50,
        default="UTC",
        validators=[known_timezone],
        help_text=_("Empty in a new one: the contact's own. Like America/Sao_Paulo."),
    )
    rule = models.CharField(
        _("recurrence"), max_length=300, blank=True, help_text=_("Empty: once. Like FREQ=WEEKLY;BYDAY=TU (RFC 5545).")
    )
    last_on = models.DateField(_("last day"), null=True, blank=True)
    quiet_from = models.TimeField(null=True, blank=True, help_text=_("In quiet hours it waits for their end."))
    quiet_to = models.TimeField(null=True, blank=True)
    way = models.CharField(max_length=10, choices=DeliveryWay.choices, default=DeliveryWay.MESSAGE)
    miss_policy = models.CharField(max_length=10, choices=MissPolicy.choices, default=MissPolicy.DROP)
    grace_minutes = models.PositiveIntegerField(default=60)
    state = models.CharField(max_length=10, choices=ReminderState.choices, default=ReminderState.ACTIVE)
    # When it is due next; empty while it is not. The occurrence of this time is its only waiting one.
    next_at = models.DateTimeField(null=True, blank=True, editable=False)
    language = models.CharField(max_length=10, blank=True, editable=False)
    created_by = models.CharField(max_length=100, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["next_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None) | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="reminder_quiet_hours_whole",
            )
        ]
        indexes = [
            models.Index(fields=["contact", "state"], name="reminder_contact"),
            models.Index(fields=["tenant", "next_at"], name="reminder_next"),
            # What planning looks for: active, and without a time or with one in the past.
            models.Index(fields=["next_at"], name="reminder_plan", condition=Q(state=ReminderState.ACTIVE)),
            models.Index(
                fields=["updated_at"],
                name="reminder_ended",
                condition=Q(state__in=[ReminderState.DONE, ReminderState.CANCELLED]),
            ),
        ]

    def __str__(self) -> str:
        return f"reminder {self.pk}"

    @property
    def schedule(self) -> Schedule:
        """Return all times at which it is due."""
        return Schedule(
            first=datetime.combine(self.first_on, self.at_time),
            zone=self.zone,
            rule=self.rule,
            last_on=self.last_on,
            fold=self.fold,
        )


class OccurrenceOutcome(models.TextChoices):
    """How an occurrence of a reminder ended."""

    SENT = "sent", _("Sent")
    SENT_LATE = "sent_late", _("Sent late")
    MISSED = "missed", _("Missed")
    OPTED_OUT = "opted_out", _("The contact opted out")
    WITHDRAWN = "withdrawn", _("Changed, paused or cancelled before")


class ReminderAnswer(models.TextChoices):
    """What a person answered to an occurrence of a reminder."""

    DONE = "done", _("Done")
    SNOOZED = "snoozed", _("Later")
    MOVED = "moved", _("Moved")
    STOPPED = "stopped", _("Stop it")


class OccurrenceQuerySet(WorkQuerySet["Occurrence"], TenantQuerySet):  # type: ignore[override]  # both are QuerySets
    """Queries over occurrences, by tenant and due."""


class Occurrence(TenantModel, WorkRow):
    """One time at which a reminder is due: created ahead, unique, worked once."""

    jobs: ClassVar[tuple[Job, ...]] = (Job(task="reminders.fire", queue="clock"),)
    needs: ClassVar[tuple[str, ...]] = ("reminder__conversation__channel",)

    reminder = models.ForeignKey(Reminder, on_delete=models.CASCADE, related_name="occurrences", db_index=False)
    # The time that the rule names: it stays when a try is postponed, so it is the unique one.
    occurs_at = models.DateTimeField()
    wanted_at = models.DateTimeField()  # the same, moved to the end of quiet hours
    snoozed_from = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="snoozes")
    has_slot = models.BooleanField(default=False, editable=False)  # it has its place in the channel's rate limit
    outcome = models.CharField(max_length=10, choices=OccurrenceOutcome.choices, blank=True)
    message = models.ForeignKey("messaging.Message", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answer = models.CharField(max_length=10, choices=ReminderAnswer.choices, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = OccurrenceQuerySet.as_manager()  # type: ignore[assignment]  # a wider manager

    class Meta:
        ordering = ["-occurs_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["reminder", "occurs_at"], name="one_occurrence_per_due_time"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-occurs_at"], name="occurrence_calendar"),
            models.Index(fields=["ended_at"], name="occurrence_ended", condition=Q(ended_at__isnull=False)),
            models.Index(
                fields=["tenant", "ended_at"], name="occurrence_missed", condition=Q(outcome=OccurrenceOutcome.MISSED)
            ),
            *work_indexes("occurrence"),
            stuck_index("occurrence"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"occurrence {self.pk}"


class TaskPriority(models.IntegerChoices):
    """How important a task is."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")


class TaskState(models.TextChoices):
    """Whether a task is still to be done."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class Task(TenantModel):
    """Something to be done, for a contact or by an operator."""

    contact = models.ForeignKey(
        "messaging.Contact", on_delete=models.CASCADE, null=True, blank=True, related_name="tasks"
    )
    assignee = models.ForeignKey(
        "tenants.Member", on_delete=models.SET_NULL, null=True, blank=True, related_name="tasks"
    )
    title = models.CharField(max_length=200)
    notes = models.TextField(max_length=5000, blank=True)
    list_name = models.CharField(_("list"), max_length=60, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    priority = models.PositiveSmallIntegerField(choices=TaskPriority.choices, default=TaskPriority.NORMAL)
    state = models.CharField(max_length=10, choices=TaskState.choices, default=TaskState.OPEN)
    done_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.CharField(max_length=100, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["due_at", "-priority", "id"]
        indexes = [
            models.Index(fields=["tenant", "state", "due_at"], name="task_list"),
            models.Index(
                fields=["updated_at"],
                name="task_ended",
                condition=Q(state__in=[TaskState.DONE, TaskState.CANCELLED]),
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"


ENDED = (ReminderState.DONE, ReminderState.CANCELLED)
OPEN = (ReminderState.ACTIVE, ReminderState.PAUSED)
