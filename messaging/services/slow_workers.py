"""A slow or frozen worker: its result is stored although its claim of the message may have ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.models.functions import Now

from common.text.redaction import redact
from common.work.rows import LeaseLost
from messaging.models import Attempt, Message
from messaging.providers.base import DeliveryStatus, Outcome, ProviderError, Sent, StatusUpdate
from messaging.services.statuses import record_status

FRESH_SECONDS = 5.0  # for so long after a claim its lease need not be renewed before the provider is called


def renew_unless_fresh(message: Message) -> None:
    """Extend the claim to a whole lease, unless it is new; raises LeaseLost."""
    if time.monotonic() - message.claimed_at > FRESH_SECONDS:
        _renew(message)


def _renew(message: Message) -> None:
    asked_at = time.monotonic()
    message.renew(settings.LEASE_SECONDS)
    message.claimed_at = asked_at


def renew_or_mark_unsent(message: Message, attempt: Attempt) -> None:
    """Extend the claim when the lease could end during the call, because this process was slow or frozen.

    Raises LeaseLost when the sweep has the message, and records on the attempt that nothing was sent: the sweep took it
    for begun and would leave the message uncertain.
    """
    if time.monotonic() - message.claimed_at <= settings.LEASE_SECONDS - settings.SEND_TIMEOUT_SECONDS:
        return
    try:
        _renew(message)
    except LeaseLost:
        _end(attempt, "unsent")
        raise


@contextmanager
def store_answer_anyway(message: Message, attempt: Attempt, answer: Sent | ProviderError) -> Iterator[None]:
    """Store the provider's answer even when the message cannot be settled because the lease was lost, and raise.

    That it accepted the message is as good as a status: nothing is sent again. That it surely did not is recorded on
    the attempt, so that the message may be sent again.
    """
    try:
        yield
    except LeaseLost:
        if isinstance(answer, Sent):
            channel = message.channel
            update = StatusUpdate(
                external_id=answer.external_id[:255],
                channel=channel.external_id,
                status=DeliveryStatus.ACCEPTED,
                reference=str(message.pk),
            )
            record_status(channel=channel, update=update)
        elif answer.outcome != Outcome.UNCERTAIN:
            _end(attempt, str(answer.outcome), answer)
        raise


def _end(attempt: Attempt, outcome: str, error: ProviderError | None = None) -> None:
    code, reason = (error.code[:40], redact(error.reason)[:500]) if error else ("", "")
    Attempt.objects.filter(pk=attempt.pk).update(outcome=outcome, finished_at=Now(), code=code, reason=reason)
