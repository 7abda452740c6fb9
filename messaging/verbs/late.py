"""A worker that was slow or frozen: what it knows is kept, though its claim of the message may have ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.models.functions import Now

from common.redaction import redact
from common.work import LeaseLost
from messaging.models import Attempt, Message
from messaging.providers.base import Delivery, Outcome, ProviderError, Sent, StatusUpdate
from messaging.verbs.statuses import record_status


def renew(message: Message) -> None:
    """Claim the message for a whole lease from now on; raises LeaseLost."""
    asked_at = time.monotonic()
    message.renew(settings.LEASE_SECONDS)
    message.claimed_at = asked_at


def keep_or_unsent(message: Message, attempt: Attempt) -> None:
    """Claim the message anew, or raise LeaseLost when the sweep has it, and write on the attempt that nothing was sent.

    The sweep took the attempt for begun: left so, the message would be of unknown fate.
    """
    try:
        renew(message)
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
