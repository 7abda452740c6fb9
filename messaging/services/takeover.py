"""Who has the conversation: the assistant or a person."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from common.db.compiled import CompiledQuery, Slot
from common.work.rows import State
from messaging.models import Channel, Contact, Conversation, Direction, Message, Purpose
from messaging.models.conversations import PausedBy
from messaging.services import events
from tenants.models import Tenant
from tenants.services import record

logger = logging.getLogger("frontdesk.messaging")

CLOCK = "clock"  # resumes without a person's act


@transaction.atomic
def pause(
    *,
    conversation: Conversation,
    by: PausedBy | str,
    actor: str = "",
    reason: str = "",
    until: datetime | None = None,
    said_at: datetime | None = None,
) -> Conversation:
    """Pause the assistant until somebody resumes it, or until a time.

    The row is locked first: after this commits, no message of the assistant in this conversation is committed or sent.
    What the assistant had queued is withdrawn. Pausing again keeps the start and changes the time; without a time, only
    to a later one. `said_at` is the moment of an act that arrives late: the usual hours count from then.
    """
    row = lock_conversation(conversation)
    now = timezone.now()
    was_paused = row.is_paused
    row.paused_at = row.paused_at or now
    row.fence += 1
    row.paused_by = str(by)
    row.pause_reason = reason[:200]
    acted_at = now if said_at is None else said_at
    if until is not None or row.resume_at is None or row.resume_at < acted_at + usual_pause(row.tenant):
        # A person's message names no time, so it never shortens one that was requested.
        row.resume_at = until
    row.last_human_at = max(acted_at, row.last_human_at) if row.last_human_at is not None else acted_at
    row.save(update_fields=["paused_at", "fence", "paused_by", "pause_reason", "resume_at", "last_human_at"])
    withdraw_queued(conversation=row, reason="paused")
    if not was_paused:
        record(tenant=row.tenant, actor=actor or str(by), action="paused", subject=row, by=str(by))
        events.emit_paused(row)
        logger.info("paused", extra={"tenant_id": row.tenant_id, "conversation_id": row.pk, "by": str(by)})
    return row


@transaction.atomic
def resume(*, conversation: Conversation, actor: str) -> Conversation:
    """Give the conversation back to the assistant. It starts no turn: the next message does, and sees everything."""
    row = lock_conversation(conversation)
    if not row.is_paused:
        return row
    row.paused_at = None
    row.paused_by = ""
    row.pause_reason = ""
    row.resume_at = None
    if actor != CLOCK:
        row.resumed_at = timezone.now()
    row.save(update_fields=["paused_at", "paused_by", "pause_reason", "resume_at", "resumed_at"])
    record(tenant=row.tenant, actor=actor, action="resumed", subject=row)
    events.emit_resumed(row, actor)
    logger.info("resumed", extra={"tenant_id": row.tenant_id, "conversation_id": row.pk, "by": actor})
    return row


@transaction.atomic
def raise_fence(*, conversation: Conversation, reason: str) -> Conversation:
    """Withdraw the assistant's queued messages, and let a running turn send nothing; pauses nobody."""
    row = lock_conversation(conversation)
    row.fence += 1
    row.save(update_fields=["fence"])
    withdraw_queued(conversation=row, reason=reason)
    return row


def auto_resume(*, limit: int = 1000) -> int:
    """Resume every conversation whose pause has expired; returns how many.

    The time is the one given with the pause, else `resume_after_hours` of the tenant (or the installation) after the
    last human message.
    """
    resumed = 0
    for tenant in Tenant.objects.filter(is_active=True):
        usual = usual_pause(tenant)
        paused = Conversation.objects.of(tenant).filter(paused_at__isnull=False)
        timed = paused.filter(resume_at__lte=Now())
        silent = paused.filter(resume_at=None, last_human_at__lte=Now() - usual)
        for conversation in [*timed[:limit], *silent[:limit]]:
            resumed += _resume_if_still_due(conversation, usual)
    logger.info("auto_resumed", extra={"count": resumed})
    return resumed


def lock_conversation(conversation: Conversation) -> Conversation:
    """Lock the conversation row until the transaction ends; return it with channel, contact and tenant."""
    return lock_conversation_by_id(conversation.pk)


def lock_conversation_by_id(pk: int) -> Conversation:
    """Like `lock`, by the id."""
    return _LOCKED.get(pk=pk)


def find_and_lock_conversation(*, channel: Channel, contact: Contact) -> Conversation | None:
    """Like `lock`, for the conversation of a contact on a channel; None when there is none."""
    return _LOCKED_OF.first(channel=channel.pk, contact=contact.pk)


def _lockable() -> Any:
    return Conversation.objects.select_related("channel", "contact", "tenant").select_for_update(
        of=("self",), no_key=True
    )


_LOCKED: CompiledQuery[Conversation] = CompiledQuery(lambda: _lockable().filter(pk=Slot("pk")))
_LOCKED_OF: CompiledQuery[Conversation] = CompiledQuery(
    lambda: _lockable().filter(channel=Slot("channel"), contact=Slot("contact"))
)


def withdraw_queued(*, conversation: Conversation, reason: str) -> int:
    """Withdraw what the assistant has queued but not sent; the conversation's row must be locked."""
    return (
        Message.objects.filter(
            # A notice of the assistant announces that a person will come: now one is there.
            Q(purpose=Purpose.ASSISTANT) | Q(purpose=Purpose.NOTICE, author="assistant"),
            conversation=conversation,
            direction=Direction.OUT,
            state__in=[State.QUEUED, State.HELD],
        )
        .exclude(resends__gt=0)
        .update(state=State.IGNORED, last_error=reason, held_by="")
    )


def usual_pause(tenant: Tenant) -> timedelta:
    """Return how long the assistant stays paused after the last message of a person."""
    hours = settings.RESUME_AFTER_HOURS if tenant.resume_after_hours is None else tenant.resume_after_hours
    return timedelta(hours=hours)


@transaction.atomic
def _resume_if_still_due(conversation: Conversation, usual: timedelta) -> int:
    row = lock_conversation(conversation)
    now = timezone.now()
    if not row.is_paused or row.last_human_at is None:
        return 0
    due = row.resume_at or row.last_human_at + usual
    if due > now + timedelta(seconds=5):
        return 0
    resume(conversation=row, actor=CLOCK)
    return 1
