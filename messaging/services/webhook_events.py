"""Store a provider's webhook, then process each of its items."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from common import context
from common.db.inserts import CompiledInsert
from common.text.phone_numbers import comparison_key
from common.text.redaction import redact
from common.work.queue import enqueue
from common.work.rows import LeaseLost, State
from messaging.models import Channel, PendingStatus, WebhookEvent, WebhookItem
from messaging.providers import PROVIDERS
from messaging.providers.base import (
    NOTE_TO_SELF,
    BadBody,
    ChannelUpdate,
    ContactUpdate,
    Ignored,
    InboundMessage,
    Item,
    MessageChange,
    RawItem,
    SentEcho,
    StatusUpdate,
)
from messaging.services.channels import update_channel_state
from messaging.services.edits import TargetMissing, change_message, update_contact
from messaging.services.owner import TryAgainSoon, receive_from_owner
from messaging.services.receiving import HandlingFailed, receive
from messaging.services.statuses import record_echo, record_status

logger = logging.getLogger("frontdesk.webhooks")

RAW_BODY_DAYS = 7
LOOK_AGAIN_SECONDS = 2.0
RENEW_SECONDS = 10.0


def store_webhook(*, provider: str, body: bytes, channel: Channel | None, ignored: str = "") -> WebhookEvent:
    """Store a verified request unchanged; a task processes it later."""
    fields: dict[str, Any] = {
        "provider": provider,
        "channel": channel,
        "body": body,
        "received_at": timezone.now(),
        "is_status": PROVIDERS[provider].has_only_statuses(body),
        "state": State.IGNORED if ignored else State.QUEUED,
        "last_error": ignored,
        "attempts": 0,
        "crashes": 0,
        "request_id": context.current().request_id,
        "traceparent": context.current().traceparent,
    }
    event = WebhookEvent(pk=_KEEP.run(**fields | {"channel": channel.pk if channel else None}), **fields)
    event._state.adding = False
    ids = {"provider": provider, "event_id": event.pk, "channel_id": event.channel_id}
    logger.info("webhook_received", extra={**ids, "bytes": len(body)})
    if not ignored:
        enqueue(event.task, event.pk)
    return event


_KEEP: CompiledInsert[WebhookEvent] = CompiledInsert(
    WebhookEvent,
    *("provider", "channel", "body", "received_at", "is_status"),
    *("state", "last_error", "attempts", "crashes", "request_id", "traceparent"),
)


def process_event(event: WebhookEvent) -> None:
    """Process every item of a body; one that fails becomes a row of its own and does not stop the others."""
    try:
        items = PROVIDERS[event.provider].split(bytes(event.body))
    except BadBody as error:
        event.settle(State.DEAD, reason=f"unreadable body: {error}")
        return
    if event.crashes:  # it has ended a process: each item is tried alone, so that none stops the others
        _process_items(event, items)
        return
    if len(items) == 1:
        _process_single_item(event, items[0])
        return
    reasons = []
    renew_at = time.monotonic() + RENEW_SECONDS
    for item in items:
        if time.monotonic() >= renew_at:
            event.renew(settings.LEASE_SECONDS)
            renew_at = time.monotonic() + RENEW_SECONDS
        if reason := _process_or_store_failed(event, item):
            reasons.append(reason)
    if items and len(reasons) == len(items):
        event.settle(State.IGNORED, reason="; ".join(sorted(set(reasons))))
    else:
        event.settle(State.DONE, reason="" if items else "empty")


def process_item(row: WebhookItem) -> None:
    """Try an item that failed before once more."""
    raw = RawItem(external_id=row.external_id, channel=row.channel_named, account=row.account, data=row.data)
    try:
        reason = process_raw_item(event=row.event, raw=raw)
    except TryAgainSoon as error:
        # The send it waits for ends with its lease, so this is no failure: the owner's message must not become dead by
        # it.
        row.settle(State.QUEUED, reason=str(error), due_in=LOOK_AGAIN_SECONDS, attempts=F("attempts") - 1)
        return
    except TargetMissing as error:
        if row.attempts < row.max_attempts:
            row.fail(str(error))
        else:
            row.settle(State.IGNORED, reason=str(error))
        return
    row.settle(State.IGNORED if reason else State.DONE, reason=reason)


def process_raw_item(*, event: WebhookEvent, raw: RawItem, then: Callable[[str], object] = str) -> str:
    """Parse one item and apply it; returns the reason when it is ignored, "" when it was used.

    `then` is called with that result, in the same transaction.
    """
    channel = _channel_of(event, raw)
    if isinstance(channel, str):
        then(channel)
        return channel
    item = PROVIDERS[event.provider].parse(raw)
    # After a crash each message is also handled by a separate task.
    try:
        return _apply_once(channel, item, then, at_once=event.crashes == 0)
    except HandlingFailed:
        # The message itself is stored, whatever is wrong with a handler.
        logger.exception("handling_put_off", extra={"event_id": event.pk, "channel_id": channel.pk})
        return _apply_once(channel, item, then, at_once=False)


def replay(*, event: WebhookEvent) -> int:
    """Process a body again: what is stored already stays unchanged. Returns how many rows were requeued."""
    items = WebhookItem.objects.filter(event=event, state__in=[State.DEAD, State.IGNORED]).requeue()
    count = WebhookEvent.objects.filter(pk=event.pk).exclude(state=State.WORKING).requeue()
    enqueue(event.task, event.pk)
    return items + count


def delete_old_webhooks() -> int:
    """Delete raw bodies and unjoined statuses that are too old; dead ones stay. Returns how many."""
    limit = Now() - timedelta(days=RAW_BODY_DAYS)
    deleted = 0
    while True:
        old = WebhookEvent.objects.filter(received_at__lt=limit, state__in=[State.DONE, State.IGNORED])
        batch = list(old.exclude(items__state=State.DEAD).values_list("pk", flat=True)[:1000])
        if not batch:
            break
        deleted += WebhookEvent.objects.filter(pk__in=batch).delete()[0]
    deleted += PendingStatus.objects.filter(created_at__lt=limit).delete()[0]
    return deleted


@transaction.atomic
def _apply_once(channel: Channel, item: Item, then: Callable[[str], object], *, at_once: bool) -> str:
    reason = _apply(channel, item, at_once=at_once)
    then(reason)
    return reason


def _process_items(event: WebhookEvent, items: list[RawItem]) -> None:
    for item in items:
        enqueue("messaging.process_item", _row_of(event, item)[0].pk)
    event.settle(State.DONE, reason="" if items else "empty")


def _process_single_item(event: WebhookEvent, raw: RawItem) -> None:
    """Process the only item of a body and settle the body in the same transaction."""
    if _process_or_store_failed(event, raw, lambda reason: _settle(event, reason)) is None:
        _settle(event, "")


def _settle(event: WebhookEvent, reason: str) -> None:
    event.settle(State.IGNORED if reason else State.DONE, reason=reason)


def _process_or_store_failed(event: WebhookEvent, raw: RawItem, then: Callable[[str], object] = str) -> str | None:
    """Like `process_raw_item`; returns None when the item failed and was stored separately."""
    try:
        return process_raw_item(event=event, raw=raw, then=then)
    except LeaseLost:
        raise
    except Exception as error:  # noqa: BLE001 - said below
        # Whatever is wrong with one item, the others are processed; this one is tried again alone, then dead.
        logger.warning("item_failed", extra={"event_id": event.pk, "error": type(error).__name__})
        row, created = _row_of(event, raw, f"{type(error).__name__}: {error}")
        if not created:
            WebhookItem.objects.filter(pk=row.pk).retryable().requeue()
        WebhookItem.objects.filter(pk=row.pk).update(due_at=Now() + timedelta(seconds=LOOK_AGAIN_SECONDS))
        return None


def _row_of(event: WebhookEvent, raw: RawItem, error: str = "") -> tuple[WebhookItem, bool]:
    return WebhookItem.objects.get_or_create(
        event=event,
        channel_named=raw.channel[:128],
        external_id=_row_id(raw),
        defaults={"account": raw.account[:128], "data": dict(raw.data), "last_error": redact(error, 500)},
    )


def _row_id(raw: RawItem) -> str:
    if len(raw.external_id) <= 255:
        return raw.external_id
    return hashlib.sha256(raw.external_id.encode()).hexdigest()


def _channel_of(event: WebhookEvent, raw: RawItem) -> Channel | str:
    """Return the channel of an item, or the reason why it has none."""
    if event.channel is not None:
        channel = event.channel
        if raw.channel and raw.channel != channel.external_id:
            return "it names another channel"
    else:
        found = Channel.objects.select_related("tenant").filter(provider=event.provider, external_id=raw.channel)
        first = found.first() if raw.channel else None
        if first is None:
            return "unknown number" if raw.channel else "it names no channel"
        if "app_secret" in first.credentials:
            return "it is not covered by the signature"
        channel = first
    if not (channel.is_enabled and channel.tenant.is_active):
        return "channel disabled"
    return channel


def _apply(channel: Channel, item: Item, *, at_once: bool) -> str:
    match item:
        case InboundMessage() if _is_from_the_line_itself(channel, item):
            return NOTE_TO_SELF
        case InboundMessage(from_owner=True):
            receive_from_owner(channel=channel, inbound=item)
        case InboundMessage():
            receive(channel=channel, inbound=item, at_once=at_once)
        case StatusUpdate():
            record_status(channel=channel, update=item)
        case MessageChange():
            change_message(channel=channel, change=item)
        case SentEcho():
            record_echo(channel=channel, echo=item)
        case ContactUpdate():
            update_contact(channel=channel, update=item)
        case ChannelUpdate():
            update_channel_state(channel=channel, update=item)
        case Ignored():
            return item.reason
    return ""


def _is_from_the_line_itself(channel: Channel, inbound: InboundMessage) -> bool:
    """Return whether the chat is with the channel's own number, where its external id is that number or address."""
    if inbound.group is not None:
        return False
    own = comparison_key(channel.external_id)
    return any(comparison_key(address.value) == own for address in inbound.sender.addresses)
