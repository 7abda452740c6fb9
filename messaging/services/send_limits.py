"""Whether and how fast a channel may send: kill switches, and token bucket and circuit breaker in one row.

The bucket is the generic cell rate algorithm (ITU-T I.371): one moment, `full_at`, says when the bucket would be full.
It is one conditional update on the database's clock, so all processes share it and a restart loses nothing.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, DurationField, F, Q, When
from django.db.models.functions import Greatest, Now

from common.db.compiled import CompiledUpdate, Slot, now_plus
from common.work.rows import now_plus_seconds
from messaging.models import Channel, ChannelGate, Conversation
from messaging.queries import provider_of
from tenants.models import OutboundSwitch, Tenant
from tenants.services import outbound_is_on

BREAKER_FAILURES = 5
BREAKER_SECONDS = 20.0
MOST = timedelta(seconds=5)  # the longest wait in the queue of chat messages


def closed_switch(conversation: Conversation, *, surely: bool = False, installation_is_on: bool | None = None) -> str:
    """Return which kill switch stops messages here, as text; "" when none does.

    `surely` waits for a switch that is being changed now: a message is not held after the switch has released the
    others. `installation_is_on` is the installation's own switch, when the caller has just read it.
    """
    if not settings.OUTBOUND_REPLY_ENABLED:
        return "this installation"  # for as long as this process runs: there is nothing to wait for
    channel, tenant = conversation.channel, conversation.tenant
    if surely:
        OutboundSwitch.objects.select_for_update(no_key=True).first()
        tenant = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
        channel = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
    is_on = outbound_is_on() if surely or installation_is_on is None else installation_is_on
    if not is_on:
        return "this installation"
    if not (tenant.outbound_enabled and tenant.is_active):
        return "this tenant"
    if not (channel.outbound_enabled and channel.is_enabled):
        return "this channel"
    return ""


def take_token(*, channel: Channel, is_bulk: bool = False) -> float:
    """Take one token: returns 0.0 when the message may go now, else the seconds to wait before asking again.

    When the bucket is empty, the caller gets a place at the end of a queue, so that of a thousand waiting messages each
    asks about once and not at every token. Messages that nobody waits for (`is_bulk`) have a queue of their own.
    """
    interval, burst = _rate(channel)
    room, step = timedelta(seconds=interval * (burst - 1)), timedelta(seconds=interval)
    if _TAKE.run(channel=channel.pk, room=room, step=step):
        return 0.0
    if ChannelGate.objects.get_or_create(channel=channel)[1]:
        return take_token(channel=channel, is_bulk=is_bulk)
    place = (_BULK_LINE if is_bulk else _CHAT_LINE).update_returning(
        channel=channel.pk, room=room, step=step, most=MOST
    )
    if place is None:  # so long a queue may belong to messages that are gone: ask again, and not all at once
        return random.uniform(0.5, 1.0) * MOST.total_seconds()
    wait: timedelta = place["end"] - step - place["now"]
    return max(0.05, wait.total_seconds())


def return_token(*, channel: Channel) -> None:
    """Put back the token of a message that was not sent."""
    _GIVE_BACK.run(channel=channel.pk, step=timedelta(seconds=_rate(channel)[0]))


def _line(name: str, *conditions: Q) -> CompiledUpdate[ChannelGate]:
    first = Greatest(F(name), F("full_at") - Slot("room", DurationField()), F("closed_until"), Now())
    change: dict[str, Any] = {name: first + Slot("step", DurationField())}
    return CompiledUpdate(
        lambda: ChannelGate.objects.filter(*conditions, channel=Slot("channel")),
        # The wait is the difference of two times of one clock, the database's.
        asks=lambda: {"end": F(name), "now": Now()},
        **change,
    )


# Nobody waits for a full bucket: the end of its queue is of messages that are gone.
_TAKE: CompiledUpdate[ChannelGate] = CompiledUpdate(
    lambda: ChannelGate.objects.filter(channel=Slot("channel"), closed_until__lte=Now(), full_at__lte=now_plus("room")),
    may_be_lost=True,  # a bucket that loses some milliseconds in a crash is only fuller
    full_at=Greatest(F("full_at"), Now()) + Slot("step", DurationField()),
    chat_line_at=Case(When(full_at__lte=Now(), then=Now()), default=F("chat_line_at")),
    bulk_line_at=Case(When(full_at__lte=Now(), then=Now()), default=F("bulk_line_at")),
)
_GIVE_BACK: CompiledUpdate[ChannelGate] = CompiledUpdate(
    lambda: ChannelGate.objects.filter(channel=Slot("channel"), closed_until__lte=Now()),
    may_be_lost=True,
    full_at=F("full_at") - Slot("step", DurationField()),
)
_CHAT_LINE = _line("chat_line_at", Q(chat_line_at__lte=now_plus("most")))
_BULK_LINE = _line("bulk_line_at")


def record_success(*, channel: Channel) -> None:
    """Record that the provider answered: the breaker's failures are reset."""
    ChannelGate.objects.filter(channel=channel, failures__gt=0).update(failures=0)


def record_failure(*, channel: Channel, close_for: float | None = None) -> None:
    """Record that the provider refused or was away.

    `close_for` closes the whole channel for so many seconds (a rate limit). Otherwise the fifth failure in a row opens
    the breaker. When either ends, the bucket has one token: a single message tries first.
    """
    ChannelGate.objects.filter(channel=channel).update(failures=F("failures") + 1)
    if close_for is None:
        row = ChannelGate.objects.filter(channel=channel).first()
        if row is None or row.failures < BREAKER_FAILURES:
            return
        close_for = BREAKER_SECONDS
    interval, burst = _rate(channel)
    until = now_plus_seconds(close_for)
    ChannelGate.objects.filter(channel=channel).update(
        closed_until=Greatest(F("closed_until"), until),
        full_at=Greatest(F("full_at"), until) + timedelta(seconds=interval * (burst - 1)),
    )


def _rate(channel: Channel) -> tuple[float, float]:
    """Return (seconds between two tokens, size of the bucket)."""
    rate = channel.messages_per_second or provider_of(channel).messages_per_second
    return 1.0 / rate, max(1.0, rate)
