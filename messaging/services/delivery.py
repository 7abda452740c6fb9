"""The only sender: takes a message from the outbox and calls the provider."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils import timezone

from common.breakers import has_failures
from common.db.compiled import CompiledQuery, CompiledUpdate, Slot
from common.db.inserts import insert
from common.http.client import operator_client
from common.work.queue import enqueue
from common.work.rows import LeaseLost, State, backoff, literals
from messaging.models import Attempt, Channel, Direction, Message, WebhookEvent
from messaging.providers.base import RANK, DeliveryStatus, Outcome, ProviderError, Sent
from messaging.queries import account_of, provider_of
from messaging.services import events, send_limits, slow_workers
from messaging.services.contacts import changed_address, opt_out, store_provider_address
from messaging.services.outgoing import DeadlineHttp, outbound_message
from messaging.services.previews import show_outbound
from messaging.services.refusals import find_refusal
from messaging.services.statuses import apply_status, join_pending
from messaging.services.takeover import lock_conversation_by_id
from tenants.models import OutboundSwitch
from tenants.services import record

logger = logging.getLogger("frontdesk.messaging")

FAILED_LATER = "the provider failed it after accepting it"
RETRY_CAP_SECONDS = 20.0
STATUS_EXPECTED_WITHIN = timedelta(seconds=60)  # a status for a send with unknown result is expected within this time
UNREAD_SECONDS = 1.0  # between two checks whether that status was processed
# between two checks whether the conversation's earlier message was sent; that one also sends a wake-up
MUST_WAIT_SECONDS = 1.0


def deliver(message: Message) -> None:
    """Send one claimed message: check under the lock, store the attempt, commit, then call the provider."""
    # The token bucket is one row for the whole channel: release it before the commit below waits for the disk.
    wait = send_limits.use_token(channel=message.channel, is_bulk=message.rules.is_bulk)
    if wait > 0:
        message.settle(State.QUEUED, due_in=wait, attempts=message.attempts - 1)
        return
    attempt = _begin(message)
    if attempt is None:
        send_limits.return_token(channel=message.channel)
        return
    slow_workers.renew_or_mark_unsent(message, attempt)
    channel = message.channel
    try:
        outgoing, account = outbound_message(message), account_of(channel)
    except ProviderError as error:
        _refused(message, attempt, error)
        return
    except Exception:  # nothing was sent: recorded on the attempt, then raised
        _finish(attempt, "unsent")
        raise
    started = time.monotonic()
    try:
        http = DeadlineHttp(operator_client(), settings.SEND_TIMEOUT_SECONDS)
        sent = provider_of(channel).send(outgoing, account, http)
    except ProviderError as error:
        with slow_workers.store_answer_anyway(message, attempt, error):
            _refused(message, attempt, error)
    else:
        with slow_workers.store_answer_anyway(message, attempt, sent):
            _accepted(message, attempt, sent, ms=round((time.monotonic() - started) * 1000))


def release_held(*, held_by: tuple[str, ...] = ("switch", "channel"), **where: Any) -> int:
    """Send what a switch or a broken channel held, in order; too old messages are discarded. Returns how many."""
    held = Message.objects.filter(state=State.HELD, held_by__in=held_by, direction=Direction.OUT, **where)
    too_old = Now() - timedelta(hours=settings.RELEASE_MAX_AGE_HOURS)
    since = Coalesce("scheduled_at", "created_at")
    held.annotate(since=since).filter(since__lt=too_old).update(
        state=State.IGNORED, last_error="held too long to be sent late", held_by=""
    )
    return int(held.requeue(held_by=""))


@transaction.atomic
def _begin(message: Message) -> Attempt | None:
    """Check everything that may stop a send under the conversation's lock.

    Returns None when the message was settled here.
    """
    conversation = lock_conversation_by_id(message.conversation_id)
    message.conversation = conversation
    message.channel, message.tenant = conversation.channel, conversation.tenant
    key = send_limits.limits_key(message.channel_id)
    facts = _FACTS.first(pk=message.pk, mine=message.token, conversation=conversation.pk, channel_key=key)
    if facts is None:
        raise LeaseLost(f"message {message.pk}")
    if facts.is_uncertain and (_resolved_by_status(message) or _wait_for_unread_statuses(message)):
        return None
    refusal = find_refusal(message, facts)
    if refusal is not None:
        state, held_by, reason = refusal
        message.settle(state, reason=reason, held_by=held_by)
        if state != State.HELD:
            _wake_up_next(message)
        return None
    if facts.must_wait:
        message.settle(State.QUEUED, due_in=MUST_WAIT_SECONDS, attempts=message.attempts - 1)
        return None
    if facts.is_uncertain:
        message.resends += 1
        Message.objects.filter(pk=message.pk).update(resends=message.resends)
    slow_workers.renew_unless_fresh(message)
    attempt = Attempt(message=message)
    insert(attempt)
    attempt.channel_failed = facts.channel_failed
    return attempt


def _resolved_by_status(message: Message) -> bool:
    """Return whether a status has resolved an uncertain send meanwhile.

    Then it is finished, and nothing is sent again.
    """
    told = Message.objects.filter(pk=message.pk).values_list("delivery", flat=True).get()
    if told:
        failed = told == DeliveryStatus.FAILED
        message.settle(State.DEAD if failed else State.DONE, reason=FAILED_LATER if failed else "", held_by="")
        _wake_up_next(message)
    return bool(told)


def _wait_for_unread_statuses(message: Message) -> bool:
    """Wait while webhooks are unprocessed that came soon after a send with unknown result."""
    tried = Attempt.objects.filter(message=message, outcome=Outcome.UNCERTAIN)
    begun = tried.order_by("-pk").values_list("started_at", flat=True)[0]
    unread = WebhookEvent.objects.filter(
        state__in=[State.QUEUED, State.WORKING],
        due_at__lte=Now(),
        received_at__range=(begun, begun + STATUS_EXPECTED_WITHIN),
    )
    if not unread.filter(Q(channel=message.channel_id) | Q(channel=None)).exists():
        return False
    message.settle(State.QUEUED, due_in=UNREAD_SECONDS, attempts=message.attempts - 1)
    return True


@transaction.atomic
def _accepted(message: Message, attempt: Attempt, sent: Sent, *, ms: int) -> None:
    _finish(attempt, "accepted")
    if attempt.channel_failed:
        send_limits.record_success(channel=message.channel)
    external_id = sent.external_id[:255]
    after = _ACCEPTED.update_returning(
        pk=message.pk, mine=message.token, channel=message.channel_id, sent_id=external_id or message.external_id
    )
    if after is None:
        raise LeaseLost(f"message {message.pk}")
    message.state, message.external_id = State.DONE, external_id
    events.emit_sent(message)
    if message.scheduled_at is not None:
        show_outbound(message=message)  # until now it was planned, and answered nobody
    # Statuses that came before its id was known; one that is being stored now is seen after both have committed.
    transaction.on_commit(lambda: join_pending(message=message), robust=True)
    told = changed_address(conversation=message.conversation, known_as=sent.known_as)
    if told is not None:
        # Not under the lock of the message: code that locks both locks the conversation first.
        learn = partial(store_provider_address, conversation=message.conversation, address=told)
        transaction.on_commit(learn, robust=True)
    _wake_up(after["following"])
    logger.info("sent", extra=_ids(message) | {"ms": ms})


@transaction.atomic
def _refused(message: Message, attempt: Attempt, error: ProviderError) -> None:
    _finish(attempt, str(error.outcome), error)
    fields: dict[str, Any] = {"error_code": error.code[:40]}
    if error.outcome == Outcome.RETRY:
        _try_again(message, error)
    elif error.outcome == Outcome.UNCERTAIN:
        send_limits.record_failure(channel=message.channel)
        message.settle(State.UNCERTAIN, reason=error.reason, due_in=settings.UNCERTAIN_SECONDS, **fields)
    elif error.outcome == Outcome.AUTH:
        _stop_channel(message.channel, error.reason)
        message.settle(State.HELD, reason=error.reason, held_by="channel", **fields)
    elif error.closes_window:
        message.settle(State.HELD, reason=error.reason, held_by="window", **fields)
    else:
        send_limits.record_success(channel=message.channel)
        message.settle(State.DEAD, reason=error.reason, **fields)
        apply_status(message=message, status=DeliveryStatus.FAILED, error_code=error.code, error_text=error.reason)
    if error.opted_out:
        opt_out(contact=message.conversation.contact, by="provider")
    _wake_up_next(message)
    logger.warning("send_failed", extra=_ids(message) | {"outcome": str(error.outcome), "code": error.code})


def _try_again(message: Message, error: ProviderError) -> None:
    """Retry a message that was surely not sent, until it would come too slow_workers, however often that is."""
    wait = max(error.retry_after or 0.0, backoff(message.attempts, cap=RETRY_CAP_SECONDS))
    send_limits.record_failure(
        channel=message.channel, close_for=wait if error.whole_channel and error.retry_after else None
    )
    too_old = timezone.now() - timedelta(hours=settings.RELEASE_MAX_AGE_HOURS)
    if (message.scheduled_at or message.created_at) < too_old:
        message.settle(State.DEAD, reason=f"could not be sent in time: {error.reason}", error_code=error.code[:40])
        events.emit_failed(message, error.reason, error.code)
    else:
        message.settle(State.QUEUED, reason=error.reason, due_in=wait)


def _stop_channel(channel: Channel, reason: str) -> None:
    stopped = Channel.objects.filter(pk=channel.pk, problem="").update(problem=reason[:300])
    if stopped:
        record(tenant=channel.tenant, actor="provider", action="channel_stopped", subject=channel)
        logger.error("channel_stopped", extra={"tenant_id": channel.tenant_id, "channel_id": channel.pk})


def _finish(attempt: Attempt, outcome: str, error: ProviderError | None = None) -> None:
    code, reason = (error.code[:40], error.reason[:500]) if error else ("", "")
    _FINISH.run(pk=attempt.pk, outcome=outcome, code=code, reason=reason)


def _wake_up_next(message: Message) -> None:
    """Wake up a worker for the next message of the conversation, which may have waited for this one."""
    if message.state not in (State.QUEUED, State.WORKING):
        _wake_up(_FOLLOWING.get(pk=message.pk).following)


def _wake_up(following: int | None) -> None:
    if following is not None:
        Message.objects.filter(pk=following, state=State.QUEUED, attempts=0).update(due_at=Now())
        enqueue("messaging.deliver", following)


def _ids(message: Message) -> dict[str, Any]:
    return {
        "tenant_id": message.tenant_id,
        "conversation_id": message.conversation_id,
        "message_id": message.pk,
        "provider": message.channel.provider,
    }


def _unfinished(**where: Any) -> Any:
    return Message.objects.filter(conversation=Slot("conversation"), direction=Direction.OUT, **where)


# Everything that stops a send besides the conversation's own row, in one query under its lock.
_FACTS: CompiledQuery[Any] = CompiledQuery(
    lambda: (
        Message.objects.filter(pk=Slot("pk"), token=Slot("mine"), state=State.WORKING)
        .only("pk")
        .annotate(
            is_uncertain=Exists(Attempt.objects.filter(message=OuterRef("pk"), outcome=Outcome.UNCERTAIN)),
            must_wait=Exists(
                # A message for a later time does not block the others.
                _unfinished(pk__lt=OuterRef("pk"), state__in=literals([State.QUEUED, State.WORKING])).exclude(
                    scheduled_at__gt=Now()
                )
            ),
            switched_off=Exists(OutboundSwitch.objects.filter(is_on=False)),
            channel_failed=has_failures(Slot("channel_key")),
        )
    )
)
_IS_FAILED = Q(delivery=DeliveryStatus.FAILED)
# The next message of the conversation.
_NEXT = Subquery(
    Message.objects.filter(
        conversation=OuterRef("conversation"),
        direction=Direction.OUT,
        pk__gt=OuterRef("pk"),
        state__in=literals([State.QUEUED]),
    )
    .exclude(scheduled_at__gt=Now())
    .order_by("pk")
    .values("pk")[:1]
)
_FOLLOWING: CompiledQuery[Any] = CompiledQuery(
    lambda: Message.objects.filter(pk=Slot("pk")).only("pk").annotate(following=_NEXT)
)
_ACCEPTED: CompiledUpdate[Message] = CompiledUpdate(
    lambda: Message.objects.filter(pk=Slot("pk"), token=Slot("mine"), state=State.WORKING),
    asks=lambda: {"following": _NEXT},
    state=Case(When(_IS_FAILED, then=Value(State.DEAD)), default=Value(State.DONE)),
    last_error=Case(When(_IS_FAILED, then=Value(FAILED_LATER)), default=Value("")),
    token=None,
    lease_until=None,
    held_by="",
    delivery=Case(
        When(delivery_rank__lt=RANK[DeliveryStatus.ACCEPTED], then=Value(DeliveryStatus.ACCEPTED)), default="delivery"
    ),
    delivery_rank=Greatest("delivery_rank", RANK[DeliveryStatus.ACCEPTED]),
    # A provider id that another message has is wrong, and no reason to send again.
    external_id=Case(
        When(
            Exists(Message.objects.called(Slot("sent_id"), channel=Slot("channel")).exclude(pk=Slot("pk"))),
            then=F("external_id"),
        ),
        default=Slot("sent_id", CharField()),
    ),
)
_FINISH: CompiledUpdate[Attempt] = CompiledUpdate(
    lambda: Attempt.objects.filter(pk=Slot("pk")),
    outcome=Slot("outcome"),
    finished_at=Now(),
    code=Slot("code"),
    reason=Slot("reason"),
)
