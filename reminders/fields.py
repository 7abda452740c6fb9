"""Serializers of the API of reminders and tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from reminders.models import (
    MAX_TEXT,
    DeliveryWay,
    MissPolicy,
    Occurrence,
    PersonalClock,
    Reminder,
    ReminderState,
    Task,
    TaskPriority,
    TaskState,
)
from reminders.services.reminders import MAX_GRACE_MINUTES
from tenants.fields import PatternText, QueryId, QueryMoment, RowId, Text, WholeNumber, WordChoice

WALL = r"^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?\Z"
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d\Z"
ZONE = r"^[A-Za-z][A-Za-z0-9_+/-]*\Z"
PRIORITIES = {"low": TaskPriority.LOW, "normal": TaskPriority.NORMAL, "high": TaskPriority.HIGH}


class WallTime(PatternText):
    """A local time, without a zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(pattern=WALL, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        try:
            return datetime.fromisoformat(super().to_internal_value(data))
        except ValueError:
            raise serializers.ValidationError("There is no such day.") from None


class QuietIn(serializers.Serializer):
    """Hours in which a reminder waits for their end."""

    begin = PatternText(pattern=CLOCK, help_text="Such as 22:00.")
    end = PatternText(pattern=CLOCK, help_text="Such as 07:30; before `begin`: on the next day.")


class ReminderChangeIn(serializers.Serializer):
    """What changes of a reminder."""

    text = Text(max_length=MAX_TEXT, required=False)
    first = WallTime(required=False, help_text="The first time on the wall clock, such as 2026-11-27T09:00.")
    zone = PatternText(pattern=ZONE, max_length=50, required=False, help_text="If not said: the contact's own.")
    rule = Text(max_length=300, required=False, allow_blank=True, help_text="RRULE of RFC 5545; empty: once.")
    last_on = serializers.DateField(required=False, allow_null=True, help_text="The last day.")
    quiet = QuietIn(required=False, allow_null=True)
    way = WordChoice(words=tuple(DeliveryWay.values), required=False, help_text="Calls cannot be made yet.")
    miss_policy = WordChoice(words=tuple(MissPolicy.values), required=False)
    grace_minutes = WholeNumber(min_value=1, max_value=MAX_GRACE_MINUTES, required=False)


class ReminderIn(ReminderChangeIn):
    """A new reminder."""

    contact = RowId()
    text = Text(max_length=MAX_TEXT)
    first = WallTime(help_text="The first time on the wall clock, such as 2026-11-27T09:00.")


class ReminderOut(serializers.ModelSerializer):
    """A reminder, and when it falls due next."""

    first = serializers.SerializerMethodField()
    quiet = serializers.SerializerMethodField()
    way = WordChoice(words=tuple(DeliveryWay.values), read_only=True)
    miss_policy = WordChoice(words=tuple(MissPolicy.values), read_only=True)

    class Meta:
        model = Reminder
        fields = [
            "id", "contact", "text", "first", "zone", "rule", "last_on", "quiet", "way", "miss_policy",
            "grace_minutes", "state", "next_at", "created_by", "created_at", "updated_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_first(self, row: Reminder) -> str:
        return row.schedule.first.isoformat()

    @extend_schema_field(QuietIn(allow_null=True))
    def get_quiet(self, row: Reminder) -> dict[str, str] | None:
        if row.quiet_from is None or row.quiet_to is None:
            return None
        return {"begin": f"{row.quiet_from:%H:%M}", "end": f"{row.quiet_to:%H:%M}"}


class OccurrenceOut(serializers.ModelSerializer):
    """One time of a reminder: how it stands, and why."""

    reason = serializers.CharField(source="last_error")
    delivery = serializers.SerializerMethodField(help_text="How far its message has come, or what stopped it.")

    class Meta:
        model = Occurrence
        fields = [
            "id", "occurs_at", "wanted_at", "state", "outcome", "reason", "message", "delivery", "answer",
            "answered_at", "ended_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.CharField())
    def get_delivery(self, row: Occurrence) -> str:
        return delivery_of(row)


def delivery_of(row: Occurrence) -> str:
    """Return how far the message of an occurrence has come; for one that was stopped its state and reason."""
    if row.message is None:
        return ""
    if row.message.delivery:
        return str(row.message.delivery)
    reason = f": {row.message.last_error}" if row.message.last_error else ""
    return f"{row.message.state}{reason}"


class ReminderQuery(serializers.Serializer):
    """Which reminders."""

    contact = QueryId(required=False)
    state = WordChoice(words=tuple(ReminderState.values), required=False)
    before = QueryMoment(required=False, help_text="Due before this moment.")


class TaskChangeIn(serializers.Serializer):
    """What changes of a task."""

    title = Text(max_length=200, required=False)
    notes = Text(max_length=5000, required=False, allow_blank=True)
    list_name = Text(max_length=60, required=False, allow_blank=True)
    due_at = serializers.DateTimeField(required=False, allow_null=True)
    priority = WordChoice(words=tuple(PRIORITIES), required=False)
    assignee = RowId(required=False, allow_null=True, help_text="A member.")


class TaskIn(TaskChangeIn):
    """A new task."""

    title = Text(max_length=200)
    contact = RowId(required=False)


class TaskOut(serializers.ModelSerializer):
    """A task."""

    priority = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = [
            "id", "contact", "assignee", "title", "notes", "list_name", "due_at", "priority", "state", "done_at",
            "created_by", "created_at", "updated_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=list(PRIORITIES)))
    def get_priority(self, row: Task) -> str:
        return next(name for name, value in PRIORITIES.items() if value == row.priority)


class TaskQuery(serializers.Serializer):
    """Which tasks."""

    contact = QueryId(required=False)
    assignee = QueryId(required=False)
    state = WordChoice(words=tuple(TaskState.values), required=False)
    list_name = serializers.CharField(required=False, max_length=60)


class ClockIn(serializers.Serializer):
    """A person's time zone."""

    zone = PatternText(pattern=ZONE, max_length=50, help_text="Such as America/Sao_Paulo.")


class ClockOut(serializers.ModelSerializer):
    """A person's time zone, and the secret address of their calendar."""

    calendar_url = serializers.SerializerMethodField()

    class Meta:
        model = PersonalClock
        fields = ["contact", "zone", "source", "calendar_url"]

    @extend_schema_field(serializers.URLField())
    def get_calendar_url(self, row: PersonalClock) -> str:
        return feed_url(row)


def feed_url(row: PersonalClock) -> str:
    """Return the address that a calendar program subscribes to."""
    from django.conf import settings

    return f"{settings.PUBLIC_URL}/calendar/{row.feed_token}.ics"
