"""Whether and how fast a channel may send: kill switches, rate limit and circuit breaker."""

from __future__ import annotations

from django.conf import settings

from common import breakers, rate_limits
from common.rate_limits import Rate
from messaging.models import Channel, Conversation
from messaging.queries import provider_of
from tenants.models import OutboundSwitch, Tenant
from tenants.services import outbound_is_on

BREAKER_FAILURES = 5
BREAKER_SECONDS = 20.0


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


def limits_key(channel_id: int) -> str:
    """Return the key of a channel's rate bucket and of its circuit breaker."""
    return f"channel:{channel_id}"


def use_token(*, channel: Channel, is_bulk: bool = False) -> float:
    """Use one token: returns 0.0 when the message may go now, else the seconds to wait before asking again.

    Messages that nobody waits for (`is_bulk`) have a queue of their own.
    """
    return rate_limits.use_or_queue(limits_key(channel.pk), _rate(channel), is_bulk=is_bulk)


def return_token(*, channel: Channel) -> None:
    """Put back the token of a message that was not sent."""
    rate_limits.return_token(limits_key(channel.pk), _rate(channel))


def record_success(*, channel: Channel) -> None:
    """Record that the provider answered: the breaker's failures are reset."""
    breakers.record_success(limits_key(channel.pk), name=channel.name)


def record_failure(*, channel: Channel, close_for: float | None = None) -> None:
    """Record that the provider refused or was away.

    `close_for` closes the whole channel for so many seconds (a rate limit). Otherwise the fifth failure in a row opens
    the breaker. When either ends, the bucket has one token: a single message tries first.
    """
    opens_after, seconds = (BREAKER_FAILURES, BREAKER_SECONDS) if close_for is None else (1, close_for)
    key = limits_key(channel.pk)
    if breakers.record_failure(key, name=channel.name, opens_after=opens_after, seconds=seconds):
        rate_limits.close_bucket(key, _rate(channel), seconds=seconds)


def _rate(channel: Channel) -> Rate:
    rate = channel.messages_per_second or provider_of(channel).messages_per_second
    return Rate.of(rate, seconds=1)
