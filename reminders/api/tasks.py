"""The API of tasks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from reminders import services as reminders
from reminders.api.shared import call_service, named_contact
from reminders.fields import PRIORITIES, TaskChangeIn, TaskIn, TaskOut, TaskQuery
from reminders.models import Task
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.models import Member, Tenant
from tenants.problems import Conflict

TASK: dict[str, Any] = {
    "id": 4, "contact": 7, "assignee": None, "title": "Send the invoice", "notes": "", "list_name": "office",
    "due_at": "2027-01-05T12:00:00Z", "priority": "high", "state": "open", "done_at": None, "created_by": "key:core",
    "created_at": "2026-11-26T12:00:00Z", "updated_at": "2026-11-26T12:00:00Z",
}  # fmt: skip


class Tasks(TenantView):  # GET, POST /api/tasks
    """Tasks, the newest first."""

    needs = {"GET": "tasks.see", "POST": "tasks.add"}

    @describe("List tasks", gives=TaskOut, asks=TaskQuery, is_page=True, answer=TASK)
    def get(self, request: Request) -> Response:
        return self.paginated(Task.objects.of(self.tenant).filter(**self.validated_query(TaskQuery)), ("-id",), TaskOut)

    @describe(
        "Create a task", takes=TaskIn, gives=TaskOut, status=201, creates=True,
        example={"contact": 7, "title": "Send the invoice", "priority": "high"}, answer=TASK,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        wanted = _task_fields(self.tenant, self.validated_body(TaskIn))
        return self.create_once(lambda: self._create(wanted))

    def _create(self, wanted: dict[str, Any]) -> Response:
        row = call_service(lambda: reminders.create_task(tenant=self.tenant, by=self.actor, **wanted))
        return Response(TaskOut(row).data, status=201)


class TaskView(TenantView):
    """Base of the views of one task."""

    needs = {"GET": "tasks.see", "PATCH": "tasks.edit", "POST": "tasks.act"}

    def task(self, pk: int) -> Task:
        """Return the tenant's task with this id, or raise 404."""
        row: Task = get_object_or_404(Task.objects.of(self.tenant).select_related("tenant"), pk=pk)
        return row

    def change_state(self, pk: int, service: Callable[..., bool]) -> Response:
        """Call the service and return the task; raises Conflict when its state does not allow it."""
        row = self.task(pk)
        if not service(task=row, by=self.actor):
            raise Conflict(f"Not possible for a task that is {row.state}.")
        return Response(TaskOut(self.task(pk)).data)


class OneTask(TaskView):  # GET, PATCH /api/tasks/<pk>
    """One task."""

    @describe("Read a task", gives=TaskOut, answer=TASK)
    def get(self, request: Request, pk: int) -> Response:
        return Response(TaskOut(self.task(pk)).data)

    @describe(
        "Change a task", takes=TaskChangeIn, gives=TaskOut, example={"priority": "low"},
        answer=TASK | {"priority": "low"},
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        row, wanted = self.task(pk), _task_fields(self.tenant, self.validated_body(TaskChangeIn, partial=True))
        changed = call_service(lambda: reminders.change_task(task=row, by=self.actor, **wanted))
        return Response(TaskOut(changed).data)


class CompleteTask(TaskView):  # POST /api/tasks/<pk>/complete
    """It is done."""

    @describe("Complete a task", gives=TaskOut, problems=(409,), answer=TASK | {"state": "done"})
    def post(self, request: Request, pk: int) -> Response:
        return self.change_state(pk, reminders.complete_task)


class ReopenTask(TaskView):  # POST /api/tasks/<pk>/reopen
    """It is to be done again."""

    @describe("Reopen a task", gives=TaskOut, problems=(409,), answer=TASK)
    def post(self, request: Request, pk: int) -> Response:
        return self.change_state(pk, reminders.reopen_task)


class CancelTask(TaskView):  # POST /api/tasks/<pk>/cancel
    """Nobody need do it."""

    @describe("Cancel a task", gives=TaskOut, problems=(409,), answer=TASK | {"state": "cancelled"})
    def post(self, request: Request, pk: int) -> Response:
        return self.change_state(pk, reminders.cancel_task)


def _task_fields(tenant: Tenant, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with the rows they name; a row of another tenant counts as missing."""
    found = dict(wanted)
    if "contact" in found:
        found["contact"] = named_contact(tenant, found["contact"])
    if found.get("assignee") is not None:
        found["assignee"] = Member.objects.of(tenant).filter(pk=found["assignee"]).first()
        if found["assignee"] is None:
            raise ValidationError({"assignee": ["There is no member with this id."]})
    if "priority" in found:
        found["priority"] = PRIORITIES[found["priority"]]
    return found
