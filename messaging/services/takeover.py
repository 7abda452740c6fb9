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

CLOCK = "clock"  # resumes without anybody's act


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
    """Keep the assistant silent until somebody resumes it, or until a time.

    The row is locked first: after this commits no assistant's message of the conversation is committed or sent. What
    the assistant had queued is withdrawn. Pausing again keeps the start and moves the time; without a time, later only.
    `said_at` is the moment of the act where we learn of it later: the usual hours count from then.
    """
    row = lock(conversation)
    now = timezone.now()
    was_paused = row.is_paused
    row.paused_at = row.paused_at or now
    row.fence += 1
    row.paused_by = str(by)
    row.pause_reason = reason[:200]
    acted_at = now if said_at is None else said_at
    if until is not None or row.resume_at is None or row.resume_at < acted_at + usual_time(row.tenant):
        # Words of a person say no time: they never shorten the one that was asked for.
        row.resume_at = until
    row.last_human_at = max(acted_at, row.last_human_at) if row.last_human_at is not None else acted_at
    row.save(update_fields=["paused_at", "fence", "paused_by", "pause_reason", "resume_at", "last_human_at"])
    withdraw(conversation=row, reason="paused")
    if not was_paused:
        record(tenant=row.tenant, actor=actor or str(by), action="paused", subject=row, by=str(by))
        events.paused(row)
        logger.info("paused", extra={"tenant_id": row.tenant_id, "conversation_id": row.pk, "by": str(by)})
    return row


@transaction.atomic
def resume(*, conversation: Conversation, actor: str) -> Conversation:
    """Hand the conversation back to the assistant. Starts no turn: the next message does, and sees everything."""
    row = lock(conversation)
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
    events.resumed(row, actor)
    logger.info("resumed", extra={"tenant_id": row.tenant_id, "conversation_id": row.pk, "by": actor})
    return row


@transaction.atomic
def fence(*, conversation: Conversation, reason: str) -> Conversation:
    """Take back what the assistant was going to say, and let a turn that is under way say nothing; pauses nobody."""
    row = lock(conversation)
    row.fence += 1
    row.save(update_fields=["fence"])
    withdraw(conversation=row, reason=reason)
    return row


def auto_resume(*, limit: int = 1000) -> int:
    """Resume every conversation whose time is up; returns how many.

    The time is the one given with the pause, else `resume_after_hours` of the tenant (or the installation) after the
    last human message.
    """
    resumed = 0
    for tenant in Tenant.objects.filter(is_active=True):
        usual = usual_time(tenant)
        paused = Conversation.objects.of(tenant).filter(paused_at__isnull=False)
        timed = paused.filter(resume_at__lte=Now())
        silent = paused.filter(resume_at=None, last_human_at__lte=Now() - usual)
        for conversation in [*timed[:limit], *silent[:limit]]:
            resumed += _resume_if_still_due(conversation, usual)
    logger.info("auto_resumed", extra={"count": resumed})
    return resumed


def lock(conversation: Conversation) -> Conversation:
    """The conversation's row, locked until the transaction ends, with its channel, contact and tenant."""
    return lock_by_id(conversation.pk)


def lock_by_id(pk: int) -> Conversation:
    """The same for a conversation of which only the id is at hand."""
    return _LOCKED.get(pk=pk)


def lock_of(*, channel: Channel, contact: Contact) -> Conversation | None:
    """The same for the conversation of a contact on a channel, if there is one."""
    return _LOCKED_OF.first(channel=channel.pk, contact=contact.pk)


def _lockable() -> Any:
    return Conversation.objects.select_related("channel", "contact", "tenant").select_for_update(
        of=("self",), no_key=True
    )


_LOCKED: CompiledQuery[Conversation] = CompiledQuery(lambda: _lockable().filter(pk=Slot("pk")))
_LOCKED_OF: CompiledQuery[Conversation] = CompiledQuery(
    lambda: _lockable().filter(channel=Slot("channel"), contact=Slot("contact"))
)


def withdraw(*, conversation: Conversation, reason: str) -> int:
    """Take back what the assistant has said but not yet sent; the conversation's row must be locked."""
    return (
        Message.objects.filter(
            # A notice written by the assistant announces that a person will come: now one is there.
            Q(purpose=Purpose.ASSISTANT) | Q(purpose=Purpose.NOTICE, author="assistant"),
            conversation=conversation,
            direction=Direction.OUT,
            state__in=[State.QUEUED, State.HELD],
        )
        .exclude(resends__gt=0)
        .update(state=State.IGNORED, last_error=reason, held_by="")
    )


def usual_time(tenant: Tenant) -> timedelta:
    """How long the assistant keeps silent after the last word of a person."""
    hours = settings.RESUME_AFTER_HOURS if tenant.resume_after_hours is None else tenant.resume_after_hours
    return timedelta(hours=hours)


@transaction.atomic
def _resume_if_still_due(conversation: Conversation, usual: timedelta) -> int:
    row = lock(conversation)
    now = timezone.now()
    if not row.is_paused or row.last_human_at is None:
        return 0
    due = row.resume_at or row.last_human_at + usual
    if due > now + timedelta(seconds=5):
        return 0
    resume(conversation=row, actor=CLOCK)
    return 1
