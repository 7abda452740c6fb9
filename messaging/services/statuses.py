"""Delivery statuses of our messages, in whatever order the provider sends them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce
from django.utils import timezone

from common.db.compiled import CompiledQuery, CompiledUpdate, Slot
from common.text.numbers import parse_whole_number
from common.text.phone_numbers import spellings
from common.text.redaction import redact
from common.work.rows import State, now_plus_seconds
from messaging.models import Attempt, Channel, ContactAddress, Conversation, Direction, Message, PendingStatus
from messaging.providers.base import RANK, AddressKind, DeliveryStatus, SentEcho, StatusUpdate
from messaging.services import events
from messaging.services.contacts import opt_out
from messaging.services.outgoing import is_written

# The states that a status may end: no worker has the message, and it has not ended by itself.
OPEN = (State.UNCERTAIN, State.QUEUED, State.HELD)
LEFT_SECONDS = 3600


@transaction.atomic(savepoint=False)
def record_status(*, channel: Channel, update: StatusUpdate) -> Message | None:
    """Raise a message's delivery to the status, never lower it.

    A status of an unknown message is stored and joined later.
    """
    message = _by_reference(channel, update.reference) or _by_external_id(channel, update.external_id)
    if message is not None and message.direction == Direction.IN:
        return message
    if message is None:
        PendingStatus.objects.bulk_create(
            [
                PendingStatus(
                    channel=channel,
                    external_id=update.external_id,
                    status=str(update.status),
                    at=update.at,
                    error_code=update.error_code[:40],
                    error_text=redact(update.error_text, 500),
                    opted_out=bool(update.data.get("opted_out")),
                )
            ],
            ignore_conflicts=True,
        )
        # The message's id may be stored just now. Whichever transaction commits last sees the other and joins the two.
        transaction.on_commit(lambda: _join_late(channel, update.external_id), robust=True)
        return None
    if not message.external_id and update.external_id:
        _store_external_id(message, update.external_id)
    apply_status(
        message=message,
        status=update.status,
        at=update.at,
        error_code=update.error_code,
        error_text=update.error_text,
    )
    if update.data.get("opted_out"):
        opt_out(contact=message.conversation.contact, by="provider")
    return message


def join_pending(*, message: Message) -> int:
    """Apply the statuses that came before this message's id was known; returns how many."""
    if not message.external_id:
        return 0
    waiting = _PENDING.all(channel=message.channel_id, external_id=message.external_id)
    if waiting:
        _join(message, waiting)
    return len(waiting)


def join_leftover_statuses(*, limit: int = 500) -> int:
    """Join statuses that nobody joined because a process ended between two commits; returns how many messages.

    A scheduled job.
    """
    named = Message.objects.filter(
        channel=OuterRef("channel"), external_id=OuterRef("external_id"), direction=Direction.OUT
    )
    left = PendingStatus.objects.filter(Exists(named), created_at__gt=now_plus_seconds(-LEFT_SECONDS))
    rows = left.select_related("channel__tenant").order_by("pk")[:limit]
    found = {(row.channel_id, row.external_id): row.channel for row in rows}
    for (_, external_id), channel in found.items():
        _join_late(channel, external_id)
    return len(found)


@transaction.atomic
def _join(message: Message, waiting: Sequence[PendingStatus]) -> None:
    for status in waiting:
        apply_status(
            message=message,
            status=DeliveryStatus(status.status),
            at=status.at,
            error_code=status.error_code,
            error_text=status.error_text,
        )
        if status.opted_out:
            opt_out(contact=message.conversation.contact, by="provider")
        status.delete()


@transaction.atomic
def _join_late(channel: Channel, external_id: str) -> None:
    message = _by_external_id(channel, external_id)
    if message is not None:
        join_pending(message=message)


def apply_status(
    *, message: Message, status: DeliveryStatus, at: Any = None, error_code: str = "", error_text: str = ""
) -> bool:
    """Raise a message's delivery to `status`; returns False when it is higher already.

    Any status proves that an uncertain message was accepted, so it is done (or dead, when the status is failed).
    """
    raised = _raise(status).run(pk=message.pk, at=at or timezone.now(), error_code=error_code[:40])
    if status == DeliveryStatus.FAILED:
        if raised:
            events.emit_failed(message, error_text or "the provider failed it", error_code)
            _end(message, State.DEAD, error_text or f"the provider failed it ({error_code or 'no code'})")
    else:
        if raised:
            events.emit_sent(message)  # once, however many statuses come: the first one may prove an uncertain send
        if message.state != State.DONE:  # what is done stays done
            _end(message, State.DONE, "", states=(*OPEN, State.DEAD, State.IGNORED) if raised else OPEN)
    return bool(raised)


@cache
def _raise(status: DeliveryStatus) -> CompiledUpdate[Message]:
    at: Any = Slot("at", models.DateTimeField())
    changes: dict[str, Any] = {"delivery": str(status), "delivery_rank": RANK[status]}
    if RANK[status] >= RANK[DeliveryStatus.DELIVERED]:
        changes["delivered_at"] = Coalesce(models.F("delivered_at"), at)
    if RANK[status] >= RANK[DeliveryStatus.READ]:
        changes["read_at"] = Coalesce(models.F("read_at"), at)
    if status == DeliveryStatus.FAILED:
        changes["error_code"] = Slot("error_code")
    return CompiledUpdate(lambda: Message.objects.filter(pk=Slot("pk"), delivery_rank__lt=RANK[status]), **changes)


@transaction.atomic
def record_echo(*, channel: Channel, echo: SentEcho) -> Message | None:
    """Record an echo of a message that the provider's API sent for us: the proof that an uncertain send went out."""
    known = _by_external_id(channel, echo.external_id)
    if known is not None:
        return known
    values = [spelling for address in echo.recipient.addresses for spelling in spellings(address.value)]
    candidates = Message.objects.filter(
        channel=channel,
        direction=Direction.OUT,
        external_id="",
        state__in=[State.UNCERTAIN, State.WORKING],
        conversation__in=Conversation.objects.filter(
            channel=channel,
            contact__in=ContactAddress.objects.of(channel.tenant)
            .filter(kind__in=list(AddressKind), value__in=values)
            .values("contact"),
        ),
    ).order_by("pk")
    candidate: Message | None = next((message for message in candidates if is_written(message, echo.text)), None)
    if candidate is None:
        return None
    candidate.tenant = channel.tenant
    _store_external_id(candidate, echo.external_id)
    apply_status(message=candidate, status=DeliveryStatus.ACCEPTED)
    return candidate


def _store_external_id(message: Message, external_id: str) -> None:
    """Store the provider's id of a message; statuses that came before it under that id are joined."""
    if Message.objects.filter(pk=message.pk, external_id="").update(external_id=external_id):
        message.external_id = external_id
        # One that is being stored at this moment is seen only after both have committed.
        transaction.on_commit(lambda: join_pending(message=message), robust=True)


def _end(message: Message, state: State, reason: str, *, states: tuple[State, ...] | None = None) -> None:
    rows = Message.objects.filter(pk=message.pk)
    rows = rows.filter(state__in=states) if states else rows.exclude(state=State.WORKING)
    if states:
        # A message that was never tried cannot have a status; one that was tried may wait for its resend, or for a
        # person.
        rows = rows.filter(Exists(Attempt.objects.filter(message=OuterRef("pk"))))
    rows.update(state=state, token=None, lease_until=None, held_by="", last_error=redact(reason, 500))


_PENDING: CompiledQuery[PendingStatus] = CompiledQuery(
    lambda: PendingStatus.objects.filter(channel=Slot("channel"), external_id=Slot("external_id"))
)


_BY_REFERENCE: CompiledQuery[Message] = CompiledQuery(
    lambda: Message.objects.filter(pk=Slot("pk"), channel=Slot("channel"), direction=Direction.OUT)
)
_BY_EXTERNAL_ID: CompiledQuery[Message] = CompiledQuery(
    lambda: Message.objects.called(Slot("external_id"), channel=Slot("channel"))
)


def _by_reference(channel: Channel, reference: str) -> Message | None:
    pk = parse_whole_number(reference)
    return None if pk is None else _of(channel, _BY_REFERENCE.first(pk=pk, channel=channel.pk))


def _by_external_id(channel: Channel, external_id: str) -> Message | None:
    if not external_id:
        return None
    return _of(channel, _BY_EXTERNAL_ID.first(channel=channel.pk, external_id=external_id))


def _of(channel: Channel, row: Message | None) -> Message | None:
    """Return the message with the tenant of its channel set, which saves a query."""
    if row is not None:
        row.tenant = channel.tenant
    return row
