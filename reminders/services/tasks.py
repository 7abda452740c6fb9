"""Services of tasks."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from common.text.plain import clean
from messaging.models import Contact
from reminders.models import Task, TaskState
from reminders.services.reminders import ReminderRefused
from tenants.models import Member, Tenant
from tenants.services import record

MAX_OPEN = 500


@transaction.atomic
def create_task(
    *, tenant: Tenant, title: str, by: str, contact: Contact | None = None, assignee: Member | None = None, **more: Any
) -> Task:
    """Create a task; raises ReminderRefused."""
    if (
        contact is not None
        and Task.objects.of(tenant).filter(contact=contact, state=TaskState.OPEN).count() >= MAX_OPEN
    ):
        raise ReminderRefused(f"This contact has {MAX_OPEN} open tasks.", "contact")
    title = clean(title).strip()[:200]
    if not title:
        raise ReminderRefused("Say what is to be done.", "title")
    row: Task = Task.objects.create(
        tenant=tenant, title=title, contact=contact, assignee=assignee, created_by=by[:100], **more
    )
    record(tenant=tenant, actor=by, action="task_created", subject=row)
    return row


@transaction.atomic
def change_task(*, task: Task, by: str, **changes: Any) -> Task:
    """Change a task's text, time, place or assignee."""
    if "title" in changes and not clean(changes["title"]).strip():
        raise ReminderRefused("Say what is to be done.", "title")
    Task.objects.filter(pk=task.pk).update(**changes, updated_at=Now())
    record(tenant=task.tenant, actor=by, action="task_changed", subject=task, changed=sorted(changes))
    task.refresh_from_db()
    return task


def complete_task(*, task: Task, by: str) -> bool:
    """Mark a task as done; returns False when it was not open."""
    return _change_state(task, TaskState.OPEN, TaskState.DONE, by, "task_done", done_at=Now())


def reopen_task(*, task: Task, by: str) -> bool:
    """Open a task again; returns False when it is open."""
    if task.state == TaskState.OPEN:
        return False
    return _change_state(task, TaskState(task.state), TaskState.OPEN, by, "task_reopened", done_at=None)


def cancel_task(*, task: Task, by: str) -> bool:
    """Cancel a task; returns False when it was not open."""
    return _change_state(task, TaskState.OPEN, TaskState.CANCELLED, by, "task_cancelled")


@transaction.atomic
def _change_state(task: Task, before: TaskState, now: TaskState, by: str, action: str, **more: Any) -> bool:
    won = Task.objects.filter(pk=task.pk, state=before).update(state=now, updated_at=Now(), **more)
    if won:
        record(tenant=task.tenant, actor=by, action=action, subject=task)
        task.refresh_from_db()
    return bool(won)
