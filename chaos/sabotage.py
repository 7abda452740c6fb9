"""Broken builds: each replaces one function of the product at its start, and each must turn a run red.

Switched on by the setting SABOTAGE, which is refused in production; the product itself knows nothing of them.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from types import ModuleType
from typing import Any

logger = logging.getLogger("frontdesk.chaos")

ACK_SECONDS = 8.0  # a slow machine kills late
CHECK_SECONDS = 0.3
WRONG_CLOCK = timedelta(minutes=10)


def _put(module: ModuleType, name: str, instead: Callable[..., Any]) -> None:
    setattr(module, name, instead)


def ack_before_commit() -> None:
    """The webhook is answered first and kept a little later."""
    from django.db import connection

    from messaging import webhooks
    from messaging.services.webhook_events import store_webhook

    def later(**given: Any) -> None:
        def work() -> None:
            time.sleep(ACK_SECONDS)
            try:
                store_webhook(**given)
            finally:
                connection.close()

        threading.Thread(target=work, daemon=True).start()

    _put(webhooks, "store_webhook", later)


def check_then_insert() -> None:
    """Duplicates are looked for first and inserted then; the harness takes the constraint away."""
    from messaging.models import Message
    from messaging.models.messages import MessageQuerySet
    from messaging.services import webhook_events
    from messaging.services.receiving import receive

    def looked_for(*, channel: Any, inbound: Any, **more: Any) -> Any:
        if Message.objects.filter(channel=channel, external_id=inbound.external_id).exists():
            return None
        time.sleep(CHECK_SECONDS)
        return receive(channel=channel, inbound=inbound, **more)

    def insert(self: MessageQuerySet, **fields: Any) -> Any:
        fields.setdefault("tenant_id", fields["conversation"].tenant_id)
        return self.create(**fields)

    _put(webhook_events, "receive", looked_for)
    MessageQuerySet.insert_once = insert  # type: ignore[method-assign]  # that is what sabotage is


def no_sweep() -> None:
    """Nobody frees what a dead worker held."""
    from common.work import relay
    from tenants import declarations

    relay.sweep = lambda: 0
    declarations.JOBS.pop("sweep")


def resend_on_expired_lease() -> None:
    """A send whose worker died is queued again, as if it had surely not gone out."""
    from common.work.rows import WorkQuerySet
    from messaging.models.messages import MessageQuerySet

    MessageQuerySet.sweep = WorkQuerySet.sweep  # type: ignore[method-assign]  # that is what sabotage is


def pause_at_the_start_only() -> None:
    """Whether a person has the conversation is read when a turn begins, and never again."""
    from assistant.services import answering, journal, turns
    from messaging.services import delivery, sending, takeover

    def blind(pk: int) -> Any:
        row = takeover.lock_conversation_by_id(pk)
        row.paused_at, row.fence = None, 0
        return row

    _put(delivery, "lock_conversation_by_id", blind)
    for module in (turns, sending, journal):
        module.lock_conversation = lambda conversation: blind(conversation.pk)  # type: ignore[attr-defined]  # that is what sabotage is
    for module in (answering, journal):
        module.refuse_if_fenced = lambda turn, conversation: None  # type: ignore[attr-defined]  # the same


def deadly_text() -> None:
    """A task that kills its process, whenever it meets a certain text."""
    from messaging.services import receiving

    offer = receiving._offer

    def deadly(message: Any, answers: Any) -> str:
        if message.text.startswith("DEADLY"):
            os.kill(os.getpid(), signal.SIGKILL)
        return offer(message, answers)

    receiving._offer = deadly


def clock_ahead() -> None:
    """This process believes that it is later than it is."""
    _turn_clock(WRONG_CLOCK)


def clock_behind() -> None:
    """This process believes that it is earlier than it is."""
    _turn_clock(-WRONG_CLOCK)


def _turn_clock(by: timedelta) -> None:
    from django.utils import timezone

    now, wall = timezone.now, time.time
    timezone.now = lambda: now() + by
    time.time = lambda: wall() + by.total_seconds()


SABOTEURS: dict[str, Callable[[], None]] = {
    act.__name__: act
    for act in (ack_before_commit, check_then_insert, no_sweep, resend_on_expired_lease, pause_at_the_start_only)
}
HANDS: dict[str, Callable[[], None]] = {act.__name__: act for act in (deadly_text, clock_ahead, clock_behind)}


def apply(name: str) -> None:
    """Replace what the saboteur replaces; raises KeyError for one that does not exist."""
    (SABOTEURS | HANDS)[name]()
    logger.warning("sabotaged", extra={"saboteur": name})
