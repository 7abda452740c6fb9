"""A worker that was slow or frozen: what it knows is kept, though its claim of the message may have ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.models.functions import Now

from common.text.redaction import redact
from common.work.rows import LeaseLost
from messaging.models import Attempt, Message
from messaging.providers.base import Delivery, Outcome, ProviderError, Sent, StatusUpdate
from messaging.services.statuses import record_status

FRESH_SECONDS = 5.0  # so long after a claim its lease need not be renewed before the provider is called


def renew_unless_fresh(message: Message) -> None:
    """Claim the message for a whole lease from now on, when its claim is not a new one; raises LeaseLost."""
    if time.monotonic() - message.claimed_at > FRESH_SECONDS:
        _renew(message)


def _renew(message: Message) -> None:
    asked_at = time.monotonic()
    message.renew(settings.LEASE_SECONDS)
    message.claimed_at = asked_at


def keep_or_unsent(message: Message, attempt: Attempt) -> None:
    """Where the lease could end during the call, claim the message anew: this process was slow or frozen.

    Raises LeaseLost when the sweep has the message, and writes on the attempt that nothing was sent: the sweep took it
    for begun, and left so the message would be of unknown fate.
    """
    if time.monotonic() - message.claimed_at <= settings.LEASE_SECONDS - settings.SEND_TIMEOUT_SECONDS:
        return
    try:
        _renew(message)
    except LeaseLost:
        _end(attempt, "unsent")
        raise


@contextmanager
def keeping(message: Message, attempt: Attempt, answer: Sent | ProviderError) -> Iterator[None]:
    """Where the end cannot be written because the lease was lost: keep the provider's answer all the same, and raise.

    That it took the message is as good as a status that tells so: nothing is sent again. That it surely did not is
    written on the attempt, so that the message may go again.
    """
    try:
        yield
    except LeaseLost:
        if isinstance(answer, Sent):
            channel = message.channel
            update = StatusUpdate(
                external_id=answer.external_id[:255],
                channel=channel.external_id,
                status=Delivery.ACCEPTED,
                reference=str(message.pk),
            )
            record_status(channel=channel, update=update)
        elif answer.outcome != Outcome.UNCERTAIN:
            _end(attempt, str(answer.outcome), answer)
        raise


def _end(attempt: Attempt, outcome: str, error: ProviderError | None = None) -> None:
    code, reason = (error.code[:40], redact(error.reason)[:500]) if error else ("", "")
    Attempt.objects.filter(pk=attempt.pk).update(outcome=outcome, finished_at=Now(), code=code, reason=reason)
