"""The API of reminders and their occurrences."""

from __future__ import annotations

from datetime import time
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from messaging.models import Contact
from reminders import services as reminders
from reminders.api.shared import call_service, named_contact
from reminders.fields import OccurrenceOut, ReminderChangeIn, ReminderIn, ReminderOut, ReminderQuery
from reminders.models import Occurrence, Reminder
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.problems import Conflict

MANNER = ("way", "miss_policy", "grace_minutes")
REMINDER: dict[str, Any] = {
    "id": 3, "contact": 7, "text": "Take the pill", "first": "2027-01-05T09:00:00", "zone": "America/Sao_Paulo",
    "rule": "FREQ=WEEKLY;BYDAY=TU", "last_on": None, "quiet": None, "way": "message", "miss_policy": "drop",
    "grace_minutes": 60, "state": "active", "next_at": "2027-01-05T12:00:00Z", "created_by": "key:core",
    "created_at": "2026-11-26T12:00:00Z", "updated_at": "2026-11-26T12:00:00Z",
}  # fmt: skip
OCCURRENCE: dict[str, Any] = {
    "id": 11, "occurs_at": "2027-01-05T12:00:00Z", "wanted_at": "2027-01-05T12:00:00Z", "state": "done",
    "outcome": "sent", "reason": "", "message": 42, "delivery": "read", "answer": "done",
    "answered_at": "2027-01-05T12:03:00Z", "ended_at": "2027-01-05T12:00:01Z",
}  # fmt: skip


class Reminders(TenantView):  # GET, POST /api/reminders
    """Reminders of all contacts, the newest first."""

    needs = {"GET": "reminders.see", "POST": "reminders.add"}

    @describe("List reminders", gives=ReminderOut, asks=ReminderQuery, is_page=True, answer=REMINDER)
    def get(self, request: Request) -> Response:
        asked = self.validated_query(ReminderQuery)
        rows = Reminder.objects.of(self.tenant)
        if "before" in asked:
            rows = rows.filter(next_at__lt=asked.pop("before"))
        return self.paginated(rows.filter(**asked), ("-id",), ReminderOut)

    @describe(
        "Create a reminder", takes=ReminderIn, gives=ReminderOut, status=201, creates=True,
        example={"contact": 7, "text": "Take the pill", "first": "2027-01-05T09:00", "rule": "FREQ=WEEKLY;BYDAY=TU"},
        answer=REMINDER,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        wanted = self.validated_body(ReminderIn)
        contact = named_contact(self.tenant, wanted["contact"])
        return self.create_once(lambda: self._create(contact, wanted))

    def _create(self, contact: Contact, wanted: dict[str, Any]) -> Response:
        zone = wanted.get("zone") or reminders.clock_of(contact=contact).zone
        row = call_service(
            lambda: reminders.create_reminder(
                contact=contact, text=wanted["text"], by=self.actor,
                when=reminders.WantedTimes(
                    first=wanted["first"], zone=zone, rule=wanted.get("rule", ""), last_on=wanted.get("last_on")
                ),
                manner=reminders.DeliveryManner(quiet=_quiet(wanted.get("quiet")), **_picked(wanted, MANNER)),
            )
        )  # fmt: skip
        return Response(ReminderOut(row).data, status=201)


class ReminderView(TenantView):
    """Base of the views of one reminder."""

    needs = {"GET": "reminders.see", "PATCH": "reminders.edit", "POST": "reminders.act"}

    def reminder(self, pk: int) -> Reminder:
        """Return the tenant's reminder with this id, or raise 404."""
        row: Reminder = get_object_or_404(Reminder.objects.of(self.tenant).select_related("tenant", "contact"), pk=pk)
        return row

    def done(self, pk: int, was_done: bool) -> Response:
        """Return the reminder as it is now; raises Conflict when its state did not allow the change."""
        row = self.reminder(pk)
        if not was_done:
            raise Conflict(f"Not possible for a reminder that is {row.state}.")
        return Response(ReminderOut(row).data)


class OneReminder(ReminderView):  # GET, PATCH /api/reminders/<pk>
    """One reminder."""

    @describe("Read a reminder", gives=ReminderOut, answer=REMINDER)
    def get(self, request: Request, pk: int) -> Response:
        return Response(ReminderOut(self.reminder(pk)).data)

    @describe(
        "Change a reminder", takes=ReminderChangeIn, gives=ReminderOut, problems=(409,),
        example={"text": "Take two pills"}, answer=REMINDER | {"text": "Take two pills"},
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        row, wanted = self.reminder(pk), self.validated_body(ReminderChangeIn, partial=True)
        changes: dict[str, Any] = _picked(wanted, ("text", *MANNER))
        if "quiet" in wanted:
            begin, end = _quiet(wanted["quiet"]) or (None, None)
            changes |= {"quiet_from": begin, "quiet_to": end}
        if {"first", "zone", "rule", "last_on"} & set(wanted):
            is_same_time = not {"first", "zone"} & set(wanted)
            when = reminders.WantedTimes(
                first=wanted.get("first", row.schedule.first), zone=wanted.get("zone", row.zone),
                rule=wanted.get("rule", row.rule), last_on=wanted.get("last_on", row.last_on),
                fold=row.fold if is_same_time else 0, is_moment=row.is_moment and is_same_time,
            )  # fmt: skip
            changes |= call_service(when.fields)
        changed = call_service(lambda: reminders.change_reminder(reminder=row, by=self.actor, **changes))
        return Response(ReminderOut(changed).data)


class PauseReminder(ReminderView):  # POST /api/reminders/<pk>/pause
    """Let its times pass in silence."""

    @describe("Pause a reminder", gives=ReminderOut, problems=(409,), answer=REMINDER | {"state": "paused"})
    def post(self, request: Request, pk: int) -> Response:
        return self.done(pk, reminders.pause_reminder(reminder=self.reminder(pk), by=self.actor))


class ResumeReminder(ReminderView):  # POST /api/reminders/<pk>/resume
    """Go on with the next time from now."""

    @describe("Resume a reminder", gives=ReminderOut, problems=(409,), answer=REMINDER)
    def post(self, request: Request, pk: int) -> Response:
        return self.done(pk, reminders.resume_reminder(reminder=self.reminder(pk), by=self.actor))


class CancelReminder(ReminderView):  # POST /api/reminders/<pk>/cancel
    """End it for good."""

    @describe("Cancel a reminder", gives=ReminderOut, problems=(409,), answer=REMINDER | {"state": "cancelled"})
    def post(self, request: Request, pk: int) -> Response:
        return self.done(pk, reminders.cancel_reminder(reminder=self.reminder(pk), by=self.actor))


class Occurrences(ReminderView):  # GET /api/reminders/<pk>/occurrences
    """The times of a reminder: what became of each, and the one that waits."""

    @describe("List the times of a reminder", gives=OccurrenceOut, is_page=True, answer=OCCURRENCE)
    def get(self, request: Request, pk: int) -> Response:
        rows = Occurrence.objects.of(self.tenant).filter(reminder=self.reminder(pk)).select_related("message")
        return self.paginated(rows, ("-occurs_at", "-id"), OccurrenceOut)


def _picked(wanted: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: wanted[name] for name in names if name in wanted}


def _quiet(wanted: dict[str, str] | None) -> tuple[time, time] | None:
    return (time.fromisoformat(wanted["begin"]), time.fromisoformat(wanted["end"])) if wanted else None
